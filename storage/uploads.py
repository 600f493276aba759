"""Files that were dropped on the bot. Every change is a conditional UPDATE: who comes second changes no row."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Update, and_, delete, or_, select, update

from funnel.upload import DroppedFile, Outlook, Tally, Upload, UploadState
from storage.rows import insert_one
from storage.tables import upload

_UNSETTLED = (UploadState.OFFERED, UploadState.QUEUED, UploadState.IMPORTING)


class Uploads:
    """The uploads of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def offer(self, file: DroppedFile, user: str, problem: str, now: datetime) -> int | None:
        """Remember a file that was dropped, failed already if it has a problem; its id, or None when it was known."""
        state = UploadState.FAILED if problem else UploadState.OFFERED
        told = file.model_dump(exclude={"kind", "size"}) | {"user": user, "state": state, "problem": problem}
        row = told | {"rows": 0, "line": 0, "turn": 0, "created_at": now, "changed_at": now}
        if not insert_one(self._connection, upload, row):
            return None
        same = (upload.c.file_id == file.file_id, upload.c.ts == file.ts)
        found: int | None = self._connection.scalar(select(upload.c.id).where(*same))
        return found

    def get(self, upload_id: int) -> Upload | None:
        row = self._connection.execute(_ALL.where(upload.c.id == upload_id)).mappings().one_or_none()
        return _upload(row) if row else None

    def waits(self, waiting: UploadState, working: UploadState, now: datetime) -> bool:
        """Whether one can be taken up."""
        return self._connection.scalar(select(upload.c.id).where(_free(waiting, working, now)).limit(1)) is not None

    def take(self, waiting: UploadState, working: UploadState, now: datetime, until: datetime) -> Upload | None:
        """Take up the oldest that waits, or that nobody works on any more; it is ours until `until`."""
        free = _free(waiting, working, now)
        oldest = select(upload.c.id).where(free).order_by(upload.c.id).limit(1).scalar_subquery()
        # Two that take at once end here: the second finds the row taken.
        statement = update(upload).where(upload.c.id == oldest, free)
        statement = statement.values(state=working, turn=upload.c.turn + 1, taken_until=until)
        row = self._connection.execute(statement.returning(*_ALL.selected_columns)).mappings().one_or_none()
        return _upload(row) if row else None

    def hold(self, seen: Upload, until: datetime, line: int, tally: Tally) -> bool:
        """Keep what was taken until `until`, and note how far it came; False when somebody else has it now."""
        values = {"taken_until": until, "line": line, "tally": tally.model_dump(mode="json")}
        return self._connection.execute(_as(seen).values(values)).rowcount == 1

    def move(self, seen: Upload, new: UploadState, now: datetime, **values: Any) -> bool:
        """Take an upload to `new`; False when it is no longer as it was `seen`."""
        values = {"taken_until": None, "changed_at": now} | values | {"state": new}
        return self._connection.execute(_as(seen).values(values)).rowcount == 1

    def stands_at(self, upload_id: int, message_ts: str) -> None:
        """Note where the card stands."""
        self._connection.execute(update(upload).where(upload.c.id == upload_id).values(message_ts=message_ts))

    def rejects(self, upload_id: int) -> bytes | None:
        """The refused rows that were not handed back yet."""
        found: bytes | None = self._connection.scalar(select(upload.c.rejects).where(upload.c.id == upload_id))
        return found

    def drop_rejects(self, upload_id: int) -> None:
        self._connection.execute(update(upload).where(upload.c.id == upload_id).values(rejects=None))

    def free_all(self) -> None:
        """Let all that was taken up be taken up anew; for a process that knows it is the only one."""
        self._connection.execute(update(upload).where(upload.c.state.in_(_UNSETTLED)).values(taken_until=None))

    def forget(self, before: datetime) -> int:
        """Delete what was settled, or never decided on, before a time; how many."""
        old = (upload.c.state.not_in(_UNSETTLED), upload.c.changed_at < before)
        return self._connection.execute(delete(upload).where(*old)).rowcount


_ALL = select(*(upload.c[name] for name in Upload.model_fields))


def _free(waiting: UploadState, working: UploadState, now: datetime) -> ColumnElement[bool]:
    nobodys = or_(upload.c.taken_until.is_(None), upload.c.taken_until < now)
    return and_(upload.c.state.in_({waiting, working}), nobodys)


def _as(seen: Upload) -> Update:
    """An update of an upload that nobody changed since it was seen."""
    return update(upload).where(upload.c.id == seen.id, upload.c.state == seen.state, upload.c.turn == seen.turn)


def _upload(row: RowMapping) -> Upload:
    outlook = Outlook.model_validate(row["outlook"]) if row["outlook"] else None
    return Upload(**(dict(row) | {"outlook": outlook}))
