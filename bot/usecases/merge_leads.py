"""Two leads are one person: the older one's id and source stay, and nothing of either is lost."""

from datetime import datetime
from itertools import chain

from pydantic import BaseModel, ConfigDict

from bot.usecases.again import again_on_conflict
from bot.usecases.enter_history import rebuild_history
from bot.usecases.errors import NotFound, SameLead
from funnel.cycle import DUPLICATE, Cycle
from funnel.history import only_reported
from funnel.identity import merged, oldest
from funnel.lead import Lead
from funnel.lifecycle import Stage, rank
from funnel.notices import Notice, RefreshCard, TellThread
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.store import Store, Transaction


class Merged(BaseModel):
    """The one lead, and the id that leads to it from now on."""

    model_config = ConfigDict(frozen=True)

    lead: Lead
    other_id: int


@again_on_conflict
def merge_leads(store: Store, policy: Policy, person: Person, one_id: int, other_id: int, now: datetime) -> Merged:
    """Make one lead of two, and say so in its history.

    Engagements, names, moves and cycles of both are kept. Of two open cycles the one that is further on, or has an
    owner, or is older, goes on; the other ends as a duplicate.

    Raises:
        NotFound: one of them is unknown.
        SameLead: they are one already.
        NotAllowed: the role of this person cannot say who is the same person.
    """
    policy.roles.check(person, Act.MERGE)
    actor = person.id
    with store.begin() as tx:
        known = tx.leads.now_known_as([one_id, other_id])
        if missing := {one_id, other_id} - known.keys():
            raise NotFound(f"There is no lead {min(missing)}.")
        if known[one_id] == known[other_id]:
            raise SameLead
        leads = tx.leads.get_many(known.values(), to_change=True)
        older = oldest(leads.values())
        younger = next(lead for lead in leads.values() if lead.id != older.id)
        lead = merged(older, younger)
        cycles = sorted([*tx.cycles.of_lead(older.id), *tx.cycles.of_lead(younger.id)], key=_order)
        moves = chain.from_iterable(tx.history.of_leads([older.id, younger.id]).values())
        reported = only_reported(cycles, moves)  # the history of the one lead puts them in order
        worked_on = [cycle for cycle in cycles if cycle not in reported]
        notices = _end_doubles(tx, policy, worked_on, lead, actor, now)
        tx.cycles.free_places([cycle.id for cycle in reported])
        tx.merging.move_all(younger, older.id, cycles)
        tx.stage_reports.move_all(younger.id, older.id)
        tx.merging.bury(younger, older.id, actor, now)
        _settle(tx, lead, leads, now)
        _tell_history(tx, policy, lead, younger, actor, now)
        rebuild_history(tx, policy, tx.leads.get_many([lead.id]), now)
        tx.cycles.set_source({lead.id: lead.source})
        tx.outbox.add(notices, now)
    return Merged(lead=lead, other_id=younger.id)


def _order(cycle: Cycle) -> tuple[datetime, int]:
    return cycle.mql_at, cycle.id


def _is_standing(cycle: Cycle) -> bool:
    """Whether a cycle is not ended: being worked on, or won."""
    return cycle.closed_at is None


def _end_doubles(
    tx: Transaction, policy: Policy, cycles: list[Cycle], lead: Lead, actor: str, now: datetime
) -> list[Notice]:
    """End all standing cycles but one; what Slack must be told of all that were announced."""
    standing = sorted(filter(_is_standing, cycles), key=_weight)
    notices: list[Notice] = [RefreshCard(cycle_id=one.id) for one in cycles if one.announced]
    tx.duty.credit(one.id for one in standing[1:])
    for one in standing[1:]:
        tx.cycles.move(one, Stage.REJECTED, now, outcome_reason=DUPLICATE)
        move_id = tx.history.append(
            one.lead_id, one.id, one.stage, Stage.REJECTED, now, actor, policy.stamp, DUPLICATE, f"of lead {lead.id}"
        )
        if one.announced:
            notices.append(TellThread(cycle_id=one.id, move_id=move_id, channel=one.channel))
    return notices


def _weight(cycle: Cycle) -> tuple[int, bool, bool, datetime, int]:
    """The one that goes on comes first."""
    return -rank(cycle.stage), cycle.owner is None, not cycle.announced, cycle.mql_at, cycle.id


def _settle(tx: Transaction, lead: Lead, before: dict[int, Lead], now: datetime) -> None:
    """Where the one lead stands: as its standing cycle does, else its newest, else as the further of the two."""
    tx.leads.save_facts([lead], now)
    cycles = tx.cycles.of_lead(lead.id)  # the newest first
    last = next(filter(_is_standing, cycles), cycles[0] if cycles else None)
    stage = last.stage if last else max((one.stage for one in before.values()), key=rank)
    wake_at = last.wake_at if last and last.stage is Stage.RECYCLED else None
    tx.merging.settle(lead, stage, wake_at)


def _tell_history(tx: Transaction, policy: Policy, lead: Lead, younger: Lead, actor: str, now: datetime) -> None:
    """A line of history that moves nothing: who became part of this lead."""
    stage = lead.stage
    reason = f"merged with lead {younger.id}"
    note = f"it came from {younger.source or '(blank)'} on {younger.first_seen_at:%Y-%m-%d}"
    tx.history.append(lead.id, None, stage, stage, now, actor, policy.stamp, reason, note)


def are_two_people(
    store: Store, policy: Policy, person: Person, one_id: int, other_id: int, card: RefreshCard, now: datetime
) -> None:
    """Note that two leads that look alike are two people; nobody is asked again, which the `card` shows.

    Raises:
        NotAllowed: the role of this person cannot say who is the same person.
    """
    policy.roles.check(person, Act.MERGE)
    with store.begin() as tx:
        tx.outbox.add([card], now)
        known = tx.leads.now_known_as([one_id, other_id])
        if len(tx.leads.get_many(known.values(), to_change=True)) == 2:
            tx.lookalikes.are_two(known[one_id], known[other_id], person.id, now)
