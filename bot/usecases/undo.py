"""Take back what one just did to a lead: a change of hands, a decision, a lead turned away."""

from datetime import datetime, timedelta

from bot.usecases.again import again_on_conflict
from bot.usecases.change_hands import CHANGED, note_handover
from bot.usecases.errors import TooLate
from bot.usecases.hand_over import NOT_DECIDED, check_room, tell_owners
from bot.usecases.ownership import existing_cycle
from funnel.cycle import UNDONE, Cycle, Move
from funnel.errors import IllegalMove
from funnel.lifecycle import OUTCOMES, Stage
from funnel.notices import Click, Notice, RefreshCard, TellThread, Whisper
from funnel.policy import Policy
from funnel.roles import Act, Person
from funnel.routing import Handover
from storage.store import Store, Transaction

UNDO_WITHIN = timedelta(minutes=10)

_DECISIONS = (Stage.SQL, *OUTCOMES)


@again_on_conflict
def undo(store: Store, policy: Policy, person: Person, cycle_id: int, click: Click, now: datetime) -> None:
    """Take back the last thing `person` did to a lead, for ten minutes, while nothing else has happened to it.

    What a call brought to light stays; the decision on it does not.

    Raises:
        TooLate, NotFound, NotAllowed, IllegalMove, Full: with the sentence for the person.
    """
    policy.roles.check(person, Act.CLAIM)
    with store.begin() as tx:
        cycle = existing_cycle(tx, cycle_id)
        handover, move = tx.duty.last_handover(cycle_id), tx.history.last_of_cycle(cycle_id)
        if move and _is_decision(move) and (handover is None or handover.at <= move.recorded_at):
            _check_fresh(tx, cycle, person, move.actor, move.recorded_at, now)
            _undo_decision(tx, policy, cycle, move, handover, click, now)
        elif handover and handover.how != "undo":
            _check_fresh(tx, cycle, person, handover.actor, handover.at, now)
            _undo_handover(tx, policy, cycle, handover, click, now)
        else:
            raise IllegalMove(_NOTHING)


def decided(cycle_id: int, stage: Stage, click: Click) -> Whisper:
    """What whoever decided is told, with the button that takes it back."""
    return Whisper(text=f"Noted: this lead is {stage.label} now.", click=click, undo=cycle_id)


_NOTHING = "There is nothing of yours to undo: somebody else changed this lead last."


def _is_decision(move: Move) -> bool:
    return move.new in _DECISIONS and move.reason != UNDONE


def _check_fresh(tx: Transaction, cycle: Cycle, person: Person, actor: str, at: datetime, now: datetime) -> None:
    """Let pass what the person did themselves, shortly ago, and nobody built upon."""
    if actor != person.id:
        raise IllegalMove(_NOTHING)
    if now - at > UNDO_WITHIN:
        raise TooLate("This can be undone for ten minutes, and they are over.")
    called = any(answer.at is not None and answer.at > at for answer in tx.calls.answers(cycle.id))
    is_newest = tx.cycles.newest_of([cycle.lead_id])[cycle.lead_id].id == cycle.id
    if called or not is_newest or tx.history.has_moved_since(cycle.id, at):
        raise IllegalMove(CHANGED)


def _undo_handover(tx: Transaction, policy: Policy, cycle: Cycle, last: Handover, click: Click, now: datetime) -> None:
    if cycle.owner != last.new_owner or cycle.stage not in NOT_DECIDED:
        raise IllegalMove(CHANGED)
    if last.old_owner:
        check_room(tx, policy, last.old_owner, themselves=last.old_owner == last.actor)
    if not tx.cycles.restore(cycle, last.old_owner, last.before, now):
        raise IllegalMove(CHANGED)
    note_handover(tx, policy, cycle, last.old_owner, last.actor, "undo", now, clicked=click.message)
    tell_owners(tx, cycle, last.old_owner, last.actor, now)


def _undo_decision(
    tx: Transaction, policy: Policy, cycle: Cycle, last: Move, given_back: Handover | None, click: Click, now: datetime
) -> None:
    """Reopen the cycle; a lead that was given back to be turned away is its owner's again."""
    was_held = given_back is not None and given_back.how == "reject" and given_back.at == last.recorded_at
    owner = given_back.old_owner if given_back and was_held else cycle.owner
    stage = Stage.ACCEPTED if was_held else last.old
    if owner and stage is Stage.ACCEPTED:
        check_room(tx, policy, owner, themselves=owner == last.actor)
    if cycle.stage is not last.new or not tx.cycles.reopen(cycle, last.old, now):
        raise IllegalMove(CHANGED)
    if given_back and was_held:
        open_again = cycle.model_copy(update={"stage": last.old})
        tx.cycles.restore(open_again, owner, given_back.before, now)
    tx.leads.set_stage(cycle.lead_id, stage)
    tx.leads.wake(cycle.lead_id)
    if last.new is Stage.REJECTED:
        tx.duty.count_again(cycle.id)
    move_id = tx.history.append(cycle.lead_id, cycle.id, cycle.stage, stage, now, last.actor, policy.stamp, UNDONE)
    homes = sorted({last.actor, owner or last.actor})
    told: list[Notice] = [RefreshCard(cycle_id=cycle.id, clicked=click.message, homes=homes)]
    if cycle.announced:
        told.append(TellThread(cycle_id=cycle.id, move_id=move_id, channel=cycle.channel))
    tx.outbox.add(told, now)
