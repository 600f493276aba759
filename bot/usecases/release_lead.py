"""Give a claimed lead back, so that somebody else can claim it."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.change_hands import CHANGED, note_handover
from bot.usecases.ownership import check_owner, existing_cycle
from bot.usecases.undo import UNDO_WITHIN
from funnel.cycle import Cycle
from funnel.errors import IllegalMove
from funnel.lifecycle import Stage, check_move
from funnel.notices import Click, Whisper
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.store import Store, Transaction


@again_on_conflict
def release_lead(store: Store, policy: Policy, person: Person, cycle_id: int, click: Click, now: datetime) -> None:
    """Take the owner off a cycle and offer it again; a claim of the last minutes is undone, and its clock goes on.

    Raises:
        NotAllowed, NotYours, NotFound, IllegalMove: with the sentence for the person.
    """
    policy.roles.check(person, Act.CLAIM)
    with store.begin() as tx:
        cycle = existing_cycle(tx, cycle_id)
        if cycle.stage is Stage.MQL:
            raise IllegalMove("Nobody owns this lead; there is nothing to release.")
        check_move(cycle.stage, Stage.MQL)
        check_owner(policy, person, cycle.owner)
        is_undo = _was_just_claimed(tx, cycle, person, now)
        if not tx.cycles.hand_over(cycle, None, now, offered_at=cycle.offered_at if is_undo else None):
            raise IllegalMove(CHANGED)
        act = note_handover(tx, policy, cycle, None, person.id, "release", now, why="released", clicked=click.message)
        text = "Your claim is undone: this lead waits on." if is_undo else "Anybody can claim this lead now."
        tx.outbox.add([Whisper(text=text, click=click, undo=cycle_id, act=act)], now)


def _was_just_claimed(tx: Transaction, cycle: Cycle, person: Person, now: datetime) -> bool:
    """Whether the person claimed it themselves, shortly ago, and did nothing with it yet."""
    if cycle.owner != person.id or cycle.accepted_at is None or now - cycle.accepted_at > UNDO_WITHIN:
        return False
    claimed = tx.history.last_of_cycle(cycle.id)
    is_theirs = claimed is not None and claimed.actor == person.id and claimed.new is Stage.ACCEPTED
    handover = tx.duty.last_handover(cycle.id)
    was_handed_on = handover is not None and handover.at >= cycle.accepted_at
    touched = tx.history.has_moved_since(cycle.id, cycle.accepted_at)
    called = tx.calls.has_any_since(cycle.id, cycle.accepted_at)
    return is_theirs and not (was_handed_on or touched or called)
