"""The history of moves: appended, never changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from funnel.cycle import Move
from funnel.lifecycle import Stage, is_step_back
from storage.rows import allocate_ids, to_move
from storage.tables import move


class History:
    """The moves of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def new_ids(self, count: int) -> list[int]:
        return allocate_ids(self._connection, move, count) if count else []

    def add(self, moves: Sequence[Move]) -> None:
        """Append moves under the ids they carry."""
        if moves:
            self._connection.execute(insert(move), [new.model_dump() for new in moves])

    def append(
        self,
        lead_id: int,
        cycle_id: int | None,
        old: Stage,
        new: Stage,
        at: datetime,
        actor: str,
        policy_version: str,
        reason: str = "",
        note: str = "",
        recorded_at: datetime | None = None,
    ) -> int:
        """Append one move that happened at `at`, and is learned of now or at `recorded_at`; its id."""
        row = {
            "lead_id": lead_id,
            "cycle_id": cycle_id,
            "old": old,
            "new": new,
            "at": at,
            "recorded_at": recorded_at or at,
            "actor": actor,
            "reason": reason,
            "note": note,
            "policy_version": policy_version,
        }
        return int(self._connection.execute(_INSERT, row).scalar_one())

    def get(self, move_id: int) -> Move | None:
        row = self._connection.execute(select(move).where(move.c.id == move_id)).mappings().one_or_none()
        return to_move(row) if row else None

    def count(self, cycle_id: int, actor: str, reason: str) -> int:
        """How often somebody did a thing with a cycle."""
        same = (move.c.cycle_id == cycle_id, move.c.actor == actor, move.c.reason == reason)
        return self._connection.scalar(select(func.count()).select_from(move).where(*same)) or 0

    def has_moved_since(self, cycle_id: int, at: datetime) -> bool:
        """Whether anything was noted of a cycle after a moment."""
        later = (move.c.cycle_id == cycle_id, move.c.recorded_at > at)
        return self._connection.scalar(select(move.c.id).where(*later).limit(1)) is not None

    def has_any_since(self, at: datetime) -> bool:
        """Whether the newest move was noted after a moment; one look at the end of the table."""
        newest = self._connection.scalar(select(move.c.recorded_at).order_by(move.c.id.desc()).limit(1))
        return newest is not None and newest > at

    def last_of_lead(self, lead_id: int) -> int | None:
        """The id of the newest line of a lead's history; None when there is none."""
        newest: int | None = self._connection.scalar(select(func.max(move.c.id)).where(move.c.lead_id == lead_id))
        return newest

    def of_lead(self, lead_id: int) -> list[Move]:
        """A lead's moves in the order they were recorded."""
        statement = select(move).where(move.c.lead_id == lead_id).order_by(move.c.id)
        return [to_move(row) for row in self._connection.execute(statement).mappings()]

    def last_of_cycle(self, cycle_id: int) -> Move | None:
        """The newest line that moved a cycle; what was merely done with it is none."""
        moved = (move.c.cycle_id == cycle_id, move.c.old != move.c.new)
        statement = select(move).where(*moved).order_by(move.c.id.desc()).limit(1)
        row = self._connection.execute(statement).mappings().one_or_none()
        return to_move(row) if row else None

    def stages_told(self, cycle_ids: Iterable[int]) -> set[tuple[int, str]]:
        """The (cycle id, stage) pairs that somebody recorded, and nobody took back."""
        statement = select(move.c.cycle_id, move.c.old, move.c.new).where(move.c.cycle_id.in_(list(cycle_ids)))
        told: set[tuple[int, str]] = set()
        for cycle_id, old, new in self._connection.execute(statement.order_by(move.c.id)):
            if is_step_back(Stage(old), Stage(new)):
                told.discard((cycle_id, old))
            told.add((cycle_id, new))
        return told

    def stages_ever(self, lead_ids: Iterable[int]) -> set[tuple[int, str]]:
        """The (lead id, stage) pairs that somebody recorded in any cycle."""
        statement = select(move.c.lead_id, move.c.new).where(move.c.lead_id.in_(list(lead_ids))).distinct()
        return {(lead_id, new) for lead_id, new in self._connection.execute(statement)}


_INSERT = insert(move).returning(move.c.id)
