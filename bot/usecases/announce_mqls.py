"""Score the leads that wait for it, and open a cycle for each new MQL."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.usecases.advance_leads import Advance
from bot.usecases.again import again_on_conflict
from bot.usecases.score_leads import numbers, subjects_of
from funnel.policy import Policy
from funnel.scoring import events_of
from storage.errors import Conflict, RowRefused
from storage.store import Store

BATCH = 500
"""Leads scored in one transaction: short enough that nobody waits for it."""

PUT_ASIDE = timedelta(minutes=10)
"""After which a lead that could not be scored is tried again."""

_BAD_LEAD = (ArithmeticError, LookupError, TypeError, ValueError, Conflict, RowRefused)
"""What a lead with impossible values can raise on its way through the rules and into the tables."""

PutAside = Callable[[int], object]
"""Called with the id of a lead that could not be scored."""

log = logging.getLogger(__name__)


def has_due_leads(store: Store, now: datetime) -> bool:
    """Whether any lead waits to be scored; one look into an index."""
    with store.read() as tx:
        return tx.scores.has_due(now)


def announce_mqls(store: Store, policy: Policy, now: datetime, on_put_aside: PutAside = lambda lead_id: None) -> int:
    """Score every lead that is due; how many were. What it costs grows with these, not with what is stored.

    A lead that cannot be scored is put aside for a while and logged; it holds up no other.
    """
    total, count = 0, BATCH
    while count == BATCH:
        try:
            count = _announce_batch(store, policy, now, BATCH)
        except _BAD_LEAD:
            count = _one_by_one(store, policy, now, on_put_aside)
        total += count
    return total


def _one_by_one(store: Store, policy: Policy, now: datetime, on_put_aside: PutAside) -> int:
    for _ in range(BATCH):
        try:
            if not _announce_batch(store, policy, now, 1):
                return 0
        except _BAD_LEAD as error:
            for lead_id in _put_aside(store, now):
                log.error(
                    "lead %s cannot be scored (%s); it is put aside", lead_id, type(error).__name__, exc_info=error
                )
                on_put_aside(lead_id)
    return BATCH


def _put_aside(store: Store, now: datetime) -> list[int]:
    """Put aside the lead whose turn it is; none, when another replica has taken it meanwhile."""
    with store.begin() as tx:
        ids = [lead.id for lead in tx.scores.due(now, 1)]
        for lead_id in ids:
            tx.scores.put_off(lead_id, now + PUT_ASIDE)
    return ids


@again_on_conflict
def _announce_batch(store: Store, policy: Policy, now: datetime, limit: int) -> int:
    with store.begin() as tx:
        if not tx.policies.counts(policy.hash):
            return 0  # they stay due, for those who have heard of the change
        leads = tx.scores.due(now, limit)
        events = tx.engagements.of(lead.id for lead in leads)
        newest = tx.cycles.newest_of(lead.id for lead in leads)
        subjects = subjects_of(tx, policy, leads)
        advance, scores = Advance(tx, policy, now), []
        for lead in leads:
            done, subject = events.get(lead.id, []), subjects[lead.id]
            score, standing = numbers(lead.id, lead.stage, lead.wake_at, subject.lookup(), events_of(done), policy, now)
            advance.take(lead, newest.get(lead.id), subject, done, standing)
            scores.append(score)
        advance.write()
        tx.scores.save(scores)
    return len(leads)
