"""Cycles. Every change is a conditional UPDATE: who comes second changes no row."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, case, insert, select, update

from funnel.cycle import Cycle
from funnel.lifecycle import CYCLE_STAGES, OUTCOMES, Stage, rank
from storage.rows import allocate_ids, to_cycle
from storage.tables import cycle

MILESTONES = {stage: f"{stage.value}_at" for stage in CYCLE_STAGES}
"""The column that says when a cycle reached a stage."""


class Cycles:
    """The cycles of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def new_ids(self, count: int) -> list[int]:
        return allocate_ids(self._connection, cycle, count) if count else []

    def add(self, cycles: Sequence[Cycle], campaigns: Sequence[str | None]) -> None:
        """Open new cycles under the ids they carry."""
        if cycles:
            rows = [
                new.model_dump() | {"reached": max(rank(new.stage), rank(Stage.MQL)), "campaign": campaign}
                for new, campaign in zip(cycles, campaigns, strict=True)
            ]
            self._connection.execute(insert(cycle), rows)

    def get(self, cycle_id: int) -> Cycle | None:
        row = self._connection.execute(_BY_ID, {"_id": cycle_id}).mappings().one_or_none()
        return to_cycle(row) if row else None

    def of_lead(self, lead_id: int) -> list[Cycle]:
        """All cycles of a lead, the newest first."""
        statement = select(cycle).where(cycle.c.lead_id == lead_id).order_by(cycle.c.number.desc())
        return [to_cycle(row) for row in self._connection.execute(statement).mappings()]

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
        return self._connection.execute(update(cycle).where(*_as(seen)).values(values)).rowcount == 1

    def hand_over(self, seen: Cycle, owner: str | None, now: datetime, accepted_at: datetime | None) -> bool:
        """Give a cycle to somebody, or to all; False when it is no longer as it was `seen`. Its clock begins anew."""
        values: dict[str, Any] = {"owner": owner, "attempted_at": None, "steps_taken": 0, "look_at": now}
        if owner is None:
            values |= {"stage": Stage.MQL, "reached": rank(Stage.MQL), "accepted_at": None}
            values |= {"offered_at": now, "owned_at": None}
        else:
            values |= {"owned_at": now}
            if seen.stage is Stage.MQL:
                values |= {"stage": Stage.ACCEPTED, "reached": rank(Stage.ACCEPTED), "accepted_at": accepted_at or now}
        return self._connection.execute(update(cycle).where(*_as(seen)).values(values)).rowcount == 1

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

    def took_step(self, seen: Cycle, taken: int, look_at: datetime | None) -> bool:
        """Note how many steps were taken and when to look again; False when it is not as it was `seen`."""
        as_seen = (*_as(seen), cycle.c.steps_taken == seen.steps_taken)
        statement = update(cycle).where(*as_seen).values(steps_taken=taken, look_at=look_at)
        return self._connection.execute(statement).rowcount == 1

    def look_anew(self, now: datetime) -> None:
        """Have every open ladder looked at: the policy, or somebody's hours, have changed."""
        waits = cycle.c.stage.in_([Stage.MQL, Stage.ACCEPTED])
        self._connection.execute(update(cycle).where(waits, cycle.c.closed_at.is_(None)).values(look_at=now))

    def record_history(self, cycle_id: int, stage: Stage, at: datetime) -> None:
        """Note the day of a milestone that was reported late, leaving the stage as it is."""
        furthest = case((cycle.c.reached < rank(stage), rank(stage)), else_=cycle.c.reached)
        statement = update(cycle).where(cycle.c.id == cycle_id)
        self._connection.execute(statement.values({MILESTONES[stage]: at, "reached": furthest}))

    def owned_by(self, user: str, limit: int = 50) -> list[Cycle]:
        """The cycles somebody still works on: those without a decision first, then by age."""
        statement = (
            select(cycle)
            .where(cycle.c.owner == user, cycle.c.stage.in_([Stage.ACCEPTED, Stage.SQL, Stage.OPPORTUNITY]))
            .order_by(cycle.c.reached, cycle.c.mql_at)
            .limit(limit)
        )
        return [to_cycle(row) for row in self._connection.execute(statement).mappings()]

    def held_by(self, users: Iterable[str]) -> list[Cycle]:
        """What these people hold without a decision."""
        statement = select(cycle).where(cycle.c.owner.in_(list(users)), cycle.c.stage == Stage.ACCEPTED)
        return [to_cycle(row) for row in self._connection.execute(statement.order_by(cycle.c.id)).mappings()]

    def waiting(self, limit: int = 50) -> list[Cycle]:
        """MQLs nobody claimed, the longest waiting first."""
        statement = select(cycle).where(cycle.c.stage == Stage.MQL).order_by(cycle.c.mql_at).limit(limit)
        return [to_cycle(row) for row in self._connection.execute(statement).mappings()]


def _as(seen: Cycle) -> tuple[ColumnElement[bool], ...]:
    """As it was seen: whoever decided on an older state changes no row."""
    return cycle.c.id == seen.id, cycle.c.stage == seen.stage, cycle.c.owner.is_not_distinct_from(seen.owner)


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
        steps_taken=0,
    )
    .returning(cycle.c.lead_id)
)
