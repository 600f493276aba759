"""Record what leads did; their score is due at once."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bot.usecases.again import again_on_conflict
from funnel.lead import EMAIL, Engagement
from storage.store import Store


class Seen(BaseModel):
    """An engagement with the names its lead may be known under."""

    model_config = ConfigDict(frozen=True)

    event: Engagement
    lead_id: int | None = None
    email: str | None = None
    system: str | None = None
    external_id: str | None = None

    @property
    def identities(self) -> list[tuple[str, str]]:
        pairs = [(EMAIL, self.email)] if self.email else []
        if self.system and self.external_id:
            pairs.append((self.system, self.external_id))
        return pairs


@again_on_conflict
def record_engagements(store: Store, seen: Sequence[Seen], source: str, now: datetime) -> list[int | None]:
    """Store the engagements of known leads, each event id once; the lead id of each, None for a stranger."""
    with store.begin() as tx:
        known = tx.leads.resolve({pair for one in seen for pair in one.identities})
        stored = set(tx.leads.get_many({one.lead_id for one in seen if one.lead_id is not None}))
        lead_ids = [_lead_of(one, known, stored) for one in seen]
        events = [(lead_id, one.event) for one, lead_id in zip(seen, lead_ids, strict=True) if lead_id is not None]
        tx.leads.add_engagements(events, source, now)
    return lead_ids


def _lead_of(seen: Seen, known: dict[tuple[str, str], int], stored: set[int]) -> int | None:
    if seen.lead_id is not None:
        return seen.lead_id if seen.lead_id in stored else None
    return next((known[pair] for pair in seen.identities if pair in known), None)
