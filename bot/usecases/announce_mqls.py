"""Score the leads that wait for it, and open a cycle for each new MQL."""

import logging
from datetime import datetime, timedelta
from typing import Any

from bot.usecases.again import again_on_conflict
from funnel.cycle import is_news, open_cycle
from funnel.lead import Lead
from funnel.lifecycle import Stage
from funnel.notices import PostCard
from funnel.policy import Policy
from funnel.scoring import Assessment, assess
from storage.errors import Conflict
from storage.store import Store, Transaction

BATCH = 500
"""Leads scored in one transaction: short enough that nobody waits for it."""

ACTOR = "baton"

PUT_ASIDE = timedelta(minutes=10)
"""After which a lead that could not be scored is tried again."""

_BAD_LEAD = (ArithmeticError, LookupError, TypeError, ValueError, Conflict)
"""What a lead with impossible values can raise on its way through the rules and into the tables."""

log = logging.getLogger(__name__)


def has_due_leads(store: Store, now: datetime) -> bool:
    """Whether any lead waits to be scored; one look into an index."""
    with store.read() as tx:
        return tx.leads.has_due(now)


def announce_mqls(store: Store, policy: Policy, now: datetime) -> int:
    """Score every lead that is due; how many were. What it costs grows with these, not with what is stored.

    A lead that cannot be scored is put aside for a while and logged; it holds up no other.
    """
    total, count = 0, BATCH
    while count == BATCH:
        try:
            count = _announce_batch(store, policy, now, BATCH)
        except _BAD_LEAD:
            count = _one_by_one(store, policy, now)
        total += count
    return total


def _one_by_one(store: Store, policy: Policy, now: datetime) -> int:
    for _ in range(BATCH):
        try:
            if not _announce_batch(store, policy, now, 1):
                return 0
        except _BAD_LEAD as error:
            with store.begin() as tx:
                for lead in tx.leads.due(now, 1):  # none, when another replica has taken it meanwhile
                    tx.leads.put_off_scoring(lead.id, now + PUT_ASIDE)
                    log.error("lead %s cannot be scored (%s); it is put aside", lead.id, type(error).__name__)
    return BATCH


@again_on_conflict
def _announce_batch(store: Store, policy: Policy, now: datetime, limit: int) -> int:
    with store.begin() as tx:
        leads = tx.leads.due(now, limit)
        events = tx.leads.engagements([lead.id for lead in leads])
        newest = tx.cycles.newest_of(lead.id for lead in leads)
        rows = []
        for lead in leads:
            found = assess(lead.facts, events.get(lead.id, []), policy, now)
            cycle = newest.get(lead.id)
            if cycle is not None and cycle.closed_at is None:
                stage = cycle.stage  # the lead merely follows the cycle somebody works on
            else:
                stage = _next_stage(lead, found, now)
                _move(tx, lead, cycle.number + 1 if cycle else 1, stage, found, policy, now)
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
        case Stage.RECYCLED if lead.wake_at is not None and lead.wake_at <= now and not found.excluded:
            return Stage.MQL
    return lead.stage


def _move(
    tx: Transaction, lead: Lead, number: int, stage: Stage, found: Assessment, policy: Policy, now: datetime
) -> None:
    """Record the move to `stage`, if it is one; to an MQL it opens cycle `number`."""
    if stage is lead.stage:
        return
    if stage is Stage.MQL:
        _open(tx, lead, number, found, policy, now)
        return
    reason = f"{found.fit:.0f} points fit, {found.behaviour:.0f} behaviour"
    tx.history.append(lead.id, None, lead.stage, stage, now, ACTOR, policy.stamp, reason)


def _open(tx: Transaction, lead: Lead, number: int, found: Assessment, policy: Policy, now: datetime) -> None:
    woken = lead.stage is Stage.RECYCLED
    at = now if woken else min(lead.last_activity_at, now)
    if woken:
        found = found.model_copy(update={"because": "back after it was put off"})
    cycle = open_cycle(tx.cycles.new_ids(1)[0], number, lead, Stage.MQL, at, found, policy)
    if is_news(at, policy, now):
        cycle = cycle.model_copy(update={"announced": True})
    tx.cycles.add([cycle], [lead.facts.campaign])
    reason = found.because
    tx.history.append(lead.id, cycle.id, lead.stage, Stage.MQL, at, ACTOR, policy.stamp, reason, recorded_at=now)
    if cycle.announced:
        tx.outbox.add_once(f"card:{cycle.id}", PostCard(cycle_id=cycle.id, channel=cycle.channel), now)


def _score_row(lead: Lead, stage: Stage, found: Assessment, now: datetime) -> dict[str, Any]:
    asleep = stage is Stage.RECYCLED and lead.wake_at is not None and lead.wake_at > now
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
