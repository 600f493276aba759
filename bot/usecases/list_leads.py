"""Lists of leads: mine, open, found."""

from collections.abc import Sequence
from datetime import datetime

from bot.usecases.rota import Rota
from funnel.bant import Answer, latest
from funnel.cycle import Card, Cycle, blinded
from funnel.home import PAGE, Page
from funnel.lead import Lead
from funnel.policy import Policy
from storage.store import Store, Transaction


def my_page(store: Store, policy: Policy, user: str, first: int, now: datetime) -> Page:
    """A part of the leads somebody works on, from a place on."""
    with store.read() as tx:
        return page_of_mine(tx, Rota(tx, policy, now), user, first)


def page_of_mine(tx: Transaction, rota: Rota, user: str, first: int) -> Page:
    """What waits for a decision, what is due first at the top; then what was decided on, the longest theirs first."""
    total = tx.cycles.count_owned(user)
    first = _last_page(first, total)
    cycles = by_deadline(rota, tx.cycles.held_by([user]))[first : first + PAGE]
    if len(cycles) < PAGE:
        cycles += tx.cycles.owned_by(user, PAGE - len(cycles), first + len(cycles))
    return Page(cards=cards_of(tx, rota, cycles), first=first, total=total)


def by_deadline(rota: Rota, cycles: list[Cycle]) -> list[Cycle]:
    """What is due first at the top, and what is not due at all by how long it has been theirs."""

    def order(cycle: Cycle) -> tuple[bool, datetime]:
        deadline = rota.deadline(cycle)
        return deadline is None, deadline or cycle.owned_at or cycle.mql_at

    return sorted(cycles, key=order)


def open_leads(store: Store, policy: Policy, now: datetime, limit: int = 20) -> list[Card]:
    """The MQLs nobody claimed, the longest waiting first."""
    with store.read() as tx:
        return cards_of(tx, Rota(tx, policy, now), tx.cycles.waiting(limit))


def open_page(store: Store, policy: Policy, channel: str, first: int, now: datetime) -> Page:
    """A part of the MQLs of a channel that nobody claimed, from a place on; of all channels where it is empty."""
    with store.read() as tx:
        return page_of_open(tx, Rota(tx, policy, now), first, channel)


def page_of_open(tx: Transaction, rota: Rota, first: int, channel: str = "") -> Page:
    """What nobody claimed, of a channel or of all, the longest waiting first."""
    total = tx.cycles.count_waiting(channel)
    first = _last_page(first, total)
    return Page(cards=cards_of(tx, rota, tx.cycles.waiting(PAGE, first, channel)), first=first, total=total)


def _last_page(first: int, total: int) -> int:
    """The place to begin at: others may have claimed or decided meanwhile, and the list become shorter."""
    return min(first, max(total - 1, 0) // PAGE * PAGE)


def some_cards(store: Store, policy: Policy, cycle_ids: Sequence[int], now: datetime) -> list[Card]:
    """The cards of cycles as a list shows them, in this order."""
    with store.read() as tx:
        found = {cycle.id: cycle for cycle in tx.cycles.get_many(cycle_ids)}
        return cards_of(tx, Rota(tx, policy, now), [found[one] for one in cycle_ids if one in found])


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
    answers = tx.calls.answers_of(cycle.id for cycle in cycles)
    return [card_of(rota, leads[cycle.lead_id], cycle, answers.get(cycle.id, [])) for cycle in cycles]


def card_of(rota: Rota, lead: Lead, cycle: Cycle, answers: list[Answer]) -> Card:
    """The card of a cycle as a list shows it: of one that is blind nothing that tells who it is."""
    is_blind = rota.is_blind(cycle)
    shown, as_shown = blinded(lead, cycle) if is_blind else (lead, cycle)
    said = latest([] if is_blind else answers)
    return Card(lead=shown, cycle=as_shown, answers=said, deadline=rota.deadline(cycle), is_blind=is_blind)
