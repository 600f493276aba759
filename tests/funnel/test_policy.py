"""The policy file, and every mistake in it."""

import pytest
from pydantic import ValidationError

from bot.policy_file import example_path
from funnel.conditions import Condition
from funnel.errors import NotAllowed, PolicyError
from funnel.lead import Facts, Subject
from funnel.policy import Policy, parse_policy
from funnel.roles import Act, Person, Role, Roles
from funnel.routing import choose_route

EXAMPLE = example_path().read_text(encoding="utf-8")
AT_LEAST = "at_least = 50"


def test_the_example_is_a_good_policy_and_comments_every_key() -> None:
    policy = parse_policy(EXAMPLE)
    assert policy.stamp.startswith("2026-11+")
    for section in ("announce", "sql", "reasons", "recycle", "roles", "prospect", "mql", "identity"):
        for key in type(getattr(policy, section)).model_fields:
            assert key in EXAMPLE, f"{section}.{key}"
    for rules in ("fit", "group", "behaviour", "segment", "exclude", "route", "form"):
        for key in type(getattr(policy, rules)[0]).model_fields:
            assert key in EXAMPLE, f"{rules}.{key}"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("threshold = 60", "treshold = 60", "mql.treshold: no such key; did you mean threshold?"),
        ("threshold = 60", "", "mql.threshold: is missing"),
        ('channel = "#inbound"', "chanel = 1", "route[1].chanel: no such key; did you mean channel?"),
        ('half_life = "14d"', 'half_life = "fortnight"', "behaviour[0].half_life: 'fortnight' is no span of time"),
        ('must = ["need"]', 'must = ["love"]', "sql.must[0]"),
        ("at_least = 3 ", "at_least = 9 ", "sql.at_least"),
        (r"\b(student|intern)\b", "(student", "fit[4].when[0].matches: is not a regular expression"),
        ("version =", "version", "This is not TOML"),
        (
            'field = "title"',
            'field = "titel"',
            "fit[0].when[0].field: a lead has no field 'titel'; did you mean title?",
        ),
        ('required = ["email"]', 'required = ["emial"]', "did you mean email?"),
        (
            'channel = "#inbound"',
            'channel = ""',
            "route[1].channel: “” is no channel: write its id (C…, from “Copy link”)",
        ),
        (
            'currencies = ["EUR"',
            'currencies = ["euro"',
            "currencies[0]: “euro” is no currency: write the three capitals",
        ),
        (
            'rejected = ["Wrong territory", "Bad data", "Not our market", "Duplicate", "Existing customer"]',
            "rejected = []",
            "reasons.rejected: needs at least one",
        ),
        (AT_LEAST, "equals = [1]", "fit[1].when[0].equals: must be one text, one number, true or false; several"),
        ("points = 25", 'points = "many"', "fit[0].points: must be a number"),
        ("points = 25", "points = 9_000_000", "fit[0].points: must be at most 1,000,000"),
        ("threshold = 60 ", "threshold = 0 ", "mql.threshold: must be more than 0"),
        ("[recycle]", "[[recycle]]", "recycle: must be a table of keys and values"),
        ('required = ["email"]', 'required = "email"', "mql.required: must be a list, in [ ]"),
        ("ignore_plus_tags = false", 'ignore_plus_tags = "never"', "identity.ignore_plus_tags: must be true or false"),
        ('name = "demo"', 'name = "Demo form"', "form[0].name: “Demo form” has other characters than small letters"),
        ('shape = "flat"', 'shape = "round"', "form[0].shape: “round” is none of 'typeform', 'hubspot', 'webflow' or"),
        (
            "# [[person]]",
            '[[team]]\nname = "T"\nmembers = ["Ana", "U1ANA"]\n#',
            "team[0].members[0]: “Ana” is no Slack user id: a profile shows it under “⋮”, “Copy member ID” (U…)",
        ),
        ("points = 25", "points = nan", "fit[0].points"),
        ('half_life = "14d"', 'half_life = "0d"', "behaviour[0].half_life: a span of time must be longer than nothing"),
        ('half_life = "14d"', 'half_life = "99999999999999d"', "is no span of time"),
        ('half_life = "14d"', "half_life = -5", "is no span of time"),
        ('"Bad data", ', '"Bad data", "Bad data", ', "reasons.rejected: names a reason twice"),
        ("everyone = [", 'everyone = ["boss", ', "roles.everyone[0]"),
        (
            'group = "Web site and mails"',
            'group = "Web"',
            "behaviour[0].group: there is no group 'Web'; there are Web site",
        ),
        ('name = "White paper"', 'name = "Pricing page"', "behaviour[2].name: there are two called 'Pricing page'"),
        ('"once per day"\ncap', '"once a day"\ncap', "behaviour[3].at_most: “once a day” is none of"),
        ('name = "Web site and mails"\ncap = 35', 'name = "Web site and mails"\ncap = 0', "group[0].cap"),
        ('email = "email", name', 'mail = "email", name', "form[0].fields: a lead has no field 'mail'; did you mean"),
        ("ignore_dots_at = []", 'ignore_dots_at = ["@gmail.com"]', "identity.ignore_dots_at[0]"),
        ("threshold = 50\n", "treshold = 50\n", "segment[0].treshold: no such key; did you mean threshold?"),
        ("threshold = 50\n", "", "segment[0]: needs a threshold or a fit_minimum of its own"),
        (AT_LEAST, "at_least = 5001", "fit[1].when[0]: no number is at least 5001 and at most 5000; swap the two"),
        (AT_LEAST, "at_least = inf", "fit[1].when[0].at_least: must be a finite number"),
        (AT_LEAST, "equals = nan", "fit[1].when[0].equals: must be a finite number"),
        (AT_LEAST, 'equals = ""', "fit[1].when[0].equals: no value is an empty text; present = false asks for what"),
        (AT_LEAST, "one_of = []", "fit[1].when[0].one_of: is empty, so that no value meets it; name at least one"),
        (AT_LEAST, 'one_of = ["50", " "]', "fit[1].when[0].one_of: has an empty text, which no value is"),
        (AT_LEAST, "equals = 6000", "fit[1].when[0]: no value meets all of its tests: 6000 (equals) does not meet"),
        (
            'where = [{ field = "path", matches = "^/pricing"',
            'where = [{ field = "path", equals = ""',
            "behaviour[0].where",
        ),
        ('kind = "contact_request"\n\n# Leads', "\n# Leads", "mql.hand_raise[1]: needs a kind of engagement"),
    ],
)
def test_a_mistake_is_named_by_its_key_path(old: str, new: str, told: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(PolicyError) as refused:
        parse_policy(EXAMPLE.replace(old, new))
    assert told in refused.value.sentence


def test_every_mistake_is_named_at_once() -> None:
    broken = EXAMPLE.replace("threshold = 60", "").replace('channel = "#inbound"', "")
    with pytest.raises(PolicyError) as refused:
        parse_policy(broken)
    assert len(refused.value.mistakes) == 2


@pytest.mark.parametrize(
    ("tests", "value", "holds"),
    [
        ({"equals": "Germany"}, "germany", True),
        ({"one_of": ["A", "B"]}, "b", True),
        ({"one_of": ["A", "B"]}, "c", False),
        ({"at_least": 50, "at_most": 100}, 75, True),
        ({"at_least": 50}, "many", False),
        ({"matches": r"\bvp\b"}, "Senior VP", True),
        ({"matches": r"\bvp\b"}, None, False),
        ({"present": True}, "", False),
        ({"present": False}, None, True),
        ({"equals": True}, True, True),
        *(({"equals": number}, value, True) for number in (50, 50.0, "50") for value in (50, 50.0, "50")),
        ({"equals": 50}, "50.0", True),
        ({"equals": "50.0"}, 50, True),
        ({"equals": "007"}, "7", False),
        ({"equals": 50}, 51, False),
        ({"equals": 50}, "fifty", False),
        ({"equals": 9007199254740993}, 9007199254740992, False),
        ({"one_of": ["50", "60"]}, 60.0, True),
        ({"one_of": ["50", "60"]}, 70, False),
        *(({"equals": yes}, True, True) for yes in (True, "yes", "Yes", "true", 1, 1.0)),
        *(({"equals": no}, False, True) for no in (False, "no", "No", "false", 0)),
        *(({"equals": True}, yes, True) for yes in ("true", "Yes", "1", 1, 1.0)),
        ({"equals": "yes"}, False, False),
        ({"equals": "perhaps"}, True, False),
        ({"one_of": ["yes", "perhaps"]}, True, True),
        ({"equals": True, "one_of": ["yes"]}, "no", False),
        ({"equals": "B"}, ["a", "b"], True),
        ({"equals": "c"}, ["a", "b"], False),
        ({"equals": "a"}, [], False),
        ({"equals": "yes"}, [False, True], True),
        ({"one_of": ["b", "c"]}, ["a", "b"], True),
        ({"at_least": 50}, [10, 60], True),
        ({"at_least": 50, "at_most": 70}, [10, 100], False),
        ({"present": True}, ["a"], True),
    ],
)
def test_a_condition_holds_a_value_against_its_tests(tests: dict[str, object], value: object, holds: bool) -> None:
    assert Condition(field="x", **tests).holds({"x": value}.get) is holds  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "tests",
    [
        {"equals": ""},
        {"one_of": []},
        {"at_least": 10, "at_most": 5},
        {"equals": "c", "one_of": ["a", "b"]},
        {"equals": 5, "at_least": 10},
        {"equals": "Spain", "matches": "^fr"},
    ],
)
def test_what_no_value_can_meet_is_no_condition(tests: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Condition(field="x", **tests)  # type: ignore[arg-type]


def test_a_route_may_be_for_a_segment() -> None:
    text = EXAMPLE.replace(
        'when = [{ field = "employees", at_least = 1000 }]\n\n[[route]]',
        'when = [{ field = "segment", equals = "Enterprise" }]\n\n[[route]]',
    )
    policy = parse_policy(text)
    assert policy.route[0].when[0].field == "segment"
    assert choose_route(Subject(Facts(employees=5000), "web"), 80, policy).name == "Enterprise"
    assert choose_route(Subject(Facts(employees=50), "web"), 80, policy).name == "Inbound"


def test_the_first_matching_route_takes_a_lead_and_the_last_one_the_rest(policy: Policy) -> None:
    assert choose_route(Subject(Facts(employees=5000), "web"), 80, policy).name == "Enterprise"
    assert choose_route(Subject(Facts(), "web"), 80, policy).name == "Inbound"
    strict = parse_policy(
        EXAMPLE + '\n[[route]]\nname = "X"\nchannel = "C123"\nwhen = [{field="source", equals="fair"}]\n'
    )
    only = strict.model_copy(update={"route": strict.route[-1:]})
    assert choose_route(Subject(Facts(), "web"), 80, only).name == "X"


def test_roles_decide_who_may_and_the_refusal_says_who_can() -> None:
    roles = Roles(sdr=["U1"], marketer=["U2"], everyone=[])
    roles.check(Person(id="U1"), Act.CLAIM)
    with pytest.raises(NotAllowed, match="these can: admin, manager, rep, sdr"):
        roles.check(Person(id="U2"), Act.CLAIM)
    with pytest.raises(NotAllowed, match="Guests"):
        roles.check(Person(id="U1", outsider=True), Act.CLAIM)


def test_who_is_in_no_list_has_the_roles_of_everyone() -> None:
    assert Roles().of(Person(id="U9")) == {Role.SDR, Role.REP, Role.MARKETER}
