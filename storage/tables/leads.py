"""Leads, their names, and what they did."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.base import json_column, table_of


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
    employees: int | None = Field(default=None, sa_type=BigInteger)
    revenue: int | None = Field(default=None, sa_type=BigInteger)
    website: str | None
    campaign: str | None
    attributes: dict[str, Any] = json_column("attributes")
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
    properties: dict[str, Any] = json_column("properties")


lead = table_of(LeadRow)
identity = table_of(IdentityRow)
engagement = table_of(EngagementRow)
