"""Lists of leads: mine, open, found."""

from funnel.bant import latest
from funnel.cycle import Card, Cycle
from funnel.lead import Lead
from storage.store import Store, Transaction


def my_leads(store: Store, user: str, limit: int = 20) -> list[Card]:
    """The leads somebody works on, the oldest first."""
    with store.read() as tx:
        return _cards(tx, tx.cycles.owned_by(user, limit))


def open_leads(store: Store, limit: int = 20) -> list[Card]:
    """The MQLs nobody claimed, the longest waiting first."""
    with store.read() as tx:
        return _cards(tx, tx.cycles.waiting(limit))


def find_leads(store: Store, text: str, limit: int = 10) -> list[tuple[Lead, Cycle | None]]:
    """Leads that match a text, each with its newest cycle."""
    with store.read() as tx:
        leads = tx.leads.find(text, limit)
        newest = tx.cycles.newest_of(lead.id for lead in leads)
        return [(lead, newest.get(lead.id)) for lead in leads]


def _cards(tx: Transaction, cycles: list[Cycle]) -> list[Card]:
    leads = tx.leads.get_many(cycle.lead_id for cycle in cycles)
    return [
        Card(lead=leads[cycle.lead_id], cycle=cycle, answers=latest(tx.calls.answers(cycle.id))) for cycle in cycles
    ]
