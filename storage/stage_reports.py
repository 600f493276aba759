"""What other systems reported of leads: kept whole, so that a history can be built from all of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_, update

from funnel.history import StageReport
from funnel.lifecycle import Stage
from storage.bulk import insert_rows
from storage.rows import allocate_ids, batched
from storage.tables import move, stage_report

ReportKey = tuple[int, Stage, datetime]
"""What tells two reports apart: the lead, the stage, the instant."""


class StageReports:
    """The stage reports of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def new_ids(self, count: int) -> list[int]:
        return allocate_ids(self._connection, stage_report, count) if count else []

    def add(self, reports: Sequence[StageReport]) -> None:
        """Store reports that are not there yet."""
        insert_rows(self._connection, stage_report, StageReport._fields, reports)

    def of_leads(self, lead_ids: Iterable[int]) -> dict[int, list[StageReport]]:
        """All reports of leads, by lead id, in no order."""
        by_lead: dict[int, list[StageReport]] = defaultdict(list)
        columns = [stage_report.c[name] for name in StageReport._fields]
        for some in batched(lead_ids, 10_000):
            for row in self._connection.execute(select(*columns).where(stage_report.c.lead_id.in_(some))):
                by_lead[row.lead_id].append(StageReport(row[0], row[1], Stage(row[2]), *row[3:]))
        return by_lead

    def remove(self, report_ids: Sequence[int]) -> None:
        """Delete reports that say nothing; no line of the history may be theirs."""
        if report_ids:
            self._connection.execute(delete(stage_report).where(stage_report.c.id.in_(report_ids)))

    def move_all(self, younger_id: int, older_id: int) -> None:
        """Give the reports of a lead to an older one that it turned out to be; what both say is kept once."""
        same = select(stage_report.c.stage, stage_report.c.at).where(stage_report.c.lead_id == older_id)
        place = tuple_(stage_report.c.stage, stage_report.c.at)
        twice = select(stage_report.c.id).where(stage_report.c.lead_id == younger_id, place.in_(same))
        ids = list(self._connection.scalars(twice))
        if ids:
            self._connection.execute(delete(move).where(move.c.report_id.in_(ids)))
            self.remove(ids)
        rest = update(stage_report).where(stage_report.c.lead_id == younger_id)
        self._connection.execute(rest.values(lead_id=older_id))


def key_of(report: StageReport) -> ReportKey:
    """What tells a report from others."""
    return report.lead_id, report.stage, report.at


def by_key(reports: Mapping[int, Sequence[StageReport]]) -> dict[ReportKey, StageReport]:
    """Reports of leads, by what tells them apart."""
    return {key_of(report): report for some in reports.values() for report in some}
