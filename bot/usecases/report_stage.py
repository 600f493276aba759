"""Take a CRM's word for what became of an SQL: opportunity, customer, evangelist, or lost."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.errors import NotFound
from bot.usecases.score_leads import look_at_colleagues
from funnel.errors import IllegalMove
from funnel.lifecycle import OUTCOMES, Stage, check_report
from funnel.notices import Notice, RefreshCard, TellThread
from funnel.policy import Policy
from storage.store import Store


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
    """Move a lead's newest cycle to what was reported; False when it was there already.

    Raises:
        NotFound: no such lead, or it never was an MQL.
        IllegalMove: with the moves that are legal.
    """
    with store.begin() as tx:
        lead_id = tx.leads.now_known_as([lead_id]).get(lead_id, lead_id)
        cycles = tx.cycles.of_lead(lead_id)
        if not cycles:
            raise NotFound(f"Lead {lead_id} is unknown or has not been an MQL yet; there is no cycle to move.")
        cycle = cycles[0]
        if cycle.stage is stage:
            return False
        check_report(cycle.stage, stage)
        if not tx.cycles.move(cycle, stage, at, outcome_reason=reason or None):
            raise IllegalMove("Somebody else just changed this lead; report it again.")
        if stage in OUTCOMES:
            tx.leads.set_aside(lead_id, stage, None)
        else:
            tx.leads.set_stage(lead_id, stage)
        if stage is Stage.CUSTOMER:
            look_at_colleagues(tx, policy, [lead_id], now)
        move_id = tx.history.append(
            lead_id, cycle.id, cycle.stage, stage, at, actor, policy.stamp, reason or "reported", recorded_at=now
        )
        if cycle.announced:
            told: list[Notice] = [
                RefreshCard(cycle_id=cycle.id),
                TellThread(cycle_id=cycle.id, move_id=move_id, channel=cycle.channel),
            ]
            tx.outbox.add(told, now)
    return True
