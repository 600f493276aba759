"""A modal is handed in, the answer gets lost, and its person presses again: the same answer, and one effect."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import MetaData, func, select, text

from bot.playground.lines import Json, Line
from bot.playground.people import People
from bot.playground.workspace import Message
from tests.support.filling import values
from tests.support.world import ANA, BEN, MAYA, RITA, World


class StammeringLine:
    """A line on which each modal is handed in several times, one after the other or all at once."""

    def __init__(self, world: World, line: Line, count: int, *, at_once: bool) -> None:
        self._world, self._line, self._count, self._at_once = world, line, count, at_once
        self.handed_in = 0

    def send(self, kind: str, payload: Json) -> Json:
        if payload.get("type") != "view_submission":
            return self._line.send(kind, payload)
        self.handed_in += 1
        if self._at_once:
            with ThreadPoolExecutor(self._count) as threads:
                answers = list(threads.map(lambda _: self._line.send(kind, payload), range(self._count)))
        else:
            answers = [self._line.send(kind, payload)]
            rows = _rows(self._world)
            for _ in range(1, self._count):
                self._world.clock.advance(minutes=3)
                answers.append(self._line.send(kind, payload))
            assert _rows(self._world) == rows
        assert answers == [{}] * self._count
        return answers[0]

    def close(self) -> None:
        self._line.close()


def _rows(world: World) -> dict[str, int]:
    """How many rows each table has."""
    tables = MetaData()
    with world.store.read() as tx:
        tables.reflect(tx.connection)
        counts = {
            name: tx.connection.scalar(select(func.count()).select_from(one)) for name, one in tables.tables.items()
        }
    return {name: counts[name] for name in sorted(counts)}


def _owned(world: World) -> Message:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    return card


def _bant(world: World, people: People, **filled: str) -> None:
    people.click(ANA, _owned(world), "log_bant")
    view = world.view(ANA)
    if "wake_on" in filled:
        people.choose(ANA, view["id"], "outcome", "recycled", values(view))
        view = world.view(ANA, "wake_on")
    people.submit(ANA, view["id"], values(view, **filled))


def promote(world: World, people: People) -> None:
    _bant(world, people, budget="confirmed", need="confirmed", authority="confirmed", outcome="sql")


def recycle(world: World, people: People) -> None:
    _bant(world, people, outcome="recycled", reason__recycled="No budget", wake_on="2026-12-24")


def save(world: World, people: People) -> None:
    _bant(world, people, need="partial", note="Called")


def turn_away(world: World, people: People) -> None:
    people.click(ANA, world.posted_card(), "not_a_fit")
    view = world.view(ANA)
    people.submit(ANA, view["id"], values(view, reason__rejected="Bad data"))


def put_off(world: World, people: People) -> None:
    people.click(ANA, _owned(world), "lead_menu", "snooze:1")
    view = world.view(ANA)
    people.submit(ANA, view["id"], values(view, until="1h"))


def hand_over(world: World, people: People) -> None:
    people.click(ANA, _owned(world), "lead_menu", "hand_over:1")
    view = world.view(ANA)
    people.submit(ANA, view["id"], values(view, to=BEN))


def _away(world: World, people: People, **filled: str) -> None:
    # What opens it is a button of a manager's board, which needs a team; the modal needs none.
    from bot.slack.blocks.away import away_view

    world.baton.gateway.open_view(world.slack.workspace.new_trigger(RITA), away_view(ANA))
    view = world.view(RITA)
    people.submit(RITA, view["id"], values(view, **filled))


def pause(world: World, people: People) -> None:
    _away(world, people, way="paused")


def plan_absence(world: World, people: People) -> None:
    _away(world, people, way="away", first_day="2026-12-21", return_day="2027-01-04")


def bring_back(world: World, people: People) -> None:
    world.people.command(ANA, "#inbound", "/lead pause 2h")
    _away(world, people, way="back")


def add_lead(world: World, people: People) -> None:
    people.command(ANA, "#inbound", "/lead new")
    view = world.view(ANA)
    people.submit(ANA, view["id"], values(view, email="new@oak.example", hand_raise="contact_request", note="Hot"))


def change_settings(world: World, people: People) -> None:
    people.command(ANA, "#inbound", "/lead settings")
    view = world.view(ANA)
    people.submit(ANA, view["id"], values(view, alert="mention"))


def name_source(world: World, people: People) -> None:
    dropped = people.drop_file(MAYA, f"D{MAYA}", "fair.csv", b"email,name\ndana@acme.example,Dana\n")
    world.run()
    people.click(MAYA, world.replies(dropped)[0], "import_from")
    view = world.view(MAYA)
    people.submit(MAYA, view["id"], values(view))


ALL = [
    *(promote, recycle, save, turn_away, put_off, hand_over),
    *(pause, plan_absence, bring_back, add_lead, change_settings, name_source),
]
HandIn = Callable[[World, People], None]


def _named(value: Any) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize("hand_in", ALL, ids=_named)
def test_a_modal_handed_in_again_is_answered_the_same_and_changes_nothing(sqlite_world: World, hand_in: HandIn) -> None:
    line = StammeringLine(sqlite_world, sqlite_world.people._line, 3, at_once=False)
    hand_in(sqlite_world, People(sqlite_world.slack, line))
    assert line.handed_in == 1
    sqlite_world.run()
    with sqlite_world.store.read() as tx:
        assert tx.outbox.count()["failed"] == 0


@pytest.mark.both_databases
@pytest.mark.parametrize("hand_in", [promote, turn_away, put_off, hand_over, plan_absence, name_source], ids=_named)
def test_a_modal_handed_in_several_times_at_once_has_one_effect(world: World, hand_in: HandIn) -> None:
    line = StammeringLine(world, world.people._line, 4, at_once=True)
    hand_in(world, People(world.slack, line))
    assert line.handed_in == 1
    with world.store.read() as tx:
        keys = tx.connection.scalars(text("SELECT key FROM outbox"))
        assert len([key for key in keys if key.startswith("view:")]) == 1
    rows = _rows(world)
    assert rows["call"] == (1 if hand_in is promote else 0)
    assert rows["absence"] == (1 if hand_in is plan_absence else 0)


def test_a_modal_that_was_refused_can_be_handed_in_with_other_words(sqlite_world: World) -> None:
    world = sqlite_world
    world.people.click(ANA, _owned(world), "lead_menu", "hand_over:1")
    view = world.view(ANA)
    assert "cannot own leads" in world.people.submit(ANA, view["id"], values(view, to=MAYA))["to"]
    assert world.people.submit(ANA, view["id"], values(view, to=BEN)) == {}
    with world.store.read() as tx:
        assert tx.cycles.get(1).owner == BEN
