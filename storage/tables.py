"""The tables. Private to storage: rows never leave it."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, Column, Index, Table, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _json(name: str) -> Any:
    return Field(default=None, sa_column=Column(name, JSON, nullable=False))


class LeadRow(SQLModel, table=True):
    __tablename__ = "lead"
    __table_args__ = (
        Index(
            "ix_lead_rescore_at",
            "rescore_at",
            sqlite_where=text("rescore_at IS NOT NULL"),
            postgresql_where=text("rescore_at IS NOT NULL"),
        ),
        Index("ix_lead_first_seen_at", "first_seen_at", "source"),
        Index("ix_lead_domain", "domain"),
    )

    id: int | None = Field(default=None, primary_key=True)
    email: str | None
    domain: str | None
    name: str | None
    company: str | None
    title: str | None
    phone: str | None
    country: str | None
    industry: str | None
    employees: int | None
    revenue: int | None = Field(default=None, sa_type=BigInteger)
    website: str | None
    campaign: str | None
    attributes: dict[str, Any] = _json("attributes")
    source: str
    stage: str
    first_seen_at: datetime
    received_at: datetime
    last_activity_at: datetime
    fit: float = 0.0
    behaviour: float = 0.0
    scored_at: datetime | None
    rescore_at: datetime | None
    wake_at: datetime | None
    prospect_at: datetime | None


class IdentityRow(SQLModel, table=True):
    """A name under which a lead is known: an e-mail address, or an id in another system."""

    __tablename__ = "identity"

    namespace: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)


class EngagementRow(SQLModel, table=True):
    __tablename__ = "engagement"
    __table_args__ = (
        UniqueConstraint("source", "event_id"),
        Index("ix_engagement_lead_id_occurred_at", "lead_id", "occurred_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    kind: str
    occurred_at: datetime
    received_at: datetime
    source: str
    event_id: str | None
    properties: dict[str, Any] = _json("properties")


class CycleRow(SQLModel, table=True):
    """One episode. `reached` is the rank of the furthest stage that still stands."""

    __tablename__ = "cycle"
    __table_args__ = (
        UniqueConstraint("lead_id", "number"),
        Index(
            "uq_cycle_open",
            "lead_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_cycle_mql_at", "mql_at", "source", "reached"),
        Index("ix_cycle_stage_mql_at", "stage", "mql_at"),
        Index("ix_cycle_owner_stage", "owner", "stage"),
    )

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    number: int
    stage: str
    reached: int
    source: str
    campaign: str | None
    route: str
    channel: str
    score: float
    because: str
    reasons: list[Any] = _json("reasons")
    policy_version: str
    announced: bool
    owner: str | None
    mql_at: datetime
    accepted_at: datetime | None
    sql_at: datetime | None
    opportunity_at: datetime | None
    customer_at: datetime | None
    evangelist_at: datetime | None
    closed_at: datetime | None
    outcome_reason: str | None
    wake_at: datetime | None


class MoveRow(SQLModel, table=True):
    """The history: one row a move, never changed. `at` happened, `recorded_at` learned."""

    __tablename__ = "move"
    __table_args__ = (Index("ix_move_cycle_id_new", "cycle_id", "new"),)

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)
    cycle_id: int | None = Field(foreign_key="cycle.id")
    old: str
    new: str
    at: datetime
    recorded_at: datetime
    actor: str
    reason: str = ""
    note: str = Field(default="", sa_type=Text)
    policy_version: str = ""


class CallRow(SQLModel, table=True):
    """A discovery call as it was logged. `submission` is the modal's id: the same one is never logged twice."""

    __tablename__ = "call"

    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    submission: str = Field(unique=True)
    actor: str
    at: datetime
    note: str = Field(default="", sa_type=Text)


class AnswerRow(SQLModel, table=True):
    """One BANT answer of a call; append-only, the latest of a criterion counts."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("call_id", "criterion"),)

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id")
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    criterion: str
    status: str
    detail: str = Field(default="", sa_type=Text)
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None
    due: str | None
    actor: str
    at: datetime


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
    """A card that stands in Slack. `newer_ts` is set on a double that points to the newer card."""

    __tablename__ = "post"

    channel: str = Field(primary_key=True)
    ts: str = Field(primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    posted_at: datetime
    newer_ts: str | None


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


class MemberRow(SQLModel, table=True):
    """What Slack says of a person."""

    __tablename__ = "member"

    id: str = Field(primary_key=True)
    name: str
    timezone: str | None
    outsider: bool
    fetched_at: datetime


def _table(model: type[SQLModel]) -> Table:
    return cast(Table, model.__table__)  # type: ignore[attr-defined]


lead = _table(LeadRow)
identity = _table(IdentityRow)
engagement = _table(EngagementRow)
cycle = _table(CycleRow)
move = _table(MoveRow)
call = _table(CallRow)
answer = _table(AnswerRow)
outbox = _table(OutboxRow)
post = _table(PostRow)
lease = _table(LeaseRow)
api_key = _table(ApiKeyRow)
reply = _table(ReplyRow)
policy = _table(PolicyRow)
member = _table(MemberRow)

metadata = SQLModel.metadata
