"""Take a CRM's word for what became of an SQL: opportunity, customer, evangelist, or lost."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.enter_history import enter_reports
from bot.usecases.errors import NotFound
from funnel.cycle import Cycle
from funnel.history import StageReport
from funnel.lifecycle import CYCLE_STAGES, OUTCOMES, Stage, check_report
from funnel.notices import Notice, RefreshCard, TellThread
from funnel.policy import Policy
from storage.store import Store, Transaction


@again_on_conflict
def report_stage(
    store: Store,
    policy: Policy,
    lead_id: int,
    stage: Stage,
    at: datetime,
    actor: str,
    now: datetime,
    reason: str = "",
) -> bool:
    """Enter a report into a lead's history; whether it moved the lead.

    It is about the cycle that lives, or else the last. One of a day before the cycle's newest gives its day alone.

    Raises:
        NotFound: no such lead, or it never was an MQL.
        IllegalMove: with the moves that are legal.
    """
    with store.begin() as tx:
        lead_id = tx.leads.now_known_as([lead_id]).get(lead_id, lead_id)
        cycle = living_cycle(tx.cycles.of_lead(lead_id))
        if cycle is None:
            raise NotFound(f"Lead {lead_id} is unknown or has not been an MQL yet; there is no cycle to move.")
        if cycle.stage is stage:
            return False
        if not (stage in CYCLE_STAGES and at < cycle.reached_at):
            check_report(cycle.stage, stage)
        report = StageReport(0, lead_id, stage, at, True, actor, reason, now)
        enter_reports(tx, policy, tx.leads.get_many([lead_id], to_change=True), [report], now)
        return _follow(tx, cycle, report, now)


def living_cycle(cycles: list[Cycle]) -> Cycle | None:
    """Of a lead's cycles, the newest first, the one that goes on; where none does, the last."""
    standing = [cycle for cycle in cycles if cycle.closed_at is None]
    return next(iter(standing or cycles), None)


def _follow(tx: Transaction, before: Cycle, report: StageReport, now: datetime) -> bool:
    """Have the card's thread told of a move; whether there was one."""
    after = tx.cycles.get(before.id)
    if after is None or after.stage is not report.stage:
        return False
    if report.stage in OUTCOMES:
        tx.leads.set_aside(after.lead_id, report.stage, None)
    if after.announced:
        line = tx.history.of_report(report)
        told: list[Notice] = [TellThread(cycle_id=after.id, move_id=line, channel=after.channel)] if line else []
        tx.outbox.add([RefreshCard(cycle_id=after.id), *told], now)
    return True
