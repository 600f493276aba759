"""What is no mistake in a policy and probably not meant is told, with its place."""

import pytest

from bot.policy_file import example_path, placed
from bot.policy_remarks import policy_remarks
from funnel.policy import parse_policy

EXAMPLE = example_path().read_text(encoding="utf-8")
TEAM = '\n[[team]]\nname = "Inbound"\nmembers = ["U1ANA", "U2BEN"]\n'
ROUTE = 'channel = "#inbound"'
OURS = f'{ROUTE}\nteam = "Inbound"'
PERSON = '\n[[person]]\nid = "U1ANA"\n'


def remarks_on(text: str) -> list[str]:
    return [remark.sentence for remark in policy_remarks(parse_policy(text))]


def changed(*changes: tuple[str, str]) -> str:
    text = EXAMPLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_the_example_has_no_oddities() -> None:
    assert remarks_on(EXAMPLE) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("fit_minimum = 20 ", "fit_minimum = 61 ", "mql.fit_minimum: nobody has 61 points for who they are: the fit "),
        (
            "threshold = 50",
            "fit_minimum = 70",
            "segment[0].fit_minimum: nobody has 70 points for who they are: the fit",
        ),
        ("fit_minimum = 20\nb", "fit_minimum = 99\nb", "prospect.fit_minimum: nobody has 99 points for who they are"),
        (
            "threshold = 60 ",
            "threshold = 500 ",
            "mql.threshold: nobody reaches 500: there are at most 60 points for who they are and 179 for what they did; "
            "only a raised hand makes an MQL",
        ),
        ("threshold = 50", "threshold = 240", "segment[0].threshold: nobody reaches 240: there are at most 60 points"),
        ("points = 25", "points = true", "fit[0].points: true counts as 1; write the number"),
        ("at_least = 50,", "at_least = false,", "fit[1].when[0].at_least: false counts as 0; write the number"),
        (
            'kind = "webinar"',
            'kind = "Webinar "',
            "behaviour[1].kind: “Webinar ” has blanks around it, and no engagement",
        ),
        ('kind = "demo_request"\n\n[[mql', 'kind = " x"\n\n[[mql', "mql.hand_raise[0].kind: “ x” has blanks around it"),
        (
            "sdr = []",
            'sdr = ["U1ANA", "Ana"]',
            "roles.sdr[1]: “Ana” is no Slack user id, so nobody has the role by it;",
        ),
        ("rep = []", 'rep = ["ana@x.example"]', "roles.rep[0]: “ana@x.example” is no Slack user id, so nobody has the"),
        ("admin = []", 'admin = ["@ana"]', "roles.admin[0]: “@ana” is no Slack user id, so nobody has the role by it;"),
        (
            'default = "30d"',
            'default = "731d"',
            "recycle.default: 731 days are more than the longest that can be chosen,",
        ),
        (
            "[[group]]\nname",
            '[[group]]\nname = "x"\ncap = 1\n\n[[group]]\nname',
            "group[0]: no rule is of the group “x”, so its cap",
        ),
        (
            ROUTE,
            f'{ROUTE}\nwhen = [{{ field = "score", at_least = 5 }}]',
            "route[1]: “Inbound” is the last route, so it takes whom no other takes, whatever its conditions say",
        ),
        (
            "[[route]]",
            '[[route]]\nname = "All"\nchannel = "#a"\n\n[[route]]',
            "route[0]: “All” takes everybody, so the",
        ),
        ("# --- Forms", f"{TEAM}# --- Forms", "team[0]: no route names the team “Inbound”, so it gets no leads"),
        (
            "# --- Forms",
            f"{PERSON}# --- Forms",
            "person[0].id: U1ANA is in no [[team]], so what is said of them changes nothing",
        ),
    ],
)
def test_an_oddity_is_told_with_its_key_path(old: str, new: str, told: str) -> None:
    (remark,) = remarks_on(changed((old, new)))
    assert remark.startswith(told)


@pytest.mark.parametrize(
    ("keys", "more", "told"),
    [
        ("", "", ""),
        ("", PERSON, ""),
        ('assign = ["round robin"]\nstep = [{ after = "2h", do = "assign", to = "U9FAR" }]', "", ""),
        ('assign = ["person"]\nperson = "U9FAR"', PERSON.replace("U1ANA", "U9FAR"), ""),
        (
            'assign = ["account owner", "open", "round robin", "weighted"]',
            "",
            "route[1].assign: “open” always does, so what stands after it is never tried: round robin, weighted",
        ),
        (
            'assign = ["round robin"]\nperson = "U9FAR"',
            "",
            'route[1].person: is never asked for: put "person" into assign to give leads to U9FAR',
        ),
        (
            'step = [{ after = "2h", do = "remind" }, { after = "2h", do = "manager" }]',
            "",
            "route[1].step[1]: tells nobody: the team “Inbound” has no managers",
        ),
        ("", PERSON + PERSON, "person[1].id: there is a [[person]] U1ANA already; write what holds for them once"),
    ],
)
def test_oddities_of_teams_and_ladders_are_told(keys: str, more: str, told: str) -> None:
    text = changed((ROUTE, f"{OURS}\n{keys}")) + TEAM + more
    assert remarks_on(text) == ([told] if told else [])


def test_a_member_who_is_named_twice_is_told() -> None:
    twice = TEAM.replace('"U2BEN"', '"U1ANA"')
    assert remarks_on(changed((ROUTE, OURS)) + twice) == ["team[0].members: U1ANA is named 2 times; once is enough"]


def test_a_threshold_is_within_reach_where_any_rule_has_no_bound() -> None:
    unbound = changed(("threshold = 60 ", "threshold = 9000 "), ('half_life = "30d"\ncap = 40', 'half_life = "30d"'))
    assert remarks_on(unbound) == []
    once = unbound.replace('kind = "webinar"', 'kind = "webinar"\nat_most = "once ever"')
    assert remarks_on(once)[0].startswith("mql.threshold: nobody reaches 9000")


def test_an_oddity_has_the_line_it_stands_on() -> None:
    text = changed(("threshold = 60 ", "threshold = 500 "))
    (remark,) = policy_remarks(parse_policy(text))
    line = text.split("\n").index("threshold = 500           # fit + behaviour must reach this") + 1
    assert placed(remark, text, "policy.toml").sentence.startswith(f"policy.toml, line {line}: mql.threshold: ")


def test_a_form_of_a_kind_that_no_rule_counts_is_told() -> None:
    form = '\n[[form]]\nname = "page"\nkind = "demo_reqest"\nfields = { email = "email" }\n'
    told = "form[1].kind: no rule counts it: there is none for “demo_reqest” (did you mean demo_request?)"
    assert remarks_on(EXAMPLE + form) == [told]
    assert remarks_on(EXAMPLE + form.replace("reqest", "request")) == []
