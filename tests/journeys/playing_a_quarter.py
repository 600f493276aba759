"""Plays a quarter: leads come, people act, the jobs run, and now and then the process is killed and started again."""

import heapq
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Row, event, func, select

from bot.usecases.announce_mqls import announce_mqls, has_due_leads
from bot.usecases.change_policy import put_in_force
from bot.usecases.claim_lead import claim_lead
from bot.usecases.errors import Full
from bot.usecases.pause import pause, plan_absence
from bot.usecases.qualify_lead import Decision, LoggedCall, qualify_lead
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import Seen, record_engagements
from bot.usecases.reject_lead import reject_lead
from bot.usecases.release_lead import release_lead
from bot.usecases.watch_sla import has_ladders_due, watch_sla
from funnel.lead import Draft, Engagement, Facts
from funnel.lifecycle import Stage
from funnel.notices import Click
from funnel.roles import Person
from storage.engine import open_engine
from storage.members import Member
from storage.store import Store
from storage.tables import cycle, handover
from tests.journeys.quarter import START, TICK, Arrival, Quarter

T = TypeVar("T")


class Killed(BaseException):
    """The process was killed; nobody may catch it."""


class Act(NamedTuple):
    """What somebody will do with a lead, unless it has changed hands since `since`."""

    do: str
    cycle_id: int
    user: str
    since: datetime


