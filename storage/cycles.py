"""Cycles. Every change is a conditional UPDATE: who comes second changes no row."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, delete, func, insert, or_, select, update

from funnel.cycle import Cycle
from funnel.lifecycle import CYCLE_STAGES, OUTCOMES, Stage, rank
from storage.rows import allocate_ids, batched, to_cycle
from storage.tables import absence, cycle

MILESTONES = {stage: f"{stage.value}_at" for stage in CYCLE_STAGES}
"""The column that says when a cycle reached a stage."""


class Cycles:
    """The cycles of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def new_ids(self, count: int) -> list[int]:
        return allocate_ids(self._connection, cycle, count) if count else []

    def add(
        self, cycles: Sequence[Cycle], campaigns: Sequence[str | None], reached: Sequence[int] | None = None
    ) -> None:
        """Open new cycles under the ids they carry; `reached` are the furthest ranks, if other than their stages'."""
        if not cycles:
            return
        ranks = reached or [max(rank(new.stage), rank(Stage.MQL)) for new in cycles]
        rows = [
            new.model_dump() | {"reached": furthest, "campaign": campaign}
            for new, campaign, furthest in zip(cycles, campaigns, ranks, strict=True)
        ]
        self._connection.execute(insert(cycle), rows)

    def get(self, cycle_id: int) -> Cycle | None:
        row = self._connection.execute(_BY_ID, {"_id": cycle_id}).mappings().one_or_none()
        return to_cycle(row) if row else None

    def get_many(self, cycle_ids: Sequence[int]) -> list[Cycle]:
        """The cycles with these ids, in no order."""
        statement = select(cycle).where(cycle.c.id.in_(list(cycle_ids)))
        return [to_cycle(row) for row in self._connection.execute(statement).mappings()]

    def of_lead(self, lead_id: int) -> list[Cycle]:
        """All cycles of a lead, the newest first."""
        statement = select(cycle).where(cycle.c.lead_id == lead_id).order_by(cycle.c.number.desc())
        return [to_cycle(row) for row in self._connection.execute(statement).mappings()]

    def of_leads(self, lead_ids: Iterable[int]) -> dict[int, list[Cycle]]:
        """All cycles of leads, by lead id, the oldest first."""
        by_lead: dict[int, list[Cycle]] = defaultdict(list)
        for some in batched(lead_ids, 10_000):
            statement = select(cycle).where(cycle.c.lead_id.in_(some)).order_by(cycle.c.number)
            for row in self._connection.execute(statement).mappings():
                by_lead[row["lead_id"]].append(to_cycle(row))
        return by_lead

    def newest_of(self, lead_ids: Iterable[int]) -> dict[int, Cycle]:
        """The newest cycle of each of these leads that has one."""
        statement = select(cycle).where(cycle.c.lead_id.in_(list(lead_ids))).order_by(cycle.c.number)
        rows = self._connection.execute(statement).mappings()
        return {row["lead_id"]: to_cycle(row) for row in rows}

    def claim(self, cycle_id: int, user: str, now: datetime) -> int | None:
        """Make `user` the owner; the lead's id, or None when somebody was faster or it is no MQL any more."""
        # The race ends here: of any number at once, one UPDATE finds the owner NULL.
        parameters = {"_id": cycle_id, "_user": user, "_now": now}
        lead_id: int | None = self._connection.execute(_CLAIM, parameters).scalar_one_or_none()
        return lead_id

    def move(self, seen: Cycle, new: Stage, at: datetime, **values: Any) -> bool:
        """Take a cycle to `new`; False when it is no longer as it was `seen`: same stage, same owner.

        A move back clears the milestones beyond `new`; a move to a side closes the cycle.
        """
        values |= {"stage": new}
        if new in OUTCOMES:
            values |= {"closed_at": at}
        else:
            beyond = {MILESTONES[stage]: None for stage in CYCLE_STAGES if rank(stage) > rank(new)}
            values |= beyond | {"reached": rank(new), "closed_at": None}
            if rank(new) > rank(seen.stage):
                values[MILESTONES[new]] = at
        if new is not Stage.MQL and new is not Stage.ACCEPTED:
            values |= {"look_at": None}  # what it waited for has come
        elif new is Stage.ACCEPTED and seen.stage is not Stage.MQL:
            values |= {"owned_at": at, "outcome_climbed": 0, "look_at": at}  # given back to its owner: a new clock
        return self._connection.execute(update(cycle).where(*_as(seen)).values(values)).rowcount == 1

    def hand_over(self, seen: Cycle, owner: str | None, now: datetime, *, offered_at: datetime | None = None) -> bool:
        """Give a cycle to somebody, or to all; False when it is no longer as it was `seen`.

        Its clock begins anew, or goes on as that of a lead that was offered to all since `offered_at`.
        """
        values: dict[str, Any] = {"owner": owner, "outcome_climbed": 0, "look_at": now}
        if owner is None:
            values |= {"stage": Stage.MQL, "reached": rank(Stage.MQL), "accepted_at": None}
            values |= {"offered_at": offered_at or now, "owned_at": None}
            values |= {} if offered_at else {"claim_climbed": 0}
        else:
            if seen.stage in (Stage.MQL, Stage.ACCEPTED):  # how long a decision took stays as it was
                values |= {"owned_at": now}
            if seen.stage is Stage.MQL:
                values |= {"stage": Stage.ACCEPTED, "reached": rank(Stage.ACCEPTED), "accepted_at": now}
        return self._connection.execute(update(cycle).where(*_as(seen)).values(values)).rowcount == 1

    def offer(self, cycle_id: int, now: datetime) -> None:
        """Have a cycle that nobody was told of offered from now on."""
        values = {"announced": True, "offered_at": now, "look_at": now, "claim_climbed": 0}
        self._connection.execute(update(cycle).where(cycle.c.id == cycle_id).values(values))

    def reroute(self, cycle_id: int, route: str, channel: str) -> None:
        """Have a cycle take another route, and be posted to its channel if it is not yet."""
        self._connection.execute(update(cycle).where(cycle.c.id == cycle_id).values(route=route, channel=channel))

    def attempt(self, seen: Cycle, now: datetime) -> bool:
        """Note the first try to reach the lead; False when there was one, or it is no longer as it was `seen`."""
        statement = update(cycle).where(*_as(seen), cycle.c.attempted_at.is_(None)).values(attempted_at=now)
        return self._connection.execute(statement).rowcount == 1

    def to_look_at(self, now: datetime, limit: int) -> list[Cycle]:
        """The cycles whose ladder has to be looked at, the longest waiting first, locked against others who look."""
        statement = (
            select(cycle)
            .where(cycle.c.look_at <= now)
            .order_by(cycle.c.look_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [to_cycle(row) for row in self._connection.execute(statement).mappings()]

    def has_to_look(self, now: datetime) -> bool:
        return self._connection.scalar(select(cycle.c.id).where(cycle.c.look_at <= now).limit(1)) is not None

    def climbed(self, seen: Cycle, to: timedelta, now: datetime, look_at: datetime | None) -> bool:
        """Note how far a ladder is climbed now, and when to look again; False when it is not as it was `seen`."""
        ladder = "claim_climbed" if seen.stage is Stage.MQL else "outcome_climbed"
        as_seen = (*_as(seen), cycle.c[ladder] == getattr(seen, ladder))
        values = {ladder: int(to.total_seconds()), "climbed_at": now, "look_at": look_at}
        return self._connection.execute(update(cycle).where(*as_seen).values(values)).rowcount == 1

    def look_at(self, seen: Cycle, at: datetime | None) -> None:
        """Note when to look at a ladder again, unless the cycle is not as it was `seen`."""
        self._connection.execute(update(cycle).where(*_as(seen)).values(look_at=at))

    def look_anew(self, now: datetime, *, user: str | None = None, routes: Sequence[str] = ()) -> None:
        """Have every open ladder looked at: the policy has changed.

        With a `user` those that their hours move: what is theirs, and what waits on these routes.
        """
        open_now: list[ColumnElement[bool]] = [
            cycle.c.stage.in_([Stage.MQL, Stage.ACCEPTED]),
            cycle.c.closed_at.is_(None),
        ]
        if user is not None:
            waits = and_(cycle.c.stage == Stage.MQL, cycle.c.route.in_(list(routes)))
            open_now.append(or_(cycle.c.owner == user, waits))
        self._connection.execute(update(cycle).where(*open_now).values(look_at=now))

    def restore(self, seen: Cycle, owner: str | None, before: Mapping[str, Any], now: datetime) -> bool:
        """Take a change of hands back: owner, stage and clocks as they were; False when it is not as it was `seen`."""
        stage = Stage(before["stage"])
        clocks = {name: _moment(one) for name, one in before.items() if name != "stage"}
        values = {"owner": owner, "stage": stage, "reached": rank(stage), "look_at": now, **clocks}
        return self._connection.execute(update(cycle).where(*_as(seen)).values(values)).rowcount == 1

    def reopen(self, seen: Cycle, stage: Stage, now: datetime) -> bool:
        """Take a decision back, to the stage before it; False when it is not as it was `seen`. Clocks go on."""
        beyond = {MILESTONES[one]: None for one in CYCLE_STAGES if rank(one) > rank(stage)}
        waits = stage in (Stage.MQL, Stage.ACCEPTED)
        values = {"stage": stage, "reached": rank(stage), "look_at": now if waits else None, **beyond}
        values |= {"closed_at": None, "outcome_reason": None, "wake_at": None}
        return self._connection.execute(update(cycle).where(*_as(seen)).values(values)).rowcount == 1

    def free_places(self, cycle_ids: Sequence[int]) -> None:
        """Take cycles out of the way of others of their lead, until they are written anew or removed.

        Numbers are unique within a lead, and only one cycle of a lead may be open.
        """
        for cycle_id in cycle_ids:
            self._connection.execute(update(cycle).where(cycle.c.id == cycle_id).values(number=-cycle_id))
        ended = update(cycle).where(cycle.c.id.in_(cycle_ids), cycle.c.closed_at.is_(None))
        self._connection.execute(ended.values(closed_at=cycle.c.mql_at))

    def rewrite(self, changed: Sequence[tuple[Cycle, int]]) -> None:
        """Bring cycles up to date with a history built anew: (cycle, furthest rank reached) pairs.

        Owner and clocks stay as they are.
        """
        for one, reached in changed:
            values = {name: getattr(one, name) for name in _TOLD_BY_HISTORY} | {"reached": reached}
            self._connection.execute(update(cycle).where(cycle.c.id == one.id).values(values))

    def remove(self, cycle_ids: Sequence[int]) -> None:
        """Delete cycles that a history built anew has not: nothing but reports made them."""
        if cycle_ids:
            self._connection.execute(delete(cycle).where(cycle.c.id.in_(cycle_ids)))

    def set_source(self, sources: Mapping[int, str]) -> None:
        """Have all cycles of leads stand under the source of the lead, by lead id."""
        for lead_id, source in sources.items():
            self._connection.execute(update(cycle).where(cycle.c.lead_id == lead_id).values(source=source))

    def owned_by(self, user: str, limit: int = 50, first: int = 0) -> list[Cycle]:
        """The cycles somebody still works on: those without a decision first, then those they have had for longest."""
        order = (cycle.c.reached, cycle.c.owned_at, cycle.c.id)
        statement = select(cycle).where(*_works_on(user)).order_by(*order).limit(limit).offset(first)
        return [to_cycle(row) for row in self._connection.execute(statement).mappings()]

    def count_owned(self, user: str) -> int:
        """How many cycles somebody still works on."""
        return self._connection.scalar(select(func.count()).select_from(cycle).where(*_works_on(user))) or 0

    def done_since(self, user: str, since: datetime) -> dict[str, int]:
        """What somebody did with the leads that are theirs: how many were claimed, promoted and let go since then."""
        told = {"claimed": cycle.c.owned_at, "promoted": cycle.c.sql_at, "let_go": cycle.c.closed_at}
        columns = [func.count(case((at >= since, 1))).label(name) for name, at in told.items()]
        row = self._connection.execute(select(*columns).where(cycle.c.owner == user)).mappings().one()
        return dict(row)

    def woken_for(self, user: str, since: datetime) -> list[Cycle]:
        """Cycles opened since then, that nobody claimed yet, of leads whose last cycle was somebody's."""
        last = cycle.alias()
        before = (last.c.lead_id == cycle.c.lead_id, last.c.number == cycle.c.number - 1, last.c.owner == user)
        statement = select(cycle).join(last, and_(*before)).where(cycle.c.stage == Stage.MQL, cycle.c.mql_at >= since)
        return [to_cycle(row) for row in self._connection.execute(statement.order_by(cycle.c.mql_at)).mappings()]

    def opened(self, routes: Sequence[str], since: datetime, until: datetime, limit: int | None = None) -> list[Cycle]:
        """The cycles that routes took in [since, until) and somebody was told of, the newest first."""
        told = (cycle.c.route.in_(list(routes)), cycle.c.announced.is_(True))
        taken = (*told, cycle.c.mql_at >= since, cycle.c.mql_at < until)
        statement = select(cycle).where(*taken).order_by(cycle.c.mql_at.desc(), cycle.c.id.desc()).limit(limit)
        return [to_cycle(row) for row in self._connection.execute(statement).mappings()]

    def longest_undecided(self, routes: Sequence[str], limit: int) -> list[Cycle]:
        """Cycles of these routes that wait for an owner or a decision, the longest waiting first."""
        since = func.coalesce(cycle.c.owned_at, cycle.c.offered_at)
        waits = (cycle.c.stage.in_([Stage.MQL, Stage.ACCEPTED]), cycle.c.route.in_(list(routes)), since.is_not(None))
        statement = select(cycle).where(*waits)
        rows = self._connection.execute(statement.order_by(since).limit(limit)).mappings()
        return [to_cycle(row) for row in rows]

    def held_by(self, users: Iterable[str]) -> list[Cycle]:
        """What these people hold without a decision."""
        statement = select(cycle).where(cycle.c.owner.in_(list(users)), cycle.c.stage == Stage.ACCEPTED)
        return [to_cycle(row) for row in self._connection.execute(statement.order_by(cycle.c.id)).mappings()]

    def held_by_absent(self, routes: Sequence[str], now: datetime, back_after: datetime) -> list[Cycle]:
        """What of these routes people hold without a decision who are away now and not back by then."""
        away = (absence.c.since <= now, absence.c.until > back_after)
        owners = select(absence.c.user).where(*away)
        held = (cycle.c.owner.in_(owners), cycle.c.stage == Stage.ACCEPTED, cycle.c.route.in_(list(routes)))
        rows = self._connection.execute(select(cycle).where(*held).order_by(cycle.c.owned_at, cycle.c.id)).mappings()
        return [to_cycle(row) for row in rows]

    def owned_by_any(self, users: Iterable[str]) -> list[Cycle]:
        """What these people own that is decided on, and not won yet."""
        beyond = cycle.c.stage.in_([Stage.SQL, Stage.OPPORTUNITY])
        statement = select(cycle).where(cycle.c.owner.in_(list(users)), beyond).order_by(cycle.c.id)
        return [to_cycle(row) for row in self._connection.execute(statement).mappings()]

    def waiting(self, limit: int = 50, first: int = 0, channel: str = "") -> list[Cycle]:
        """MQLs nobody claimed, of one channel or of all, the longest waiting first."""
        # What nobody was told of, as after an import of history, comes last.
        order = (cycle.c.offered_at.is_(None), cycle.c.offered_at, cycle.c.mql_at, cycle.c.id)
        statement = select(cycle).where(*_waits(channel)).order_by(*order)
        return [to_cycle(row) for row in self._connection.execute(statement.limit(limit).offset(first)).mappings()]

    def count_waiting(self, channel: str = "") -> int:
        """How many MQLs nobody claimed, of one channel or of all."""
        return self._connection.scalar(select(func.count()).select_from(cycle).where(*_waits(channel))) or 0


def _moment(kept: str | int | None) -> datetime | int | None:
    """A clock as plain data keeps it: an instant is a text there."""
    return datetime.fromisoformat(kept) if isinstance(kept, str) else kept


def _waits(channel: str) -> list[ColumnElement[bool]]:
    return [cycle.c.stage == Stage.MQL, *([cycle.c.channel == channel] if channel else [])]


def _works_on(user: str) -> tuple[ColumnElement[bool], ...]:
    return cycle.c.owner == user, cycle.c.stage.in_([Stage.ACCEPTED, Stage.SQL, Stage.OPPORTUNITY])


def _as(seen: Cycle) -> tuple[ColumnElement[bool], ...]:
    """As it was seen: whoever decided on an older state changes no row."""
    # Of the same lead, too: one that was merged away meanwhile has no history to write on.
    same = (cycle.c.id == seen.id, cycle.c.lead_id == seen.lead_id, cycle.c.stage == seen.stage)
    return *same, cycle.c.owner.is_not_distinct_from(seen.owner)


_TOLD_BY_HISTORY = (
    "number", "stage", *MILESTONES.values(), "closed_at", "outcome_reason", "wake_at", "look_at",
)  # fmt: skip
_BY_ID = select(cycle).where(cycle.c.id == bindparam("_id"))
_CLAIM = (
    update(cycle)
    .where(cycle.c.id == bindparam("_id"), cycle.c.owner.is_(None), cycle.c.stage == Stage.MQL)
    .values(
        owner=bindparam("_user"),
        stage=Stage.ACCEPTED,
        reached=rank(Stage.ACCEPTED),
        accepted_at=bindparam("_now", type_=cycle.c.accepted_at.type),
        owned_at=bindparam("_now", type_=cycle.c.accepted_at.type),
        look_at=bindparam("_now", type_=cycle.c.accepted_at.type),
        outcome_climbed=0,
    )
    .returning(cycle.c.lead_id)
)
