"""Answer a question about the funnel."""

from datetime import datetime

from funnel.question import FunnelQuestion
from funnel.report import FunnelReport, build_report
from storage.store import Store


def report_funnel(store: Store, question: FunnelQuestion, now: datetime) -> FunnelReport:
    """The funnel of a period as the database has it now."""
    with store.read() as tx:
        groups = tx.report.tallies(question, now)
        leads, prospects = tx.report.people(question.period)
    return build_report(question, groups, leads, prospects, now)
