"""A name that holds escape sequences or direction marks reaches nobody's terminal, and nobody's card."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from bot.cli.output import say_json
from bot.usecases.draft import EngagementIn, LeadIn, to_draft, to_seen
from tests.support.clock import START
from tests.support.command_line import baton
from tests.support.world import World

EVIL = "Dana\x1b[31m\u202e Fields\x9b2J\u200b"


def test_facts_are_made_visible_where_they_are_normalised(world: World) -> None:
    lead = {"email": "dana@acme.example", "name": EVIL, "company": "A\u2066cme", "external_id": "7\u200b"}
    told: dict[str, Any] = {"attributes": {"note\x1b[1m": "one\n\u202etwo", "who": "Zoë 👩‍💻", "deep": ["\x07x"]}}
    lead_id = world.send_lead(**lead, **told)
    shown = world.http.get(f"/v1/leads/{lead_id}").json()
    assert (shown["name"], shown["company"], shown["names"]) == ("Dana Fields", "Acme", ["web:7"])
    assert shown["attributes"] == {"note": "one\ntwo", "who": "Zoë 👩‍💻", "deep": ["x"]}


def test_a_name_of_which_nothing_can_be_seen_is_none() -> None:
    draft = to_draft(LeadIn(source="w\u200beb", email="a@b.example", name="\u200b\u202e", title="👨‍👩‍👧‍👦"), START)
    assert (draft.source, draft.facts.name, draft.facts.title) == ("web", None, "👨‍👩‍👧‍👦")
    seen = to_seen(EngagementIn(email="a@b.example", kind="web\x1b[2Jinar", properties={"p": "\u202ex"}), START)
    assert (seen.event.kind, seen.event.properties) == ("webinar", {"p": "x"})


def _store_with(here: Path, **columns: str) -> None:
    """A database with a lead as it may have been stored before."""
    (here / "list.csv").write_text("email,name,company\ndana@acme.example,Dana,R&D\n", encoding="utf-8")
    assert baton(here, "import", "list.csv", "--source", "fair").returncode == 0
    with create_engine(f"sqlite:///{here / 'baton.db'}").begin() as connection:
        for name, value in columns.items():
            connection.execute(text(f"UPDATE lead SET {name} = :value"), {"value": value})


@pytest.mark.parametrize("command", [["lead", "dana@acme.example"], ["leads"], ["lead", "dana@acme.example", "--json"]])
def test_nothing_of_an_old_row_moves_the_cursor(here: Path, command: list[str]) -> None:
    _store_with(here, name=EVIL, attributes=json.dumps({"note": EVIL, "k\x1b[1m": "v"}))
    result = baton(here, *command)
    assert not set(result.stdout + result.stderr) & set("\x1b\x9b\u202e\u200b")
    if "--json" in command:
        assert json.loads(result.stdout)["name"] == EVIL
    else:
        assert "Dana Fields" in result.stdout


def test_the_terminal_shows_an_ampersand_as_one(here: Path) -> None:
    policy = (Path(__file__).parents[2] / "policy.example.toml").read_text(encoding="utf-8")
    policy = policy.replace('name = "Senior title"', 'name = "R&D <lead>"')
    (here / "policy.toml").write_text(policy, encoding="utf-8")
    (here / "list.csv").write_text("email,title,company\na@acme.example,VP R&D,R&D\n", encoding="utf-8")
    assert baton(here, "import", "list.csv", "--source", "fair").returncode == 0
    for command in (["lead", "a@acme.example"], ["leads"], ["policy", "show"]):
        told = baton(here, *command).stdout
        assert "R&D" in told
        assert "&amp;" not in told
        assert "&lt;" not in told
    assert "R&D <lead>" in baton(here, "lead", "a@acme.example").stdout


def test_an_old_name_turns_no_card_round(world: World) -> None:
    world.send_mql(name="Dana Fields")
    with world.store.begin() as tx:
        tx.connection.execute(text("UPDATE lead SET name = :name"), {"name": EVIL})
    world.run()
    card = world.card()
    assert not set(card.text + str(card.blocks)) & set("\x1b\x9b\u202e\u200b")
    assert "Dana Fields" in card.text


def test_json_says_what_cannot_be_seen_by_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    data = {"name": EVIL + "\x85\u2028\x7f", "emoji": "👩‍💻", "lines": "a\nb\tc"}
    say_json(data)
    told = capsys.readouterr().out
    assert json.loads(told) == data
    assert not set(told) & set("\x1b\x9b\u202e\u200b\x85\u2028\x7f")


@pytest.mark.parametrize("unseen", ["\u200b", "\x1b[31m", "\x07", " \u200e ", "\u00ad"])
def test_an_id_or_a_source_that_nobody_can_see_is_none(sqlite_world: World, unseen: str) -> None:
    for lead in ({"external_id": unseen}, {"external_id": "7", "source": unseen, "system": unseen}):
        answer = sqlite_world.http.post("/v1/leads", json={"source": "tests"} | lead)
        assert answer.status_code in (403, 422), answer.text
    with sqlite_world.store.read() as tx:
        assert tx.leads.count_by_stage() == {}
