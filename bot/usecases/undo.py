"""Take back what one just did to a lead: a change of hands, a decision, a lead turned away."""

from datetime import datetime, timedelta

from bot.usecases.again import again_on_conflict
from bot.usecases.change_hands import note_handover, tell_owners
from bot.usecases.errors import TooLate
from bot.usecases.hand_over import NOT_DECIDED, check_room
from bot.usecases.ownership import existing_cycle
from funnel.cycle import Cycle, Move
from funnel.errors import IllegalMove, NotAllowed
from funnel.lifecycle import OUTCOMES, Stage
from funnel.notices import Click, HandedOver, Notice, RefreshCard, Whisper
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.store import Store, Transaction

UNDO_WITHIN = timedelta(minutes=10)

_DECISIONS = (Stage.SQL, *OUTCOMES)


@again_on_conflict
def undo(
    store: Store, policy: Policy, person: Person, cycle_id: int, move_id: int, click: Click, now: datetime
) -> None:
    """Take back what `person` did to a lead, a line of its history, for ten minutes, unless anything came after it.

    What a call brought to light stays; the decision on it does not.

    Raises:
        TooLate, NotFound, NotAllowed, IllegalMove, Full: with the sentence for the person.
    """
    policy.roles.check(person, Act.CLAIM)
    with store.begin() as tx:
        cycle, move = existing_cycle(tx, cycle_id), tx.history.get(move_id)
        if move is None or move.cycle_id != cycle_id or move.actor != person.id:
            raise IllegalMove("Only who did this can undo it.")
        if now - move.recorded_at > UNDO_WITHIN:
            raise TooLate("This can be undone for ten minutes, and they are over.")
        _check_untouched(tx, cycle, move)
        if move.new in _DECISIONS and move.old is not move.new:
            _undo_decision(tx, policy, cycle, move, click, now)
        else:
            _undo_handover(tx, policy, cycle, move, click, now)


def decided(cycle_id: int, stage: Stage, move_id: int, click: Click) -> Whisper:
    """What whoever decided is told, with the button that takes it back."""
    return Whisper(text=f"Noted: this lead is {stage.label} now.", click=click, undo=cycle_id, act=move_id)


_SINCE = "Something else has happened to this lead since; look at its card."


def _check_untouched(tx: Transaction, cycle: Cycle, move: Move) -> None:
    """Let pass what nothing came after: no line of the lead's history, no call, no other cycle."""
    others_stand = any(one.closed_at is None for one in tx.cycles.of_lead(cycle.lead_id) if one.id != cycle.id)
    called = tx.calls.has_any_since(cycle.id, move.recorded_at)
    if called or others_stand or tx.history.last_of_lead(cycle.lead_id) != move.id:
        raise IllegalMove(_SINCE)


def _check_can_hold(tx: Transaction, policy: Policy, owner: str, actor: str) -> None:
    """Let pass whoever may have a lead back."""
    known = tx.members.some([owner]).get(owner)
    if known is not None and known.outsider:
        raise NotAllowed("They left the workspace meanwhile, and cannot have it back; hand it over to somebody else.")
    check_room(tx, policy, owner, themselves=owner == actor)


def _undo_handover(tx: Transaction, policy: Policy, cycle: Cycle, move: Move, click: Click, now: datetime) -> None:
    last = tx.duty.last_handover(cycle.id)
    if last is None or last.at != move.recorded_at or cycle.owner != last.new_owner or cycle.stage not in NOT_DECIDED:
        raise IllegalMove(_SINCE)
    if last.old_owner:
        _check_can_hold(tx, policy, last.old_owner, move.actor)
    if not tx.cycles.restore(cycle, last.old_owner, last.before, now):
        raise IllegalMove(_SINCE)
    note_handover(tx, policy, cycle, last.old_owner, move.actor, "undo", now, clicked=click.message)
    tell_owners(tx, cycle, last.old_owner, move.actor, now)


def _undo_decision(tx: Transaction, policy: Policy, cycle: Cycle, move: Move, click: Click, now: datetime) -> None:
    """Reopen the cycle; a lead that was given back to be turned away is its owner's again."""
    last = tx.duty.last_handover(cycle.id)
    given_back = last if last and last.how == "reject" and last.at == move.recorded_at else None
    owner = given_back.old_owner if given_back else cycle.owner
    stage = Stage(given_back.before["stage"]) if given_back else move.old
    if owner and stage is Stage.ACCEPTED:
        _check_can_hold(tx, policy, owner, move.actor)
    if cycle.stage is not move.new or not tx.cycles.reopen(cycle, move.old, now):
        raise IllegalMove(_SINCE)
    if given_back:
        tx.cycles.restore(cycle.model_copy(update={"stage": move.old}), owner, given_back.before, now)
    tx.leads.set_stage(cycle.lead_id, stage)
    tx.leads.wake(cycle.lead_id)
    if move.new is Stage.REJECTED:
        tx.duty.count_again(cycle.id)
    tx.history.append(cycle.lead_id, cycle.id, cycle.stage, stage, now, move.actor, policy.stamp, "undo")
    homes = sorted({move.actor, owner or move.actor})
    told: list[Notice] = [RefreshCard(cycle_id=cycle.id, clicked=click.message, homes=homes)]
    if cycle.announced:
        told.append(
            HandedOver(
                cycle_id=cycle.id, channel=cycle.channel, old=cycle.owner, new=owner, actor=move.actor, how="undo"
            )
        )
    tx.outbox.add(told, now)
