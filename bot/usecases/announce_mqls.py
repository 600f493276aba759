"""Score the leads that wait for it, and open a cycle for each new MQL."""

import logging
from datetime import datetime, timedelta

from bot.usecases.again import again_on_conflict
from bot.usecases.score_leads import score_of, subjects_of
from funnel.cycle import Cycle, is_news, open_cycle
from funnel.lead import Lead
from funnel.lifecycle import Stage
from funnel.notices import PostCard
from funnel.policy import Policy
from funnel.scoring import Assessment, assess, events_of
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
        return tx.scores.has_due(now)


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
                for lead in tx.scores.due(now, 1):  # none, when another replica has taken it meanwhile
                    tx.scores.put_off(lead.id, now + PUT_ASIDE)
                    log.error("lead %s cannot be scored (%s); it is put aside", lead.id, type(error).__name__)
    return BATCH


@again_on_conflict
def _announce_batch(store: Store, policy: Policy, now: datetime, limit: int) -> int:
    with store.begin() as tx:
        leads = tx.scores.due(now, limit)
        events = tx.engagements.of(lead.id for lead in leads)
        newest = tx.cycles.newest_of(lead.id for lead in leads)
        subjects = subjects_of(tx, policy, leads)
        scores = []
        for lead in leads:
            done, subject = events.get(lead.id, []), subjects[lead.id]
            found = assess(subject, done, policy, now)
            cycle = newest.get(lead.id)
            if cycle is None or cycle.closed_at is not None:  # else the lead merely follows the cycle
                _advance(tx, lead, cycle, found, policy, now)
            scores.append(score_of(lead, subject, events_of(done), policy, now))
        tx.scores.save(scores)
    return len(leads)


def _advance(tx: Transaction, lead: Lead, last: Cycle | None, found: Assessment, policy: Policy, now: datetime) -> None:
    """Take a lead nobody works on to the stage it has earned, if it is another."""
    stage = _next_stage(lead, last, found, now)
    if stage is lead.stage:
        return
    tx.leads.set_stage(lead.id, stage)
    if stage is Stage.MQL:
        _open(tx, lead, last, found, policy, now)
        return
    tx.leads.set_prospect_days({lead.id: now})
    reason = f"{found.fit:.0f} points fit, {found.behaviour:.0f} behaviour"
    tx.history.append(lead.id, None, lead.stage, stage, now, ACTOR, policy.stamp, reason)


def _next_stage(lead: Lead, last: Cycle | None, found: Assessment, now: datetime) -> Stage:
    """The stage a lead nobody works on has earned; decay takes none away.

    A recycled lead wakes at its time, or when it raises its hand once more.
    """
    match lead.stage:
        case Stage.RAW:
            return found.earned
        case Stage.PROSPECT:
            return Stage.MQL if found.earned is Stage.MQL else Stage.PROSPECT
        case Stage.RECYCLED if not found.excluded:
            slept = lead.wake_at is not None and lead.wake_at <= now
            return Stage.MQL if slept or _raised_again(last, found) else Stage.RECYCLED
    return lead.stage


def _raised_again(last: Cycle | None, found: Assessment) -> bool:
    ended = last.closed_at if last else None
    return ended is not None and found.raised_at is not None and found.raised_at > ended


def _open(tx: Transaction, lead: Lead, last: Cycle | None, found: Assessment, policy: Policy, now: datetime) -> None:
    slept = lead.stage is Stage.RECYCLED and not _raised_again(last, found)
    by_policy = lead.scored_under not in (None, policy.stamp)  # it did nothing new: the rules are
    at = now if slept or by_policy else min(lead.last_activity_at, now)
    if slept:
        found = found.model_copy(update={"because": "back after it was put off"})
    number = last.number + 1 if last else 1
    cycle = open_cycle(tx.cycles.new_ids(1)[0], number, lead, Stage.MQL, at, found, policy)
    if is_news(now if slept else lead.last_activity_at, policy, now):
        cycle = cycle.model_copy(update={"announced": True})
    tx.cycles.add([cycle], [lead.facts.campaign])
    tx.leads.wake(lead.id)
    tx.history.append(lead.id, cycle.id, lead.stage, Stage.MQL, at, ACTOR, policy.stamp, found.because, recorded_at=now)
    if cycle.announced:
        tx.outbox.add_once(f"card:{cycle.id}", PostCard(cycle_id=cycle.id, channel=cycle.channel), now)
