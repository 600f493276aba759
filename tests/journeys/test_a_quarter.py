"""A simulated quarter: no lead is forgotten, each step is taken once, all have their share, and 100 deaths change nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from funnel.notices import Remind, TellPerson, read_notice
from funnel.sla import Step
from storage.store import Store
from storage.tables import cycle, handover, lead, move, outbox
from tests.journeys.playing_a_quarter import Play
from tests.journeys.quarter import END, START, TICK, Hours, Quarter
from tests.support.databases import Databases, opened
from tests.support.size import sized

LEADS, DEATHS = sized((600, 20), (20_000, 100))
LATE = TICK.total_seconds()
"""How much working time may pass until somebody looks: the clock of the test goes on in ticks."""

pytestmark = pytest.mark.timeout(0)  # how long it takes says something of the machine alone


class Period(NamedTuple):
    """A time in which a cycle waited for the same: for an owner, or for the decision of the same owner."""

    cycle_id: int
    route: str
    owner: str | None
    since: datetime
    until: datetime
    how: str
    ended: str

    @property
    def waiting(self) -> str:
        return "outcome" if self.owner else "claim"


class Told:
    """What is to be read in the database afterwards."""

    def __init__(self, store: Store) -> None:
        self.state = {table.name: _rows(store, table) for table in (lead, cycle, handover, move, outbox)}
        self.hands = self.state["handover"]
        self.periods = list(self._periods())
        self.steps = Counter(self._steps())

    def _periods(self) -> Iterator[Period]:
        """The moves and the changes of hands, as stretches of waiting."""
        routes = {row["id"]: row["route"] for row in self.state["cycle"]}
        given = {(row["cycle_id"], row["at"]): row["new_owner"] for row in self.hands if row["new_owner"]}
        happened = defaultdict(list)
        for row in self.state["move"]:
            how = row["reason"] if row["new"] == "accepted" else row["new"]
            owner = row["actor"] if how == "claimed" else given.get((row["cycle_id"], row["at"]))
            happened[row["cycle_id"]].append((row["at"], row["id"], how, owner if row["new"] == "accepted" else None))
        for cycle_id, events in happened.items():
            events.sort()
            for (since, _, how, owner), (until, _, ended, _) in pairwise(events):
                yield Period(cycle_id, routes[cycle_id], owner, since, until, how, ended)
            assert events[-1][2] in {"disqualified", "rejected"}, "in the end all are decided"

    def _steps(self) -> Iterator[tuple[int, str, datetime, str, datetime]]:
        """The steps people were told of, by cycle, what it waited for, and since when; who was told, and when."""
        for row in self.state["outbox"]:
            notice = read_notice(row["payload"])
            if isinstance(notice, Remind):
                yield notice.cycle_id, notice.waiting, notice.since, "remind", row["created_at"]
            elif isinstance(notice, TellPerson) and notice.about != "given":
                step = row["key"].split(":")[-3]
                yield notice.cycle_id, notice.about, notice.since, step, row["created_at"]


def _rows(store: Store, table: Any) -> list[dict[str, Any]]:
    with store.read() as tx:
        rows = [dict(row) for row in tx.connection.execute(select(table).order_by(table.c.id)).mappings()]
    for row in rows:
        if len(row.get("key", "")) == 32:
            row["key"] = ""  # by chance, and never the same
    return rows


@pytest.fixture(scope="module")
def quarter() -> Quarter:
    return Quarter(LEADS)


@pytest.fixture(scope="module")
def unharmed(databases: Databases, quarter: Quarter) -> tuple[Told, int]:
    return _play(databases, quarter)


def _play(databases: Databases, quarter: Quarter, kills: frozenset[int] = frozenset()) -> tuple[Told, int]:
    """What came of a quarter, and how many points at which it could have died it passed."""
    url = databases.fresh("sqlite")
    play = Play(url, quarter, kills)
    play.run()
    assert play.deaths == len(kills)
    with opened(url) as store:
        return Told(store), play.points


@pytest.fixture(scope="module")
def told(unharmed: tuple[Told, int]) -> Told:
    return unharmed[0]


def _hours(quarter: Quarter, period: Period) -> Hours:
    return quarter.hours[period.owner] if period.owner else quarter.team_hours[period.route]


def test_no_lead_lies_unassigned_past_its_ladder(told: Told, quarter: Quarter) -> None:
    assert len(told.state["cycle"]) == LEADS
    waits = [period for period in told.periods if period.owner is None]
    for period in waits:
        assert _hours(quarter, period).between(period.since, period.until) <= 4 * 3600 + LATE, period
    ended = Counter(period.ended for period in waits)
    assert min(ended[how] for how in ("claimed", "round robin", "weighted", "nobody took it in time")) > LEADS // 40, (
        ended
    )


def test_each_step_is_taken_once_and_in_working_time(told: Told, quarter: Quarter) -> None:
    taken: dict[tuple[int, str, datetime], dict[str, datetime]] = defaultdict(dict)
    for cycle_id, waiting, since, step, at in told.steps:
        others = taken[cycle_id, waiting, since]
        assert others.setdefault(step, at) == at, "told of the same step at two times"
    reminders = [count for key, count in told.steps.items() if key[3] == "remind"]
    assert set(reminders) == {1}
    for period in told.periods:
        steps = taken.pop((period.cycle_id, period.waiting, period.since), {})
        if period.ended in {"its owner did not decide in time", "nobody took it in time"}:
            steps["assign"] = period.until
        _check_steps(quarter, period, steps)
    assert not taken, "a step of what nobody waited for"


def _check_steps(quarter: Quarter, period: Period, taken: dict[str, datetime]) -> None:
    hours, waited = _hours(quarter, period), _hours(quarter, period).between(period.since, period.until)
    ladder: list[Step] = [step for step in quarter.routes[period.route].step if step.waiting == period.waiting]
    for step in ladder:
        after, at = step.after.total_seconds(), taken.pop(step.do, None)
        if at is None:
            assert waited <= after + LATE or step.to == period.owner, (period, step)
        else:
            assert 0 <= hours.between(period.since, at) - after <= LATE, (period, step, at)
            assert hours.between(at, at + TICK) > 0, "at night"
    assert not taken


def _shares(told: Told, quarter: Quarter, team: str) -> dict[str, float]:
    """Leads the rotation gave each person, an hour they could have worked and a unit of their weight."""
    weighted = quarter.routes[team].assign == ["weighted"]
    given = Counter(row["new_owner"] for row in told.hands if row["team"] == team and not row["credited"])
    hours = {user: quarter.hours[user].between(START, END) / 3600 for user in quarter.teams[team].members}
    return {user: given[user] / hours[user] / (quarter.rules[user].weight if weighted else 1) for user in hours}


@pytest.mark.whole  # in three weeks some are away for most of them
@pytest.mark.parametrize("team", ["Atlantic", "Americas", "Pacific", "World"])
def test_all_of_a_team_have_their_share(told: Told, quarter: Quarter, team: str) -> None:
    shares = _shares(told, quarter, team)
    assert max(shares.values()) / min(shares.values()) < 1.1, shares


def test_no_claim_and_no_rotation_ever_exceeds_a_cap(told: Told, quarter: Quarter) -> None:
    begun = [(period.since, 1, period) for period in told.periods if period.owner]
    ended = [(period.until, 0, period) for period in told.periods if period.owner]
    holding, fullest = Counter[str](), Counter[str]()
    for _, begins, period in sorted(begun + ended, key=lambda one: one[:2]):
        owner = str(period.owner)
        holding[owner] += 1 if begins else -1
        if begins and period.how != "its owner did not decide in time":
            fullest[owner] = max(fullest[owner], holding[owner])
    caps = {user: rule.cap for user, rule in quarter.rules.items() if rule.cap}
    assert [user for user in caps if fullest[user] > caps[user]] == []
    assert sum(fullest[user] == cap for user, cap in caps.items()) >= 5, "the caps were felt"


def test_deaths_on_the_way_change_nothing(databases: Databases, quarter: Quarter, unharmed: tuple[Told, int]) -> None:
    told, points = unharmed
    kills = frozenset(quarter.chance("kills").sample(range(1, points), DEATHS))
    again, _ = _play(databases, quarter, kills)
    for name, rows in told.state.items():
        assert again.state[name] == rows, name
