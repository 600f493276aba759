"""“I called, no answer”: the lead was tried in time, and still waits for an outcome."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.ownership import check_owner, existing_cycle
from funnel.errors import IllegalMove
from funnel.lifecycle import Stage
from funnel.notices import Click, RefreshCard
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.store import Store


@again_on_conflict
def note_attempt(store: Store, policy: Policy, person: Person, cycle_id: int, click: Click, now: datetime) -> bool:
    """Note a try to reach the lead; whether it was the first, which is what speed to lead counts.

    Raises:
        NotAllowed, NotYours, NotFound, IllegalMove: with the sentence for the person.
    """
    policy.roles.check(person, Act.QUALIFY)
    with store.begin() as tx:
        cycle = existing_cycle(tx, cycle_id)
        check_owner(policy, person, cycle.owner)
        if cycle.stage not in (Stage.ACCEPTED, Stage.SQL):
            raise IllegalMove(f"This lead is {cycle.stage.label} now; there is nobody to call.")
        first = tx.cycles.attempt(cycle, now)
        tx.history.append(
            cycle.lead_id, cycle_id, cycle.stage, cycle.stage, now, person.id, policy.stamp, "called, no answer"
        )
        tx.outbox.add([RefreshCard(cycle_id=cycle_id, clicked=click.message, homes=[person.id])], now)
    return first
