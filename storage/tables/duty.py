"""Who is given leads, and when they are there."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.tables.base import NUMBERED, json_column, table_of


class HandoverRow(SQLModel, table=True):
    """A change of hands, never changed but for `credited`: a lead that was none is not counted against its owner.

    `how` is the way it came about (claim, release, round robin ...); `considered` says who else could have got it.
    """

    __tablename__ = "handover"
    __table_args__ = (Index("ix_handover_team_at", "team", "at"), NUMBERED)

    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    team: str | None
    old_owner: str | None
    new_owner: str | None
    actor: str
    how: str
    at: datetime
    considered: list[Any] = json_column("considered", "[]")
    before: dict[str, Any] = json_column("before", "{}")
    credited: bool = False


class AbsenceRow(SQLModel, table=True):
    """Time in which somebody is given nothing: `kind` is absence, or pause, of which one has an open end."""

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_user_until", "user", "until"), NUMBERED)

    id: int | None = Field(default=None, primary_key=True)
    user: str
    since: datetime
    until: datetime
    kind: str
    actor: str


class TurnRow(SQLModel, table=True):
    """Since when somebody takes turns in a team: hours before that are not counted."""

    __tablename__ = "turn"

    team: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    since: datetime


class PreferenceRow(SQLModel, table=True):
    """What somebody chose; `told` is when they were told of leads in the last hour, for those with a limit."""

    __tablename__ = "preference"

    user: str = Field(primary_key=True)
    chosen: dict[str, Any] = json_column("chosen", "{}")
    told: list[Any] = json_column("told", "[]")
    changed_at: datetime


handover = table_of(HandoverRow)
absence = table_of(AbsenceRow)
turn = table_of(TurnRow)
preference = table_of(PreferenceRow)
