"""Many leads at a glance, each with its score as it is now."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from funnel.decay import instant
from funnel.lead import Lead
from funnel.lifecycle import Stage
from funnel.parts import Parts
from funnel.policy import Policy
from funnel.scorer import Counted, scorer
from storage.store import Store, Transaction

_TOGETHER = 10_000
"""A statement holds only so many ids."""


class Listed(NamedTuple):
    """A lead and its score, as of a moment (UTC): now, unless it was counted under another policy; None without one."""

    lead: Lead
    score: float | None
    as_of: datetime | None


def list_scores(
    store: Store, policy: Policy, stage: Stage | None, source: str | None, limit: int, now: datetime, *, hot: bool
) -> list[Listed]:
    """The leads with the newest activity, or those over their threshold, the hottest first."""
    with store.read() as tx:
        if not hot:
            return _with_scores(tx, policy, tx.leads.latest(stage, source, limit), now)
        found = tx.scores.hot(now, limit)
        asked = [one for one in found if (not stage or one.stage is stage) and (source is None or one.source == source)]
        return _with_scores(tx, policy, asked, now)


def _with_scores(tx: Transaction, policy: Policy, leads: Sequence[Lead], now: datetime) -> list[Listed]:
    listed = []
    for start in range(0, len(leads), _TOGETHER):
        some = leads[start : start + _TOGETHER]
        counted = {one.lead_id: one for one in tx.scores.counted([lead.id for lead in some], to_change=False)}
        listed += [Listed(one, *_score(policy, one, counted[one.id], now)) for one in some if one.id in counted]
    return listed


def _score(policy: Policy, lead: Lead, known: Counted, now: datetime) -> tuple[float | None, datetime | None]:
    """A score and its moment. What faded since the lead was scored is not stored, and follows from the parts.

    The parts of another policy say nothing under this one: then it is the score as it was stored.
    """
    if known.scored_at is None:
        return None, None
    if known.scored_under != policy.stamp:
        return lead.fit + lead.behaviour, lead.scored_at
    sums = scorer(policy).sums
    parts = sums.later(Parts(*known.parts) if known.parts else sums.none(), instant(known.scored_at), instant(now))
    return known.fit + sums.total(parts.values), now
