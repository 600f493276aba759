"""What the service itself must remember."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from storage.tables.base import NUMBERED, table_of


class LeaseRow(SQLModel, table=True):
    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    holder: str
    until: datetime


class JobRunRow(SQLModel, table=True):
    """The last run of each job, and the occurrence it was of."""

    __tablename__ = "job_run"

    name: str = Field(primary_key=True)
    occurrence: datetime
    started_at: datetime
    done_at: datetime | None
    did: int | None
    error: str = Field(sa_type=Text)
    holder: str


class ApiKeyRow(SQLModel, table=True):
    """An API key; only the hash of its secret is kept.

    A signing key's secret must be there to check a signature with. It hands leads in and reads nothing.
    `reads` and `any_source` are NULL for a key that was made before keys had rights: it may do both.
    """

    __tablename__ = "api_key"
    __table_args__ = NUMBERED

    id: int | None = Field(default=None, primary_key=True)
    source: str
    hash: str = Field(unique=True)
    created_at: datetime
    revoked_at: datetime | None
    signing_secret: str | None
    reads: bool | None
    any_source: bool | None


class ReplyRow(SQLModel, table=True):
    """The answer given to an Idempotency-Key, to be given again."""

    __tablename__ = "reply"

    api_key_id: int = Field(primary_key=True, foreign_key="api_key.id")
    key: str = Field(primary_key=True)
    request_hash: str
    status: int
    body: str = Field(sa_type=Text)
    at: datetime = Field(index=True)


class PolicyRow(SQLModel, table=True):
    __tablename__ = "policy"

    hash: str = Field(primary_key=True)
    version: str
    text: str = Field(sa_type=Text)
    loaded_at: datetime


class PolicyChangeRow(SQLModel, table=True):
    """Which policy was put in force, by whom, when; the newest row is in force."""

    __tablename__ = "policy_change"
    __table_args__ = NUMBERED

    id: int | None = Field(default=None, primary_key=True)
    hash: str = Field(foreign_key="policy.hash")
    author: str
    at: datetime


class RescoringRow(SQLModel, table=True):
    """How far the leads are scored anew under a policy: all up to `done_id` of those up to `last_id`."""

    __tablename__ = "rescoring"

    policy: str = Field(primary_key=True)
    done_id: int
    last_id: int
    scored: int = 0
    started_at: datetime
    done_at: datetime | None


lease = table_of(LeaseRow)
job_run = table_of(JobRunRow)
api_key = table_of(ApiKeyRow)
reply = table_of(ReplyRow)
policy = table_of(PolicyRow)
policy_change = table_of(PolicyChangeRow)
rescoring = table_of(RescoringRow)
