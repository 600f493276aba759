"""The history of moves. What was done here is never changed; what reports make of a lead follows the reports."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from funnel.cycle import Move
from funnel.history import StageReport
from funnel.lifecycle import Stage
from storage.rows import allocate_ids, batched, to_move
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

    def of_report(self, report: StageReport) -> int | None:
        """The id of the line that a report makes, whatever its own id; None when it has no place in the history."""
        same = (move.c.lead_id == report.lead_id, move.c.new == report.stage, move.c.at == report.at)
        line: int | None = self._connection.scalar(select(move.c.id).where(*same, move.c.report_id.is_not(None)))
        return line

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
        """A lead's moves in the order in which they happened."""
        statement = select(move).where(move.c.lead_id == lead_id).order_by(move.c.at, move.c.id)
        return [to_move(row) for row in self._connection.execute(statement).mappings()]

    def last_of_cycle(self, cycle_id: int) -> Move | None:
        """The newest line that moved a cycle; what was merely done with it is none."""
        moved = (move.c.cycle_id == cycle_id, move.c.old != move.c.new)
        statement = select(move).where(*moved).order_by(move.c.at.desc(), move.c.id.desc()).limit(1)
        row = self._connection.execute(statement).mappings().one_or_none()
        return to_move(row) if row else None

    def of_leads(self, lead_ids: Iterable[int]) -> dict[int, list[Move]]:
        """The moves of leads, by lead id, in no order."""
        by_lead: dict[int, list[Move]] = defaultdict(list)
        for some in batched(lead_ids, 10_000):
            rows = self._connection.execute(select(move).where(move.c.lead_id.in_(some))).mappings()
            for row in rows:
                by_lead[row["lead_id"]].append(to_move(row))
        return by_lead

    def rewrite(self, moves: Sequence[Move]) -> None:
        """Bring lines that reports made up to date: of which cycle they are, and from where the lead came."""
        if moves:
            rows = [{"_id": one.id, "_cycle": one.cycle_id, "_old": one.old} for one in moves]
            self._connection.execute(_REWRITE, rows)

    def remove(self, move_ids: Sequence[int]) -> None:
        """Delete lines whose reports have no place in the history any more."""
        if move_ids:
            self._connection.execute(delete(move).where(move.c.id.in_(move_ids)))


_REWRITE = update(move).where(move.c.id == bindparam("_id")).values(cycle_id=bindparam("_cycle"), old=bindparam("_old"))
_INSERT = insert(move).returning(move.c.id)
