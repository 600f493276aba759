"""Add a lead by hand."""

from collections.abc import Sequence
from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.receive_leads import Received, receive
from bot.usecases.record_engagements import Seen, record
from funnel.lead import Draft, Engagement, Lead
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.store import Store


@again_on_conflict
def add_lead(
    store: Store, policy: Policy, person: Person, draft: Draft, asked_for: Sequence[str], view_id: str, now: datetime
) -> tuple[Received, Lead | None]:
    """Take a lead that somebody filled in, and what it asked for, each a kind of engagement.

    Returns what became of the draft, and the lead as it is known. The same modal (`view_id`) again adds nothing new.

    Raises:
        NotAllowed: the role of this person cannot add leads.
    """
    policy.roles.check(person, Act.CREATE)
    with store.begin() as tx:
        received = receive(tx, policy, [draft], now, person.id)[0]
        events = [Engagement(kind=kind, occurred_at=now, event_id=view_id) for kind in asked_for]
        seen = [Seen(event=event, lead_id=received.lead_id) for event in events]
        record(tx, policy, seen, draft.source, now)
        return received, tx.leads.get(received.lead_id)
