"""Discovery calls and their BANT answers: appended, never changed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select

from funnel.bant import Answer
from funnel.lifecycle import Stage
from storage.rows import insert_one, to_answer
from storage.tables import answer, call, cycle


class Calls:
    """The calls of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def log(
        self, cycle_id: int, submission: str, actor: str, at: datetime, note: str, answers: Sequence[Answer]
    ) -> int | None:
        """Store a call and the answers that are new; its id, or None when this submission is stored already."""
        row = {"cycle_id": cycle_id, "submission": submission, "actor": actor, "at": at, "note": note}
        if not insert_one(self._connection, call, row):
            return None
        found = self._connection.scalar(select(call.c.id).where(call.c.submission == submission))
        call_id = int(found or 0)
        rows = [_answer_row(new, call_id, cycle_id, actor, at) for new in answers]
        if rows:
            self._connection.execute(insert(answer), rows)
        return call_id

    def answers(self, cycle_id: int) -> list[Answer]:
        """Every answer of a cycle, oldest first."""
        statement = select(answer).where(answer.c.cycle_id == cycle_id).order_by(answer.c.id)
        return [to_answer(row) for row in self._connection.execute(statement).mappings()]

    def answers_of(self, cycle_ids: Iterable[int]) -> dict[int, list[Answer]]:
        """The answers of each of these cycles that has any, oldest first."""
        statement = select(answer).where(answer.c.cycle_id.in_(list(cycle_ids))).order_by(answer.c.id)
        found: dict[int, list[Answer]] = {}
        for row in self._connection.execute(statement).mappings():
            found.setdefault(row["cycle_id"], []).append(to_answer(row))
        return found

    def has_any_since(self, cycle_id: int, at: datetime) -> bool:
        """Whether a call was logged after a moment."""
        later = (call.c.cycle_id == cycle_id, call.c.at > at)
        return self._connection.scalar(select(call.c.id).where(*later).limit(1)) is not None

    def undecided(self, user: str) -> list[int]:
        """The cycles somebody holds of which a call is logged, but no decision; the newest call first."""
        held = (cycle.c.owner == user, cycle.c.stage == Stage.ACCEPTED)
        statement = select(call.c.cycle_id).join(cycle, cycle.c.id == call.c.cycle_id).where(*held)
        newest = statement.group_by(call.c.cycle_id).order_by(func.max(call.c.id).desc())
        return list(self._connection.scalars(newest))

    def last_note(self, cycle_id: int) -> str:
        """The newest note of a cycle's calls; "" when there is none."""
        statement = (
            select(call.c.note)
            .where(call.c.cycle_id == cycle_id, call.c.note != "")
            .order_by(call.c.id.desc())
            .limit(1)
        )
        return self._connection.scalar(statement) or ""

    def actor_and_note(self, call_id: int) -> tuple[str, str] | None:
        """Who logged a call, and the note."""
        row = self._connection.execute(select(call.c.actor, call.c.note).where(call.c.id == call_id)).first()
        return (row.actor, row.note) if row else None


def _answer_row(new: Answer, call_id: int, cycle_id: int, actor: str, at: datetime) -> dict[str, object]:
    due: date | None = new.due
    return new.model_dump(exclude={"actor", "at", "due"}) | {
        "call_id": call_id,
        "cycle_id": cycle_id,
        "actor": actor,
        "at": at,
        "due": due.isoformat() if due else None,
    }
