"""What operators type: the policy, what was handed in, merges, who is hot."""

import json
import re
from pathlib import Path

import pytest

from bot.policy_file import example_path
from bot.policy_remarks import policy_remarks
from funnel.policy import parse_policy
from tests.support.command_line import CommandResult, baton

EXAMPLE = example_path().read_text(encoding="utf-8")
LOWER = EXAMPLE.replace("threshold = 60 ", "threshold = 45 ").replace('version = "2026-11"', 'version = "lower"')


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a policy and three leads, two of whom are one person."""
    (tmp_path / "policy.toml").write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / "new.toml").write_text(LOWER, encoding="utf-8")
    (tmp_path / "leads.csv").write_text(
        "email,name,title,employees,source\n"
        "dana@acme.example,Dana Fields,VP Sales,200,fair\n"
        "d.fields@acme.example,Dana Fields,,,web\n"
        "kim@novum.example,Kim,Engineer,80,web\n",
        encoding="utf-8",
    )
    done = baton(tmp_path, "import", "leads.csv")
    assert "3 new leads" in done.stdout, done.stderr
    return tmp_path


def _said(done: CommandResult) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_policy_is_shown_as_sentences_and_as_it_was_written(place: Path) -> None:
    told = _said(baton(place, "policy", "show"))
    assert "+20 Webinar attended: each “webinar”, half of it left after 30 days, at most 40 in all" in told
    assert "Enterprise (employees is at least 1,000): 50 points will do" in told
    assert _said(baton(place, "policy", "show", "--toml")).strip() == EXAMPLE.strip()


def test_a_new_policy_is_held_against_the_history_and_put_in_force(place: Path) -> None:
    told = _said(baton(place, "policy", "backtest", "new.toml", "--per-week", "5"))
    assert "The same MQLs as under 2026-11+" in told
    assert "Whatever the threshold, there are no more than 5 MQLs a week to be had." in told
    found = json.loads(_said(baton(place, "policy", "backtest", "new.toml", "--json")))
    assert (found["leads"], found["new"]["leads"]) == (3, 0)
    assert "Policy lower+" in _said(baton(place, "policy", "load", "new.toml", "--author", "ada"))
    history = json.loads(_said(baton(place, "policy", "history", "--json")))
    assert [(one["policy"].partition("+")[0], one["by"]) for one in history] == [
        ("lower", "baton policy load new.toml"),
        ("2026-11", "a change of policy.toml"),
    ]
    assert history[0]["author"] == "ada"
    assert re.search(r"ada +baton policy load new.toml", _said(baton(place, "policy", "history")))
    assert "leads scored under policy lower+" in _said(baton(place, "policy", "rescore"))
    assert "policy lower+" in _said(baton(place, "lead", "kim@novum.example"))


def test_a_file_with_a_mistake_leaves_the_policy_in_force(place: Path) -> None:
    (place / "policy.toml").write_text(EXAMPLE.replace("threshold = 60", "treshold = 60"), encoding="utf-8")
    done = baton(place, "lead", "kim@novum.example")
    assert "policy 2026-11+" in _said(done)
    assert "mql.threshold: is missing" in done.stderr
    assert baton(place, "policy", "check").returncode == 1


def test_oddities_of_a_policy_are_told_and_are_no_mistakes(place: Path) -> None:
    (place / "odd.toml").write_text(EXAMPLE.replace('"Germany"', '"DE"'), encoding="utf-8")
    done = baton(place, "policy", "check", "odd.toml")
    assert "odd.toml is fine" in _said(done)
    assert re.search(r"odd.toml, line \d+: fit\[2\].when\[0\]: “DE” is stored as “Germany”; write that", done.stderr)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ('field = "country", equals = "DE"', "“DE” is stored as “Germany”; write that"),
        ('field = "country", equals = "GERMANY"', ""),
        ('field = "free_mail", equals = "perhaps"', "free_mail is yes or no, never “perhaps”"),
        ('field = "free_mail", equals = "Yes"', ""),
        ('field = "country", equals = "Germny"', "“Germny” is no country that Baton knows; did you mean “Germany”?"),
        (
            'field = "country", equals = "Mars"',
            "“Mars” is no country that Baton knows, and is compared as it is written",
        ),
        ('field = "employees", equals = "many"', "employees is a number, never “many”"),
        ('field = "employees", one_of = ["50", "many"]', "employees is a number, never “many”"),
    ],
)
def test_a_condition_that_meets_nobody_is_told_wherever_it_stands(asked: str, told: str) -> None:
    when = f'when = [{{ field = "email", present = true }}, {{ {asked} }}]'
    places = {
        "fit[5]": f'[[fit]]\nname = "new"\npoints = 1\n{when}',
        "segment[1]": f'[[segment]]\nname = "new"\nthreshold = 9\n{when}',
        "exclude[4]": f'[[exclude]]\nname = "new"\n{when}',
        "mql.hand_raise[2]": f'[[mql.hand_raise]]\nname = "new"\n{when}',
        "route[2]": f'[[route]]\nname = "new"\nchannel = "#new"\n{when}',
    }
    for place, rule in places.items():
        remarks = [one for one in remarks_on(f"{EXAMPLE}\n{rule}\n") if "route" not in one or "when" in one]
        assert remarks == ([f"{place}.when[1]: {told}"] if told else [])


def remarks_on(text: str) -> list[str]:
    return [remark.sentence for remark in policy_remarks(parse_policy(text))]


def test_two_leads_are_merged_by_address_or_id(place: Path) -> None:
    assert "Lead 2 is part of lead 1 now (Dana Fields)." in _said(
        baton(place, "lead", "merge", "d.fields@acme.example", "1", "--yes")
    )
    again = baton(place, "lead", "merge", "1", "2")
    assert (again.returncode, again.stderr) == (1, "baton: These two are one lead already.\n")
    assert "merged with lead 2" in _said(baton(place, "lead", "2"))
    assert json.loads(_said(baton(place, "lead", "--json", "d.fields@acme.example")))["id"] == 1


def test_a_score_that_another_policy_counted_is_marked(place: Path) -> None:
    assert "–" in _said(baton(place, "leads"))
    _said(baton(place, "policy", "rescore"))
    listed = baton(place, "leads")
    assert re.search(r"Dana Fields .* 45 ", _said(listed))
    assert listed.stderr == ""
    _said(baton(place, "policy", "load", "new.toml"))
    listed = baton(place, "leads")
    assert re.search(r"Dana Fields .* 45\* ", _said(listed))
    assert "* as it was counted under another policy" in listed.stderr
    one = json.loads(_said(baton(place, "leads", "--json")))[0]
    assert one["score_as_of"].replace("+00:00", "Z") == one["scored_at"]


def test_why_a_lead_is_no_mql_ends_with_what_would_make_it_one(place: Path) -> None:
    told = _said(baton(place, "lead", "dana@acme.example"))
    assert "Score 45 = 45 fit + 0 behaviour; 60 make an MQL (policy 2026-11+" in told
    assert "  → It needs 15 more points; “Webinar attended” would do." in told
    assert "  → It would take the route Inbound, to #inbound." in told
    assert told.count("15 more points") == 1


def test_nothing_failed_and_nobody_is_hot_is_said(place: Path) -> None:
    assert _said(baton(place, "intake", "failed")) == "Nothing failed.\n"
    assert json.loads(_said(baton(place, "leads", "--hot", "--json"))) == []
    assert (
        baton(place, "intake", "show", "7").stderr == "baton: Nothing was handed in under 7; see: baton intake failed\n"
    )


def test_several_who_match_are_listed_with_their_ids(place: Path) -> None:
    done = baton(place, "lead", "fields")
    assert (done.returncode, done.stdout) == (1, "")
    first, second, why = done.stderr.splitlines()
    assert {first[:22], second[:22]} == {"Lead 1: Dana Fields, d", "Lead 2: Dana Fields, d"}
    assert why.startswith("baton: More than one lead matches “fields”; use the e-mail address or the id: baton lead ")
    rows = "".join(f"p{number}@many.example,P {number}\n" for number in range(6))
    (place / "many.csv").write_text(f"email,name\n{rows}", encoding="utf-8")
    baton(place, "import", "many.csv", "--source", "fair")
    told = baton(place, "lead", "many").stderr.splitlines()
    assert [one[:5] for one in told] == ["Lead "] * 5 + ["… and", "baton"]


def test_a_filter_that_nobody_meets_is_told_as_such(place: Path) -> None:
    assert _said(baton(place, "leads", "--stage", "customer")) == "No lead is like that.\n"


def test_one_new_lead_is_one(place: Path) -> None:
    (place / "one.csv").write_text("email\nnew@one.example\n", encoding="utf-8")
    told = _said(baton(place, "import", "one.csv", "--source", "fair"))
    assert told == "1 row read: 1 new lead, 0 known already, 0 refused.\n"
