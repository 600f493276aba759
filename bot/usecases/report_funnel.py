"""Answer a question about the funnel."""

from datetime import datetime

from funnel.question import Dimension, FunnelQuestion
from funnel.report import FunnelReport, Tally, build_report
from storage.members import Member
from storage.store import Store


def report_funnel(store: Store, question: FunnelQuestion, now: datetime) -> FunnelReport:
    """The funnel of a period as the database has it now."""
    with store.read() as tx:
        groups = tx.report.tallies(question, now)
        if question.by is Dimension.OWNER:
            members = tx.members.all()
            groups = [_named(group, members) for group in groups]
        leads, prospects = tx.report.people(question.period)
    return build_report(question, groups, leads, prospects, now)


def _named(group: Tally, members: dict[str, Member]) -> Tally:
    """A group of an owner under the name people know; the id of one Slack never told us of."""
    known = members.get(group.name)
    return group.model_copy(update={"name": known.name if known else group.name or "nobody yet"})
