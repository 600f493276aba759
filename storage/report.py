"""The counts behind the funnel."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    case,
    extract,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.sql import FromClause

from funnel.lifecycle import CYCLE_STAGES, OUTCOMES, Stage, rank
from funnel.period import Period
from funnel.question import Dimension, FunnelQuestion
from funnel.report import Tally
from storage.cycles import MILESTONES
from storage.tables import cycle, lead

_DAY_SECONDS = 86_400


class Report:
    """The funnel of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tallies(self, question: FunnelQuestion, now: datetime) -> list[Tally]:
        """One Tally for each group of the cycles that became MQLs in the period; one "all" without a split."""
        columns: list[ColumnElement[Any]] = [_group(question.by).label("name")]
        for stage in CYCLE_STAGES:
            columns += [
                _count(cycle.c.reached >= rank(stage)).label(f"reached_{stage}"),
                _count(cycle.c[MILESTONES[stage]].is_not(None)).label(f"recorded_{stage}"),
                _count(and_(_mature(question, now), self._in_time(stage, question.within))).label(f"in_time_{stage}"),
            ]
        columns += [_count(_ended(outcome)).label(f"ended_{outcome}") for outcome in OUTCOMES]
        columns.append(_count(_mature(question, now)).label("mature"))
        statement = (
            select(*columns)
            .select_from(_tables(question.by))
            .where(cycle.c.mql_at >= question.period.start, cycle.c.mql_at < question.period.end)
        )
        if question.by:
            statement = statement.group_by(_group(question.by))
        rows = [_tally(row) for row in self._connection.execute(statement).mappings()]
        return [row for row in rows if row.cycles]

    def people(self, period: Period) -> tuple[int, int]:
        """How many leads were first seen in a period, and how many became prospects in it."""
        leads = select(func.count()).where(lead.c.first_seen_at >= period.start, lead.c.first_seen_at < period.end)
        prospects = select(func.count()).where(lead.c.prospect_at >= period.start, lead.c.prospect_at < period.end)
        return self._connection.scalar(leads) or 0, self._connection.scalar(prospects) or 0

    def _in_time(self, stage: Stage, days: int) -> ColumnElement[bool]:
        """Whether a milestone at `stage` or beyond came no later than `days` after the MQL."""
        beyond = [later for later in CYCLE_STAGES if rank(later) >= rank(stage)]
        return or_(*(self._seconds_to(MILESTONES[later]) <= days * _DAY_SECONDS for later in beyond))

    def _seconds_to(self, milestone: str) -> ColumnElement[Any]:
        """Seconds from the MQL to a milestone; NULL, and so never in time, when it was not recorded."""
        if self._connection.dialect.name == "sqlite":
            days = func.julianday(cycle.c[milestone]) - func.julianday(cycle.c.mql_at)
            return func.round(days * _DAY_SECONDS, 3)
        return extract("epoch", cycle.c[milestone] - cycle.c.mql_at)


def _group(by: Dimension | None) -> ColumnElement[str]:
    if by is None:
        return literal("all")
    table = lead if by in {Dimension.COUNTRY, Dimension.INDUSTRY} else cycle
    return func.coalesce(table.c[by.value], literal_column("''"))  # no parameter: PostgreSQL must see one expression


def _tables(by: Dimension | None) -> FromClause:
    if by in {Dimension.COUNTRY, Dimension.INDUSTRY}:
        return cycle.join(lead, lead.c.id == cycle.c.lead_id)
    return cycle


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0), type_=Integer), 0)


def _mature(question: FunnelQuestion, now: datetime) -> ColumnElement[bool]:
    return cycle.c.mql_at <= now - timedelta(days=question.within)


def _ended(outcome: Stage) -> ColumnElement[bool]:
    """Whether a cycle ended this way before it was an SQL."""
    return and_(cycle.c.stage == outcome, cycle.c.reached < rank(Stage.SQL))


def _tally(row: Any) -> Tally:
    def read(prefix: str, stages: tuple[Stage, ...]) -> dict[Stage, int]:
        return {stage: row[f"{prefix}_{stage}"] for stage in stages}

    return Tally(
        name=row["name"],
        reached=read("reached", CYCLE_STAGES),
        recorded=read("recorded", CYCLE_STAGES),
        mature=row["mature"],
        in_time=read("in_time", CYCLE_STAGES),
        outcomes=read("ended", OUTCOMES),
    )
