"""Cycles, their history, calls and answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.base import NUMBERED, json_column, table_of

_LOOKS = text("look_at IS NOT NULL")


class CycleRow(SQLModel, table=True):
    """One episode. `reached` is the rank of the furthest stage that still stands.

    It is offered to all since `offered_at`, or its owner's since `owned_at`; the first try to reach the lead was at
    `attempted_at`. `claim_climbed` and `outcome_climbed` are the working seconds of the last step taken of its ladders,
    `climbed_at` when the last of both was, and `look_at` when the next one has to be looked for.
    """

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
        Index("ix_cycle_look_at", "look_at", sqlite_where=_LOOKS, postgresql_where=_LOOKS),
        NUMBERED,
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
    reasons: list[Any] = json_column("reasons")
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
    offered_at: datetime | None
    owned_at: datetime | None
    attempted_at: datetime | None
    claim_climbed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    outcome_climbed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    climbed_at: datetime | None
    look_at: datetime | None


class MoveRow(SQLModel, table=True):
    """The history, a row a move. `at` happened, `recorded_at` learned.

    What was done here is never changed; what a report makes of a lead (`report_id`) follows all that is reported.
    """

    __tablename__ = "move"
    __table_args__ = (Index("ix_move_cycle_id_new", "cycle_id", "new"), NUMBERED)

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
    report_id: int | None = Field(default=None, foreign_key="stage_report.id", index=True)


class StageReportRow(SQLModel, table=True):
    """Another system's word that a lead reached a stage, kept whether it has a place in the history today or not."""

    __tablename__ = "stage_report"
    __table_args__ = (UniqueConstraint("lead_id", "stage", "at"), NUMBERED)

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int = Field(foreign_key="lead.id")
    stage: str
    at: datetime
    is_dated: bool
    actor: str
    reason: str = ""
    recorded_at: datetime


class CallRow(SQLModel, table=True):
    """A discovery call as it was logged. `submission` is the modal's id: the same one is never logged twice."""

    __tablename__ = "call"
    __table_args__ = NUMBERED

    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    submission: str = Field(unique=True)
    actor: str
    at: datetime
    note: str = Field(default="", sa_type=Text)


class AnswerRow(SQLModel, table=True):
    """One BANT answer of a call; append-only, the latest of a criterion counts."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("call_id", "criterion"), NUMBERED)

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


cycle = table_of(CycleRow)
move = table_of(MoveRow)
stage_report = table_of(StageReportRow)
call = table_of(CallRow)
answer = table_of(AnswerRow)
