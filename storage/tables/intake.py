"""What was handed in, as it was handed in."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.base import NUMBERED, json_column, table_of

_FAILED = text("state = 'failed'")


class BodyRow(SQLModel, table=True):
    """A body as it came over HTTP, kept before anything is made of it. received -> done | failed.

    `signed` is a digest of what was signed, if it was: by it a replay is known.
    """

    __tablename__ = "body"
    __table_args__ = (
        Index("ix_body_failed", "id", sqlite_where=_FAILED, postgresql_where=_FAILED),
        Index("ix_body_received_at", "received_at"),
        NUMBERED,
    )

    id: int | None = Field(default=None, primary_key=True)
    api_key_id: int = Field(foreign_key="api_key.id")
    door: str
    media_type: str
    idempotency_key: str | None
    content: str = Field(sa_type=Text)
    received_at: datetime
    state: str = "received"
    reason: str = Field(default="", sa_type=Text)
    done_at: datetime | None
    signed: str | None


class UploadRow(SQLModel, table=True):
    """A file somebody dropped on the bot. offered -> ready -> queued -> importing -> done | cancelled | failed.

    Whoever takes it up has it until `taken_until` and counts `turn` up: an older turn changes nothing any more.
    `line` is how far the import came; `outlook` says what would become of the rows, `tally` what became of them.
    `rejects` are the refused rows, until they are handed back.
    """

    __tablename__ = "upload"
    __table_args__ = (UniqueConstraint("file_id", "ts"), Index("ix_upload_state", "state"), NUMBERED)

    id: int | None = Field(default=None, primary_key=True)
    file_id: str
    ts: str
    name: str
    url: str
    user: str
    channel: str
    thread_ts: str
    message_ts: str | None
    state: str
    source: str | None
    decided_by: str | None
    rows: int = 0
    outlook: dict[str, Any] = json_column("outlook", "{}")
    tally: dict[str, Any] = json_column("tally", "{}")
    line: int = 0
    turn: int = 0
    taken_until: datetime | None
    problem: str = Field(default="", sa_type=Text)
    rejects: bytes | None
    created_at: datetime
    changed_at: datetime


body = table_of(BodyRow)
upload = table_of(UploadRow)
