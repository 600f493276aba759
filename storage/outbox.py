"""The outbox: what Slack must be told, in lanes that are sent in order."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, delete, func, insert, or_, select, update

from funnel.notices import Notice, lane, read_notice
from storage.rows import insert_one
from storage.tables import outbox

UNREADABLE = "written by another version of Baton; this one cannot read it"


class Letter(BaseModel):
    """A row that was taken to be sent. `uncertain`: an earlier try may have reached Slack."""

    model_config = ConfigDict(frozen=True)

    id: int
    key: str
    lane: str
    notice: Notice
    attempts: int
    uncertain: bool
    created_at: datetime
    last_error: str | None = None


class Outbox:
    """The outbox of one transaction. `written` tells whether anything was added.

    What is due, and whose sender has died, goes by the transaction's own `now`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.written = False

    def add(self, notices: Sequence[Notice], now: datetime, not_before: datetime | None = None) -> None:
        """Write notices, to be sent at once or from `not_before` on."""
        rows = [_row(notice, uuid4().hex, now, not_before or now) for notice in notices]
        if rows:
            self._connection.execute(_INSERT, rows[0] if len(rows) == 1 else rows)
            self.written = True

    def add_once(self, key: str, notice: Notice, now: datetime, not_before: datetime | None = None) -> bool:
        """Write a notice unless one with this key was ever written; whether it was new."""
        is_new = insert_one(self._connection, outbox, _row(notice, key, now, not_before or now))
        self.written = self.written or is_new
        return is_new

    def known(self, keys: Iterable[str]) -> set[str]:
        """Those of these keys under which a notice was ever written."""
        return set(self._connection.scalars(select(outbox.c.key).where(outbox.c.key.in_(list(keys)))))

    def heads(self, now: datetime) -> list[tuple[str, int]]:
        """The first due row of each lane: (lane, id), oldest first."""
        statement = (
            select(outbox.c.lane, func.min(outbox.c.id).label("head"))
            .where(outbox.c.state == "pending", _is_due(now))
            .group_by(outbox.c.lane)
            .order_by("head")
        )
        return [(name, head) for name, head in self._connection.execute(statement)]

    def take(self, letter_id: int, until: datetime) -> Letter | None:
        """Reserve a row for sending until `until`; None when somebody else took it."""
        # Two dispatchers end here: one UPDATE finds the row pending.
        parameters = {"_id": letter_id, "_until": until}
        row = self._connection.execute(_TAKE, parameters).mappings().one_or_none()
        if row is None:
            return None
        try:
            return _letter(row)
        except ValidationError:
            self.settle(letter_id, "failed", until, UNREADABLE)
            return None

    def settle(self, letter_id: int, state: str, now: datetime, error: str | None = None) -> None:
        """End a row as sent, dropped or failed."""
        self._connection.execute(_SETTLE, {"_id": letter_id, "_state": state, "_now": now, "_error": error})

    def postpone(
        self, letter_id: int, not_before: datetime, error: str, *, uncertain: bool, counts: bool = True
    ) -> None:
        """Put a row back to be tried again; a wait Slack asked for does not count as an attempt."""
        values = {
            "state": "pending",
            "not_before": not_before,
            "last_error": error,
            "uncertain": uncertain,
        }
        statement = update(outbox).where(outbox.c.id == letter_id).values(values)
        if not counts:
            statement = statement.values(attempts=outbox.c.attempts - 1)
        self._connection.execute(statement)

    def put_back(self, letter_id: int, error: str) -> None:
        """Put a row back as it was before it was taken, to be tried again at once; its reason is noted."""
        values = {"state": "pending", "attempts": outbox.c.attempts - 1, "last_error": error}
        self._connection.execute(update(outbox).where(outbox.c.id == letter_id).values(values))

    def note_error(self, letter_id: int, error: str) -> None:
        """Note why a row that waits is not sent."""
        waiting = (outbox.c.id == letter_id, outbox.c.state == "pending")
        self._connection.execute(update(outbox).where(*waiting).values(last_error=error))

    def held_up(self, errors: Iterable[str]) -> str | None:
        """Which of these errors the oldest row met that waits because of one; None when none does."""
        waiting = (outbox.c.state == "pending", outbox.c.last_error.in_(list(errors)))
        statement = select(outbox.c.last_error).where(*waiting).order_by(outbox.c.id).limit(1)
        error: str | None = self._connection.scalar(statement)
        return error

    def has_orphans(self, now: datetime) -> bool:
        """Whether any row was taken by a sender that died."""
        statement = select(outbox.c.id).where(outbox.c.state == "sending", outbox.c.taken_until < now)
        return self._connection.scalar(statement.limit(1)) is not None

    def recover(self, now: datetime) -> int:
        """Put back rows whose sender died; whether they reached Slack is not known. Returns how many."""
        return self._connection.execute(_RECOVER.where(outbox.c.taken_until < now)).rowcount

    def recover_all(self) -> int:
        """Put back every row that was being sent; for a process that knows it is the only one."""
        return self._connection.execute(_RECOVER).rowcount

    def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the oldest due row waits."""
        due: datetime | None = self._connection.scalar(
            select(func.min(outbox.c.not_before)).where(outbox.c.state == "pending", _is_due(now))
        )
        return due

    def is_waiting(self, key: str) -> bool:
        """Whether the row with this key has not been sent yet."""
        state = self._connection.scalar(select(outbox.c.state).where(outbox.c.key == key))
        return state in {"pending", "sending"}

    def count(self) -> dict[str, int]:
        """Rows that are pending, sending or failed; those that are done are not counted."""
        statement = (
            select(outbox.c.state, func.count().label("letters"))
            .where(outbox.c.state.in_(["pending", "sending", "failed"]))
            .group_by(outbox.c.state)
        )
        counts = {row.state: row.letters for row in self._connection.execute(statement)}
        return {state: counts.get(state, 0) for state in ("pending", "sending", "failed")}

    def failed(self, limit: int = 100) -> list[Letter]:
        """Rows that were given up, but for those that cannot be read."""
        statement = (
            select(outbox)
            .where(outbox.c.state == "failed", outbox.c.last_error != UNREADABLE)
            .order_by(outbox.c.id)
            .limit(limit)
        )
        return [_letter(row) for row in self._connection.execute(statement).mappings()]

    def forget(self, before: datetime) -> int:
        """Delete what was sent or dropped before a time, but for the marks that a card was posted; how many."""
        done = outbox.c.state.in_(["sent", "dropped"]), outbox.c.done_at < before, outbox.c.key.not_like("card:%")
        return self._connection.execute(delete(outbox).where(*done)).rowcount

    def retry_failed(self, now: datetime) -> int:
        """Send again what was given up; how many."""
        statement = (
            update(outbox)
            .where(outbox.c.state == "failed")
            .values(state="pending", attempts=0, not_before=now, done_at=None)
        )
        self.written = True
        return self._connection.execute(statement).rowcount


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Whether a row may be sent. One that was never to wait may, whatever a clock said when it was written."""
    return or_(outbox.c.not_before <= now, outbox.c.not_before <= outbox.c.created_at)


