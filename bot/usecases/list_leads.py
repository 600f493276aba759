"""Lists of leads: mine, open, found."""

from datetime import datetime

from bot.usecases.rota import Rota
from funnel.bant import latest
from funnel.cycle import Card, Cycle, blinded
from funnel.lead import Lead
from funnel.policy import Policy
from storage.store import Store, Transaction


def my_leads(store: Store, policy: Policy, user: str, now: datetime, limit: int = 20) -> list[Card]:
    """The leads somebody works on: what is due first, then the oldest."""
    with store.read() as tx:
        return sorted(_cards(tx, policy, tx.cycles.owned_by(user, limit), now), key=_due)


def open_leads(store: Store, policy: Policy, now: datetime, limit: int = 20) -> list[Card]:
    """The MQLs nobody claimed, the longest waiting first."""
    with store.read() as tx:
        return _cards(tx, policy, tx.cycles.waiting(limit), now)


def _due(card: Card) -> tuple[bool, datetime]:
    return card.deadline is None, card.deadline or card.cycle.mql_at


def find_leads(
    store: Store, policy: Policy, text: str, now: datetime, limit: int = 10
) -> list[tuple[Lead, Cycle | None]]:
    """Leads that match a text, each with its newest cycle; those whose cards are blind match nothing yet."""
    with store.read() as tx:
        leads, rota = tx.leads.find(text, limit), Rota(tx, policy, now)
        newest = tx.cycles.newest_of(lead.id for lead in leads)
        found = [(lead, newest.get(lead.id)) for lead in leads]
        return [(lead, cycle) for lead, cycle in found if cycle is None or not rota.is_blind(cycle)]


def _cards(tx: Transaction, policy: Policy, cycles: list[Cycle], now: datetime) -> list[Card]:
    leads, rota = tx.leads.get_many(cycle.lead_id for cycle in cycles), Rota(tx, policy, now)
    return [_card(tx, rota, leads[cycle.lead_id], cycle) for cycle in cycles]


def _card(tx: Transaction, rota: Rota, lead: Lead, cycle: Cycle) -> Card:
    is_blind = rota.is_blind(cycle)
    shown, as_shown = blinded(lead, cycle) if is_blind else (lead, cycle)
    answers = latest(tx.calls.answers(cycle.id))
    return Card(lead=shown, cycle=as_shown, answers=answers, deadline=rota.deadline(cycle), is_blind=is_blind)
