"""What Slack is told, where it stands, and whom it is told to."""

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel

from storage.tables.base import NUMBERED, table_of


class OutboxRow(SQLModel, table=True):
    """What Slack must be told. pending -> sending -> sent | dropped | failed; `key` is never used twice."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "lane",
            "id",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "ix_outbox_unsettled",
            "state",
            "taken_until",
            sqlite_where=text("state IN ('sending', 'failed')"),
            postgresql_where=text("state IN ('sending', 'failed')"),
        ),
        NUMBERED,
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    lane: str
    payload: str = Field(sa_type=Text)
    state: str = "pending"
    attempts: int = 0
    uncertain: bool = False
    not_before: datetime
    taken_until: datetime | None
    last_error: str | None
    created_at: datetime
    done_at: datetime | None


class PostRow(SQLModel, table=True):
    """A card that stands in Slack. Of several of one cycle the newest counts; the others point to it."""

    __tablename__ = "post"

    channel: str = Field(primary_key=True)
    ts: str = Field(primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    posted_at: datetime


class MemberRow(SQLModel, table=True):
    """What Slack says of a person."""

    __tablename__ = "member"

    id: str = Field(primary_key=True)
    name: str
    timezone: str | None
    outsider: bool
    fetched_at: datetime
    home_opened_at: datetime | None


outbox = table_of(OutboxRow)
post = table_of(PostRow)
member = table_of(MemberRow)