_INSERT = insert(outbox)
_TAKE = (
    update(outbox)
    .where(outbox.c.id == bindparam("_id"), outbox.c.state == "pending")
    .values(
        state="sending",
        attempts=outbox.c.attempts + 1,
        taken_until=bindparam("_until", type_=outbox.c.taken_until.type),
    )
    .returning(outbox)
)
_RECOVER = (
    update(outbox)
    .where(outbox.c.state == "sending")
    .values(state="pending", uncertain=True, last_error="the sender stopped before the answer came")
)
_SETTLE = (
    update(outbox)
    .where(outbox.c.id == bindparam("_id"))
    .values(
        state=bindparam("_state"),
        done_at=bindparam("_now", type_=outbox.c.done_at.type),
        last_error=bindparam("_error"),
    )
)


def _row(notice: Notice, key: str, now: datetime, not_before: datetime) -> dict[str, object]:
    return {
        "key": key,
        "lane": lane(notice),
        "payload": notice.model_dump_json(),
        "state": "pending",
        "attempts": 0,
        "uncertain": False,
        "not_before": not_before,
        "created_at": now,
    }


def _letter(row: RowMapping) -> Letter:
    fields = {name: row[name] for name in Letter.model_fields if name != "notice"}
    return Letter(notice=read_notice(row["payload"]), **fields)
