"""Claim a lead: one owner, whoever else clicks."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.hand_over import check_room
from bot.usecases.ownership import existing_cycle
from funnel.errors import IllegalMove
from funnel.lifecycle import OUTCOMES, Stage
from funnel.notices import Claimed, ClaimLost, Click, Notice, RefreshCard
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.store import Store, Transaction


@again_on_conflict
def claim_lead(store: Store, policy: Policy, person: Person, cycle_id: int, click: Click, now: datetime) -> bool:
    """Make `person` the owner of a cycle; whether they were the first.

    Who comes second is told privately who was faster and by how much; that is a row, like all that Slack is told.

    Raises:
        NotAllowed: their role cannot claim.
        Full: they hold as many leads as they may.
        IllegalMove: it is theirs already, or it has ended.
        NotFound: there is no such cycle.
    """
    policy.roles.check(person, Act.CLAIM)
    with store.begin() as tx:
        check_room(tx, policy, person.id, themselves=True)
        lead_id = tx.cycles.claim(cycle_id, person.id, now)
        if lead_id is None:
            _tell_loser(tx, person, cycle_id, click, now)
            return False
        tx.leads.set_stage(lead_id, Stage.ACCEPTED)
        tx.history.append(lead_id, cycle_id, Stage.MQL, Stage.ACCEPTED, now, person.id, policy.stamp, "claimed")
        told: list[Notice] = [RefreshCard(cycle_id=cycle_id, clicked=click.message, homes=[person.id])]
        if click.message is None and click.response_url:  # in a list, where nothing else would tell
            told.append(Claimed(cycle_id=cycle_id, click=click))
        tx.outbox.add(told, now)
    return True


def _tell_loser(tx: Transaction, person: Person, cycle_id: int, click: Click, now: datetime) -> None:
    cycle = existing_cycle(tx, cycle_id)
    if cycle.owner is None or cycle.accepted_at is None:
        raise IllegalMove(f"This lead is {cycle.stage.label} now; there is nothing left to claim.")
    if cycle.owner == person.id and cycle.stage not in OUTCOMES:
        raise IllegalMove("This lead is yours already.")
    late_by = max(0.0, (now - cycle.accepted_at).total_seconds())
    notices: list[Notice] = [ClaimLost(cycle_id=cycle_id, owner=cycle.owner, late_by=late_by, click=click)]
    if click.message and click.message not in tx.posts.of_cycle(cycle_id):
        notices.append(RefreshCard(cycle_id=cycle_id, clicked=click.message))
    tx.outbox.add(notices, now)