class Play:
    """One quarter on one database. It is killed at those points; the points are before and after each statement that
    is sent and each commit, counted from the beginning.
    """

    def __init__(self, database_url: str, quarter: Quarter, kills: frozenset[int] = frozenset()) -> None:
        self.quarter, self._url, self._kills = quarter, database_url, kills
        self.policy = quarter.policy
        self.points = self.deaths = self._leads = 0
        self._seen, self._claimed = (0, 0), set[int]()
        self._due: list[datetime] = []
        self._plans: dict[datetime, list[Act]] = defaultdict(list)
        self._arrivals: dict[datetime, list[Arrival]] = defaultdict(list)
        self.store = self._open()

    def _open(self) -> Store:
        engine = open_engine(self._url)

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA synchronous = OFF")  # what a killed process wrote, the system still has

        event.listen(engine, "before_cursor_execute", self._point)
        event.listen(engine, "commit", self._point)
        dialect, commit = engine.dialect, engine.dialect.do_commit

        def committed(connection: Any) -> None:
            commit(connection)
            self._point()

        dialect.do_commit = committed  # type: ignore[method-assign, assignment]
        return Store(engine)

    def _point(self, *_: Any) -> None:
        self.points += 1
        if self.points in self._kills:
            raise Killed

    def _do(self, what: Callable[..., T], *args: Any) -> T:
        """Do something with the store; again, with a new process, when it was killed on the way."""
        while True:
            try:
                return what(self.store, *args)
            except Killed:
                self.deaths += 1
                self.store.close()
                self.store = self._open()

    def run(self) -> None:
        self._do(self._set_up)
        for one in self.quarter.arrivals():
            self._arrivals[one.at].append(one)
            self._wake(one.at)
        for user, span in self.quarter.pauses.items():
            self._plan(span.start, Act("pause", 0, user, span.end))
        before, again = START, 0
        while (now := self._next()) is not None:
            again = again + 1 if now == before else 0
            assert now >= before, "a ladder is to be looked at in the past"
            assert again < 10, "a ladder is looked at again and again"
            before = now
            self._tick(now)
        self.store.close()

    def _set_up(self, store: Store) -> None:
        put_in_force(store, self.policy, "test", START)
        people = [
            Member(id=user, name=user, timezone=zone, outsider=False) for user, zone in self.quarter.zones.items()
        ]
        with store.begin() as tx:
            tx.members.save(people, START)
            planned = {user for user in self.quarter.zones if tx.duty.absences(user, START)}
        for user in sorted(set(self.quarter.zones) - planned):
            for span in self.quarter.absences[user]:
                plan_absence(store, self.policy, Person(id=user), user, span.start, span.end, START)

    def _next(self) -> datetime | None:
        """The next tick at which anything happens: somebody does something, or a ladder is to be looked at."""
        look_at = self._do(_first_look)
        coming = [*self._due[:1], *([_ceiling(look_at)] if look_at else [])]
        return min(coming, default=None)

    def _tick(self, now: datetime) -> None:
        while self._due and self._due[0] <= now:
            heapq.heappop(self._due)
        self._arrive(now)
        for act in self._plans.pop(now, []):
            self._do(self._act, act, now)
        if self._do(has_due_leads, now):
            self._do(announce_mqls, self.policy, now)
        if self._do(has_ladders_due, now):
            self._do(watch_sla, self.policy, now)
        self._look_around(now)

    def _arrive(self, now: datetime) -> None:
        drafts, seen = [], []
        for one in self._arrivals.pop(now, []):
            for _ in range(one.leads):
                self._leads += 1
                email = f"lead{self._leads}@company{self._leads}.example"
                drafts.append(Draft(source=one.source, system="form", facts=Facts(email=email), occurred_at=now))
                deed = Engagement(kind="demo_request", occurred_at=now, event_id=f"deed{self._leads}")
                seen.append(Seen(event=deed, email=email))
        if drafts:
            self._do(receive_leads, self.policy, drafts, now, "test")
            self._do(record_engagements, self.policy, seen, "form", now)

    def _act(self, store: Store, act: Act, now: datetime) -> None:
        """Somebody looks at a card and does what they meant to, if it still can be done."""
        person, policy, click = Person(id=act.user), self.policy, Click(user=act.user, channel="C1")
        if act.do == "pause":
            pause(store, policy, person, act.user, act.since, now)
            return
        with store.read() as tx:
            seen = tx.cycles.get(act.cycle_id)
        assert seen is not None
        if act.do == "claim" and (seen.owner, seen.owned_at) == (act.user, now):
            self._claimed.add(seen.id)  # and died of it
        elif act.do == "claim" and seen.stage is Stage.MQL and seen.offered_at == act.since:
            try:
                claim_lead(store, policy, person, seen.id, click, now)
            except Full:
                return
            self._claimed.add(seen.id)
        elif (
            act.do != "claim" and seen.stage is Stage.ACCEPTED and (seen.owner, seen.owned_at) == (act.user, act.since)
        ):
            if act.do == "decide":
                decision = Decision(stage=Stage.DISQUALIFIED, reason="No need")
                call = LoggedCall(cycle_id=seen.id, submission=f"modal{seen.id}", answers=[], decision=decision)
                qualify_lead(store, policy, person, call, now)
            elif act.do == "reject":
                reject_lead(store, policy, person, seen.id, "Bad data", "", now)
            else:
                release_lead(store, policy, person, seen.id, click, now)

    def _look_around(self, now: datetime) -> None:
        """People see what is theirs or open since this tick, and make up their minds."""
        changed, seen = self._do(_changed, self._seen, self._claimed)
        for found in changed:
            if found.owned_at == now and found.owner:
                self._plan_as_owner(found.id, found.owner, now)
            elif found.offered_at == now and found.stage == Stage.MQL:
                self._plan_claims(found.id, found.route, now)
        self._seen, self._claimed = seen, set()

    def _plan_as_owner(self, cycle_id: int, user: str, now: datetime) -> None:
        chance, hours = self.quarter.chance("own", cycle_id, user, now), self.quarter.hours[user]
        luck, worked = chance.random(), min(chance.expovariate(1 / 4), 40) * 3600
        if luck < 0.75 or user.endswith("0"):  # the managers, with whom the ladders end, forget nothing
            self._plan(hours.after(now, worked), Act("decide", cycle_id, user, now))
        elif luck < 0.85:
            self._plan(hours.after(now, worked / 2), Act("reject", cycle_id, user, now))
        elif luck < 0.87:
            self._plan(hours.after(now, worked / 2), Act("release", cycle_id, user, now))

    def _plan_claims(self, cycle_id: int, route: str, now: datetime) -> None:
        """Some want it, and some will be late."""
        chance, members = self.quarter.chance("claim", cycle_id, now), self.quarter.teams[route].members
        for user in chance.sample(members, chance.choice([0, 0, 1, 1, 2])):
            self._plan(
                self.quarter.hours[user].after(now, chance.expovariate(1 / 2400)), Act("claim", cycle_id, user, now)
            )

    def _plan(self, at: datetime, act: Act) -> None:
        self._plans[_ceiling(at)].append(act)
        self._wake(_ceiling(at))

    def _wake(self, at: datetime) -> None:
        heapq.heappush(self._due, at)


def _ceiling(at: datetime) -> datetime:
    return START - TICK * ((START - at) // TICK)


def _first_look(store: Store) -> datetime | None:
    with store.read() as tx:
        found: datetime | None = tx.connection.scalar(
            select(func.min(cycle.c.look_at)).where(cycle.c.look_at.is_not(None))
        )
        return found


def _changed(store: Store, seen: tuple[int, int], claimed: set[int]) -> tuple[list[Row[Any]], tuple[int, int]]:
    """The cycles that are new, were claimed, or changed hands otherwise; and up to where all was seen."""
    columns = [cycle.c[name] for name in ("id", "stage", "route", "owner", "owned_at", "offered_at")]
    given = select(handover.c.id, handover.c.cycle_id).where(handover.c.id > seen[1])
    with store.read() as tx:
        new = tx.connection.execute(select(*columns).where(cycle.c.id > seen[0]).order_by(cycle.c.id)).all()
        hands = tx.connection.execute(given).all()
        known = claimed | {row.cycle_id for row in hands} - {row.id for row in new}
        others = select(*columns).where(cycle.c.id.in_(known)).order_by(cycle.c.id)
        rows = [*tx.connection.execute(others), *new] if known else new
    return list(rows), (max([seen[0], *(row.id for row in new)]), max([seen[1], *(row.id for row in hands)]))
