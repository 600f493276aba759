"""Record what leads did, and add it to their scores; a lead that may have earned more is due at once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import compress
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from bot.usecases.again import again_on_conflict
from bot.usecases.names import Name, email_names
from funnel.consent import Consent, state_of_kind, strictest
from funnel.decay import instant
from funnel.identity import with_consent
from funnel.lead import Engagement
from funnel.policy import Policy
from funnel.scorer import scorer
from funnel.scoring import events_of
from storage.errors import Conflict
from storage.scores import Counted
from storage.store import Store, Transaction


class Seen(BaseModel):
    """An engagement with the names its lead may be known under."""

    model_config = ConfigDict(frozen=True)

    event: Engagement
    lead_id: int | None = None
    email: str | None = None
    system: str | None = None
    external_id: str | None = None

    def names(self, policy: Policy) -> list[Name]:
        names = email_names(self.email, policy) if self.email else []
        if self.system and self.external_id:
            names.append((self.system, self.external_id))
        return names


class Recorded(NamedTuple):
    """What became of one engagement: its lead's id, None for a stranger; and whether it had not been told before."""

    lead_id: int | None
    is_new: bool


@again_on_conflict
def record_engagements(
    store: Store, policy: Policy, seen: Sequence[Seen], source: str, now: datetime
) -> list[Recorded]:
    """Store the engagements of known leads, each event id once for a person and a kind; what became of each."""
    with store.begin() as tx:
        return record(tx, policy, seen, source, now)


def record(tx: Transaction, policy: Policy, seen: Sequence[Seen], source: str, now: datetime) -> list[Recorded]:
    """The same within a transaction."""
    known = tx.leads.resolve({name for one in seen if one.lead_id is None for name in one.names(policy)})
    by_id = tx.leads.now_known_as({one.lead_id for one in seen if one.lead_id is not None})
    lead_ids = [_lead_of(one, policy, known, by_id) for one in seen]
    events = [(lead_id, one.event) for one, lead_id in zip(seen, lead_ids, strict=True) if lead_id is not None]
    # Locked before anything is written: whoever merges one of them comes before or after.
    counted = tx.scores.counted({lead_id for lead_id, _ in events})
    if len(counted) < len({lead_id for lead_id, _ in events}):
        raise Conflict("A lead was merged into another just now.")
    is_new = tx.engagements.add(events, source, now)
    new = list(compress(events, is_new))
    _count(tx, policy, counted, new, now)
    _hear(tx, new, source, now)
    news = iter(is_new)
    return [Recorded(lead_id, lead_id is not None and next(news)) for lead_id in lead_ids]


def _lead_of(seen: Seen, policy: Policy, known: dict[Name, int], by_id: dict[int, int]) -> int | None:
    if seen.lead_id is not None:
        return by_id.get(seen.lead_id)
    return next((known[name] for name in seen.names(policy) if name in known), None)


def _hear(tx: Transaction, new: Sequence[tuple[int, Engagement]], source: str, now: datetime) -> None:
    """Take what people did for their own word on consent, where it is one."""
    told: dict[int, list[Consent]] = defaultdict(list)
    for lead_id, event in new:
        if state := state_of_kind(event.kind):
            told[lead_id].append(Consent(state, event.occurred_at, source))
    if not told:
        return
    leads = tx.leads.get_many(told, to_change=True)
    wiser = [with_consent(lead, strictest(told[lead.id])) for lead in leads.values()]
    tx.leads.save_facts([one for one in wiser if one is not leads[one.id]], now)


def _count(
    tx: Transaction, policy: Policy, leads: Sequence[Counted], new: Sequence[tuple[int, Engagement]], now: datetime
) -> None:
    """Add new engagements to the scores of their leads; the tick looks at those for whom it may mean a move."""
    by_lead: dict[int, list[Engagement]] = defaultdict(list)
    for lead_id, event in new:
        by_lead[lead_id].append(event)
    due, rows = [], []
    is_known = tx.policies.counts(policy.hash)
    for counted in (one for one in leads if one.lead_id in by_lead):
        told = scorer(policy).more(counted, policy.stamp, events_of(by_lead[counted.lead_id]), instant(now))
        if told is None or not is_known:
            due.append(counted.lead_id)
        else:
            rows.append((counted.lead_id, *told, now))
    tx.scores.add_up(rows)
    tx.scores.make_due(due, now)
    tx.engagements.touch({lead_id: max(one.occurred_at for one in events) for lead_id, events in by_lead.items()})
