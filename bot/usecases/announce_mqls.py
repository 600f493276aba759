"""Score the leads that wait for it, and open a cycle for each new MQL."""

from datetime import datetime
from typing import Any

from bot.usecases.again import again_on_conflict
from funnel.cycle import is_news, open_cycle
from funnel.lead import Lead
from funnel.lifecycle import Stage
from funnel.notices import PostCard
from funnel.policy import Policy
from funnel.scoring import Assessment, assess
from storage.store import Store, Transaction

BATCH = 500
"""Leads scored in one transaction: short enough that nobody waits for it."""

ACTOR = "baton"


def has_due_leads(store: Store, now: datetime) -> bool:
    """Whether any lead waits to be scored; one look into an index."""
    with store.read() as tx:
        return tx.leads.has_due(now)


def announce_mqls(store: Store, policy: Policy, now: datetime) -> int:
    """Score every lead that is due; how many were. What it costs grows with these, not with what is stored."""
    total, count = 0, BATCH
    while count == BATCH:
        count = _announce_batch(store, policy, now)
        total += count
    return total


@again_on_conflict
def _announce_batch(store: Store, policy: Policy, now: datetime) -> int:
    with store.begin() as tx:
        leads = tx.leads.due(now, BATCH)
        events = tx.leads.engagements([lead.id for lead in leads])
        newest = tx.cycles.newest_of(lead.id for lead in leads)
        rows = []
        for lead in leads:
            found = assess(lead.facts, events.get(lead.id, []), policy, now)
            stage = _next_stage(lead, found, now)
            if stage is not lead.stage and stage is Stage.MQL:
                number = newest[lead.id].number + 1 if lead.id in newest else 1
                _open(tx, lead, number, found, policy, now)
            elif stage is not lead.stage:
                tx.history.append(lead.id, None, lead.stage, stage, now, ACTOR, policy.stamp, _prospect_reason(found))
            rows.append(_score_row(lead, stage, found, now))
        tx.leads.save_scores(rows)
    return len(leads)


def _next_stage(lead: Lead, found: Assessment, now: datetime) -> Stage:
    """The stage a lead nobody works on has earned; decay takes none away. A recycled lead wakes at its time."""
    match lead.stage:
        case Stage.RAW:
            return found.earned
        case Stage.PROSPECT:
            return Stage.MQL if found.earned is Stage.MQL else Stage.PROSPECT
        case Stage.RECYCLED if lead.wake_at is not None and lead.wake_at <= now:
            return Stage.MQL
    return lead.stage


def _open(tx: Transaction, lead: Lead, number: int, found: Assessment, policy: Policy, now: datetime) -> None:
    woken = lead.stage is Stage.RECYCLED
    at = now if woken else min(lead.last_activity_at, now)
    if woken:
        found = found.model_copy(update={"because": "back after it was put off"})
    cycle = open_cycle(tx.cycles.new_ids(1)[0], number, lead, Stage.MQL, at, found, policy)
    if is_news(at, policy, now):
        cycle = cycle.model_copy(update={"announced": True})
    tx.cycles.add([cycle], [lead.facts.campaign])
    tx.history.append(lead.id, cycle.id, lead.stage, Stage.MQL, at, ACTOR, policy.stamp, found.because)
    if cycle.announced:
        tx.outbox.add_once(f"card:{cycle.id}", PostCard(cycle_id=cycle.id, channel=cycle.channel), now)


def _prospect_reason(found: Assessment) -> str:
    return f"{found.fit:.0f} points fit, {found.behaviour:.0f} behaviour"


def _score_row(lead: Lead, stage: Stage, found: Assessment, now: datetime) -> dict[str, Any]:
    asleep = stage is Stage.RECYCLED
    new_prospect = stage is Stage.PROSPECT and lead.stage is Stage.RAW
    return {
        "lead_id": lead.id,
        "fit": found.fit,
        "behaviour": found.behaviour,
        "stage": stage,
        "scored_at": now,
        "rescore_at": lead.wake_at if asleep else None,
        "wake_at": lead.wake_at if asleep else None,
        "prospect_at": now if new_prospect else lead.prospect_at,
    }
