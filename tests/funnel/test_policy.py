"""The policy file, and every mistake in it."""

import pytest

from bot.policy_file import example_path
from funnel.conditions import Condition
from funnel.errors import NotAllowed, PolicyError
from funnel.lead import Facts, Subject
from funnel.policy import Policy, parse_policy
from funnel.roles import Act, Person, Role, Roles
from funnel.routing import choose_route

EXAMPLE = example_path().read_text(encoding="utf-8")


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
        ('channel = "#inbound"', 'channel = ""', "route[1].channel"),
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
        ('"once per day"\ncap', '"once a day"\ncap', "behaviour[3].at_most"),
        ('name = "Web site and mails"\ncap = 35', 'name = "Web site and mails"\ncap = 0', "group[0].cap"),
        ('email = "email", name', 'mail = "email", name', "form[0].fields: a lead has no field 'mail'; did you mean"),
        ("ignore_dots_at = []", 'ignore_dots_at = ["@gmail.com"]', "identity.ignore_dots_at[0]"),
        ("threshold = 50\n", "treshold = 50\n", "segment[0].treshold: no such key; did you mean threshold?"),
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
    ],
)
def test_a_condition_holds_a_value_against_its_tests(tests: dict[str, object], value: object, holds: bool) -> None:
    assert Condition(field="x", **tests).holds({"x": value}.get) is holds  # type: ignore[arg-type]


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
