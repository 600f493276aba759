"""What the service itself must remember."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from storage.tables.base import table_of


class LeaseRow(SQLModel, table=True):
    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    holder: str
    until: datetime


class ApiKeyRow(SQLModel, table=True):
    """An API key; only the hash of its secret is kept."""

    __tablename__ = "api_key"

    id: int | None = Field(default=None, primary_key=True)
    source: str
    hash: str = Field(unique=True)
    created_at: datetime
    revoked_at: datetime | None


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


lease = table_of(LeaseRow)
api_key = table_of(ApiKeyRow)
reply = table_of(ReplyRow)
policy = table_of(PolicyRow)
