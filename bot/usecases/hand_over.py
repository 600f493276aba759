"""A lead changes hands: to a colleague, or to a manager who takes over."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.change_hands import CHANGED, note_handover, tell_owners
from bot.usecases.errors import Full
from bot.usecases.ownership import existing_cycle
from bot.usecases.submission import ViewSubmission, is_new
from funnel.cycle import Cycle
from funnel.errors import IllegalMove, NotAllowed
from funnel.lifecycle import Stage
from funnel.notices import Click, Whisper
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.store import Store, Transaction

_HELD = (Stage.MQL, Stage.ACCEPTED, Stage.SQL, Stage.OPPORTUNITY)
NOT_DECIDED = (Stage.MQL, Stage.ACCEPTED)


def check_room(tx: Transaction, policy: Policy, user: str, *, themselves: bool) -> None:
    """Let pass who may be given one more lead; until the transaction ends nobody else gives them any.

    Raises:
        Full: with the way out.
    """
    rule = next((one for one in policy.person if one.id == user), None)
    if rule is None or rule.cap is None:
        return
    tx.duty.alone_with(user)
    if tx.duty.holding([user]).get(user, 0) >= rule.cap:
        who = "You hold" if themselves else "They hold"
        leads = "1 lead" if rule.cap == 1 else f"{rule.cap} leads"
        raise Full(f"{who} {leads} without a decision, which is the limit; one must be decided on first.")


@again_on_conflict
def reassign_lead(
    store: Store,
    policy: Policy,
    person: Person,
    cycle_id: int,
    to: Person,
    click: Click,
    now: datetime,
    submission: ViewSubmission | None = None,
) -> None:
    """Give a lead to `to`: the owner may give away their own, and a rep or a manager anybody's.

    The same submission again changes nothing.

    Raises:
        NotAllowed, NotFound, IllegalMove, Full: with the sentence for the person.
    """
    policy.roles.check(person, Act.CLAIM)
    if not policy.roles.may(to, Act.CLAIM):
        raise NotAllowed("They cannot own leads: their role, or their kind of account, does not allow it.")
    with store.begin() as tx:
        if not is_new(tx, submission, now):
            return
        cycle = existing_cycle(tx, cycle_id)
        if cycle.owner != person.id:
            policy.roles.check(person, Act.DECIDE_FOR_OTHERS)
        _check_open(cycle)
        if cycle.owner == to.id:
            raise IllegalMove("It is theirs already." if to.id != person.id else "This lead is yours already.")
        if cycle.stage in NOT_DECIDED:  # who decides on it is past counting
            check_room(tx, policy, to.id, themselves=to.id == person.id)
        if not tx.cycles.hand_over(cycle, to.id, now):
            raise IllegalMove(CHANGED)
        themselves = to.id == person.id
        how = "take over" if themselves else "reassign"
        act = note_handover(tx, policy, cycle, to.id, person.id, how, now, clicked=click.message)
        tell_owners(tx, cycle, to.id, person.id, now)
        text = "This lead is yours now." if themselves else f"This lead is <@{to.id}>’s now."
        undo = cycle_id if cycle.stage in NOT_DECIDED else None
        tx.outbox.add([Whisper(text=text, click=click, undo=undo, act=act)], now)


def _check_open(cycle: Cycle) -> None:
    if cycle.stage not in _HELD:
        raise IllegalMove(f"This lead is {cycle.stage.label} now; it changes hands no more.")
