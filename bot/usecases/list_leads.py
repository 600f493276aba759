"""Lists of leads: mine, open, found."""

from collections.abc import Sequence
from datetime import datetime

from bot.usecases.rota import Rota
from funnel.bant import latest
from funnel.cycle import Card, Cycle, blinded
from funnel.home import PAGE, Page
from funnel.lead import Lead
from funnel.policy import Policy
from storage.store import Store, Transaction


def my_leads(store: Store, policy: Policy, user: str, now: datetime, limit: int = 20) -> list[Card]:
    """The leads somebody works on: what is due first, then the oldest."""
    with store.read() as tx:
        return sorted(cards_of(tx, Rota(tx, policy, now), tx.cycles.owned_by(user, limit)), key=_due)


def open_leads(store: Store, policy: Policy, now: datetime, limit: int = 20) -> list[Card]:
    """The MQLs nobody claimed, the longest waiting first."""
    with store.read() as tx:
        return cards_of(tx, Rota(tx, policy, now), tx.cycles.waiting(limit))


def open_page(store: Store, policy: Policy, channel: str, first: int, now: datetime) -> Page:
    """A part of the MQLs of a channel that nobody claimed, from a place on; of all channels where it is empty."""
    with store.read() as tx:
        total = tx.cycles.count_waiting(channel)
        first = min(first, max(total - 1, 0) // PAGE * PAGE)  # others may have claimed meanwhile
        cards = cards_of(tx, Rota(tx, policy, now), tx.cycles.waiting(PAGE, first, channel))
        return Page(cards=cards, first=first, total=total)


def some_cards(store: Store, policy: Policy, cycle_ids: Sequence[int], now: datetime) -> list[Card]:
    """The cards of cycles as a list shows them, in this order."""
    with store.read() as tx:
        found = {cycle.id: cycle for cycle in tx.cycles.get_many(cycle_ids)}
        return cards_of(tx, Rota(tx, policy, now), [found[one] for one in cycle_ids if one in found])


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


def cards_of(tx: Transaction, rota: Rota, cycles: list[Cycle]) -> list[Card]:
    """The cards of cycles as a list shows them, in their order."""
    leads = tx.leads.get_many(cycle.lead_id for cycle in cycles)
    return [card_of(tx, rota, leads[cycle.lead_id], cycle) for cycle in cycles]


def card_of(tx: Transaction, rota: Rota, lead: Lead, cycle: Cycle) -> Card:
    """The card of a cycle as a list shows it: of one that is blind nothing that tells who it is."""
    is_blind = rota.is_blind(cycle)
    shown, as_shown = blinded(lead, cycle) if is_blind else (lead, cycle)
    answers = latest([] if is_blind else tx.calls.answers(cycle.id))
    return Card(lead=shown, cycle=as_shown, answers=answers, deadline=rota.deadline(cycle), is_blind=is_blind)
