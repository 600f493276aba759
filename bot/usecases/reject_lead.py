"""Turn an MQL away before anybody contacted it."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.ownership import existing_cycle
from funnel.errors import IllegalMove
from funnel.lifecycle import Stage
from funnel.notices import RefreshCard, TellThread
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.store import Store


@again_on_conflict
def reject_lead(
    store: Store, policy: Policy, person: Person, cycle_id: int, reason: str, note: str, now: datetime
) -> None:
    """End a cycle as rejected.

    Raises:
        NotAllowed, NotFound, IllegalMove: with the sentence for the person.
    """
    policy.roles.check(person, Act.CLAIM)
    with store.begin() as tx:
        cycle = existing_cycle(tx, cycle_id)
        if cycle.stage is not Stage.MQL or not tx.cycles.move(cycle, Stage.REJECTED, now, outcome_reason=reason):
            raise IllegalMove(f"This lead is {cycle.stage.label} now; only an MQL that nobody claimed can be rejected.")
        tx.leads.set_aside(cycle.lead_id, Stage.REJECTED, None)
        move_id = tx.history.append(
            cycle.lead_id, cycle_id, Stage.MQL, Stage.REJECTED, now, person.id, policy.stamp, reason, note
        )
        tx.outbox.add([RefreshCard(cycle_id=cycle_id)], now)
        if cycle.announced:
            tx.outbox.add([TellThread(cycle_id=cycle_id, move_id=move_id, channel=cycle.channel)], now)
