"""Turn an MQL away before anybody contacted it."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.change_hands import CHANGED
from bot.usecases.ownership import check_owner, existing_cycle
from bot.usecases.submission import ViewSubmission, is_new
from bot.usecases.undo import decided
from funnel.cycle import Cycle
from funnel.errors import IllegalMove
from funnel.lifecycle import Stage
from funnel.notices import Click, RefreshCard, TellThread
from funnel.policy import Policy
from funnel.roles import Act, Person
from funnel.routing import Handover
from storage.store import Store, Transaction


@again_on_conflict
def reject_lead(
    store: Store,
    policy: Policy,
    person: Person,
    cycle_id: int,
    reason: str,
    note: str,
    now: datetime,
    click: Click | None = None,
    submission: ViewSubmission | None = None,
) -> None:
    """End a cycle as rejected; `click` is where the person is answered. The same submission again changes nothing.

    Raises:
        NotAllowed, NotFound, IllegalMove: with the sentence for the person.
    """
    policy.roles.check(person, Act.CLAIM)
    with store.begin() as tx:
        if not is_new(tx, submission, now):
            return
        cycle = existing_cycle(tx, cycle_id)
        if cycle.stage is Stage.ACCEPTED:
            cycle = _given_back(tx, policy, person, cycle, now)
        if cycle.stage is not Stage.MQL or not tx.cycles.move(cycle, Stage.REJECTED, now, outcome_reason=reason):
            raise IllegalMove(f"This lead is {cycle.stage.label} now; only one that nobody called can be rejected.")
        tx.leads.set_aside(cycle.lead_id, Stage.REJECTED, None)
        tx.duty.credit([cycle_id])
        move_id = tx.history.append(
            cycle.lead_id, cycle_id, Stage.MQL, Stage.REJECTED, now, person.id, policy.stamp, reason, note
        )
        tx.outbox.add([RefreshCard(cycle_id=cycle_id, homes=[person.id])], now)
        if click:
            tx.outbox.add([decided(cycle_id, Stage.REJECTED, move_id, click)], now)
        if cycle.announced:
            tx.outbox.add([TellThread(cycle_id=cycle_id, move_id=move_id, channel=cycle.channel)], now)


def _given_back(tx: Transaction, policy: Policy, person: Person, cycle: Cycle, now: datetime) -> Cycle:
    """A lead that was given to somebody who has not called it yet, as it is once they give it back."""
    check_owner(policy, person, cycle.owner)
    if cycle.attempted_at is not None or tx.calls.answers(cycle.id):
        raise IllegalMove("This lead was called already; log the call and disqualify it instead.")
    if not tx.cycles.hand_over(cycle, None, now):
        raise IllegalMove(CHANGED)
    tx.history.append(
        cycle.lead_id, cycle.id, Stage.ACCEPTED, Stage.MQL, now, person.id, policy.stamp, "given back uncalled"
    )
    tx.duty.hand_over([Handover(cycle.id, None, cycle.owner, None, person.id, "reject", now, (), cycle.clocks)])
    return cycle.model_copy(update={"stage": Stage.MQL, "owner": None})
