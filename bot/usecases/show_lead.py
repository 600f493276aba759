"""Everything there is to show of a lead."""

from datetime import datetime
from typing import Any

from bot.usecases.errors import NotFound
from bot.usecases.list_leads import card_of
from bot.usecases.ownership import existing_cycle
from bot.usecases.rota import Rota
from bot.usecases.score_leads import subjects_of
from funnel.advice import advice
from funnel.cycle import Card, Cycle
from funnel.dossier import Dossier
from funnel.lead import EMAIL, Lead
from funnel.policy import Policy
from funnel.routing import choose_route
from funnel.scoring import assess
from storage.store import Store, Transaction


def show_card(tx: Transaction, policy: Policy, cycle_id: int, now: datetime) -> Card | None:
    """The card of a cycle as it is now."""
    cycle = tx.cycles.get(cycle_id)
    lead = tx.leads.get(cycle.lead_id) if cycle else None
    return _card(tx, Rota(tx, policy, now), cycle, lead) if cycle and lead else None


def _card(tx: Transaction, rota: Rota, cycle: Cycle, lead: Lead) -> Card:
    card, last = card_of(rota, lead, cycle, tx.calls.answers(cycle.id)), tx.history.last_of_cycle(cycle.id)
    more: dict[str, Any] = {"decided_by": last.actor if last else None}
    if not card.is_blind:
        more["note"] = tx.calls.last_note(cycle.id) or (last.note if last else "")
        more |= _surroundings(tx, rota, lead) if cycle.is_open else {}
    return card.model_copy(update=more)


def _surroundings(tx: Transaction, rota: Rota, lead: Lead) -> dict[str, Any]:
    """Who else there is: at the same company, and of the same look; nobody whose own card hides them."""
    alike = tx.lookalikes.of(lead)
    newest = tx.cycles.newest_of(other.id for other in alike) if alike else {}
    return {
        "place_in_account": tx.lookalikes.place_in_account(lead),
        "colleague": tx.lookalikes.colleague(lead),
        "alike": [one for one in alike if one.id not in newest or not rota.is_blind(newest[one.id])],
    }


def show_lead(store: Store, policy: Policy, text: str, now: datetime) -> Dossier:
    """The dossier of the lead known by this id or e-mail address.

    Raises:
        NotFound: with what to type instead.
    """
    with store.read() as tx:
        found = tx.leads.find(text, limit=2)
        if len(found) != 1:
            raise NotFound(
                f"More than one lead matches “{text}”; use the e-mail address or the id."
                if found
                else f"No lead matches “{text}”; try part of a name, a company or an e-mail address."
            )
        return _dossier(tx, policy, found[0], now)


def show_cycle(store: Store, policy: Policy, cycle_id: int, now: datetime) -> tuple[Dossier, Card]:
    """The dossier of the lead a cycle is about, and the cycle's card.

    Raises:
        NotFound: there is no such cycle.
    """
    with store.read() as tx:
        lead = tx.leads.get(existing_cycle(tx, cycle_id).lead_id)
        if lead is None:
            raise NotFound
        dossier = _dossier(tx, policy, lead, now)
    return dossier, next(card for card in dossier.cards if card.cycle.id == cycle_id)


def _dossier(tx: Transaction, policy: Policy, lead: Lead, now: datetime) -> Dossier:
    events = tx.engagements.of([lead.id]).get(lead.id, [])
    subject = subjects_of(tx, policy, [lead])[lead.id]
    found = assess(subject, events, policy, now)
    rota, cycles = Rota(tx, policy, now), tx.cycles.of_lead(lead.id)
    return Dossier(
        lead=lead,
        names=_names(tx, lead),
        now=found,
        advice=advice(subject, lead.stage, events, policy, found, now),
        route=choose_route(subject, found.score, policy),
        policy_version=policy.stamp,
        cards=[_card(tx, rota, cycle, lead) for cycle in cycles],
        moves=tx.history.of_lead(lead.id),
        engagements=events,
        handovers=tx.duty.handovers(cycles[0].id) if cycles else [],
    )


def _names(tx: Transaction, lead: Lead) -> list[str]:
    known = [key if namespace == EMAIL else f"{namespace}:{key}" for namespace, key in tx.leads.names_of(lead.id)]
    return [name for name in known if name != lead.facts.email]


def dossier_json(dossier: Dossier) -> dict[str, Any]:
    """A dossier as plain data."""
    facts, consent = dossier.lead.facts, dossier.lead.statement
    return {
        "id": dossier.lead.id,
        "source": dossier.lead.source,
        "stage": dossier.lead.stage.value,
        **facts._asdict(),
        "consent": consent._asdict() | {"at": consent.at.isoformat()} if consent else None,
        "names": dossier.names,
        "first_seen_at": dossier.lead.first_seen_at.isoformat(),
        "score": {
            "total": round(dossier.now.score, 2),
            "fit": dossier.now.fit,
            "behaviour": round(dossier.now.behaviour, 2),
            "reasons": [reason.model_dump(mode="json") for reason in dossier.now.reasons],
            "threshold": dossier.now.threshold,
            "lacks": dossier.now.lacks,
            "advice": dossier.advice,
            "policy": dossier.policy_version,
        },
        "route": {"name": dossier.route.name, "channel": dossier.route.channel},
        "cycles": [
            card.cycle.model_dump(mode="json")
            | {"bant": {name: answer.model_dump(mode="json") for name, answer in card.answers.items()}}
            for card in dossier.cards
        ],
        "history": [move.model_dump(mode="json") for move in dossier.moves],
    }
