"""Leads, their names, and what they did."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.base import NUMBERED, index_of_one, json_column, table_of

IS_CUSTOMER = text("stage IN ('customer', 'evangelist')")
"""Few leads are: whoever asks by these very words looks at no other."""
SEARCHED = ("name", "company", "email")
"""What a lead is found by. SQLite reads it in an index, PostgreSQL takes but 2,700 bytes into one."""
_HAS_ACCOUNT = text("account IS NOT NULL")
_HAS_PHONE = text("phone IS NOT NULL")
_IS_HOT = text("hot_until IS NOT NULL")


class LeadRow(SQLModel, table=True):
    """A person. `filled` says since when a fact is known that was not there from the first day.

    `consent` is opted_out, opted_in, or NULL where nothing was said; the attribute `unsubscribed` follows from it.

    `behaviour`, and `parts` of which it is the sum, are as of `scored_at`, under the policy `scored_under` names.
    """

    __tablename__ = "lead"
    __table_args__ = (
        Index(
            "ix_lead_rescore_at",
            "rescore_at",
            sqlite_where=text("rescore_at IS NOT NULL"),
            postgresql_where=text("rescore_at IS NOT NULL"),
        ),
        Index("ix_lead_first_seen_at", "first_seen_at", "source"),
        Index("ix_lead_account", "account", sqlite_where=_HAS_ACCOUNT, postgresql_where=_HAS_ACCOUNT),
        Index("ix_lead_customer", "account", sqlite_where=IS_CUSTOMER, postgresql_where=IS_CUSTOMER),
        Index("ix_lead_phone", "phone", sqlite_where=_HAS_PHONE, postgresql_where=_HAS_PHONE),
        Index("ix_lead_hot_until", "hot_until", sqlite_where=_IS_HOT, postgresql_where=_IS_HOT),
        index_of_one("sqlite", "ix_lead_search", "id", *SEARCHED, "last_activity_at"),
        NUMBERED,
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
    employees: int | None = Field(default=None, sa_type=BigInteger)
    revenue: int | None = Field(default=None, sa_type=BigInteger)
    website: str | None
    campaign: str | None
    account: str | None
    free_mail: bool | None
    attributes: dict[str, Any] = json_column("attributes")
    filled: dict[str, str] = json_column("filled", "{}")
    source: str
    stage: str
    first_seen_at: datetime
    received_at: datetime
    last_activity_at: datetime
    fit: float = 0.0
    behaviour: float = 0.0
    parts: list[Any] = json_column("parts", "[]")
    scored_at: datetime | None
    scored_under: str | None
    hot_until: datetime | None
    rescore_at: datetime | None
    wake_at: datetime | None
    prospect_at: datetime | None
    consent: str | None
    consent_at: datetime | None
    consent_source: str | None


class LeadCountRow(SQLModel, table=True):
    """How many leads stand at a stage: the sum over all shards (storage/lead_counts.py)."""

    __tablename__ = "lead_count"

    stage: str = Field(primary_key=True)
    shard: int = Field(primary_key=True, sa_type=BigInteger)
    leads: int = Field(sa_type=BigInteger)


class IdentityRow(SQLModel, table=True):
    """A name under which a lead is known: an e-mail address, or an id in another system."""

    __tablename__ = "identity"

    namespace: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    lead_id: int = Field(foreign_key="lead.id", index=True)


class EngagementRow(SQLModel, table=True):
    """One thing a lead did. The sender's id of it is told once for a person and a kind: a webinar has many guests."""

    __tablename__ = "engagement"
    __table_args__ = (
        UniqueConstraint("source", "event_id", "lead_id", "kind"),
        Index("ix_engagement_lead_id_occurred_at", "lead_id", "occurred_at"),
        NUMBERED,
    )

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    kind: str
    occurred_at: datetime
    received_at: datetime
    source: str
    event_id: str | None
    properties: dict[str, Any] = json_column("properties")


class MergedLeadRow(SQLModel, table=True):
    """A lead that turned out to be another: what was known of it on that day, and who it is."""

    __tablename__ = "merged_lead"

    id: int = Field(primary_key=True)
    into_id: int = Field(foreign_key="lead.id", index=True)
    facts: dict[str, Any] = json_column("facts")
    source: str
    first_seen_at: datetime
    actor: str
    at: datetime


class TwoPeopleRow(SQLModel, table=True):
    """Two leads that look alike and are two people, as somebody said who knows; `lead_id` is the lower id."""

    __tablename__ = "two_people"

    lead_id: int = Field(primary_key=True, foreign_key="lead.id")
    other_id: int = Field(primary_key=True, foreign_key="lead.id", index=True)
    actor: str
    at: datetime


lead = table_of(LeadRow)
lead_count = table_of(LeadCountRow)
merged_lead = table_of(MergedLeadRow)
two_people = table_of(TwoPeopleRow)
identity = table_of(IdentityRow)
engagement = table_of(EngagementRow)
