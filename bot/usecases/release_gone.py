"""Leads of people who left: offered to all again, so that nobody waits for somebody who is not there."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.change_hands import note_handover
from funnel.cycle import BATON, Cycle
from funnel.notices import TellPerson
from funnel.policy import Policy
from storage.store import Store, Transaction

_WHY = "its owner left the workspace"


@again_on_conflict
def release_gone(store: Store, policy: Policy, now: datetime) -> int:
    """Release what people hold undecided who are no members any more; how many leads."""
    with store.begin() as tx:
        gone = [member.id for member in tx.members.all().values() if member.outsider]
        released = 0
        for cycle in tx.cycles.held_by(gone):
            if not tx.cycles.hand_over(cycle, None, now):
                continue
            released += 1
            note_handover(tx, policy, cycle, None, BATON, "gone", now, why=_WHY)
        _tell_orphaned(tx, policy, tx.cycles.owned_by_any(gone), now)
    return released


def _tell_orphaned(tx: Transaction, policy: Policy, cycles: list[Cycle], now: datetime) -> None:
    """Have a manager told, once, of what is beyond a claim and has nobody any more."""
    for cycle in cycles:
        route = policy.route_named(cycle.route)
        for user in policy.managers_of(policy.team_named(route.team) if route else None):
            told = TellPerson(cycle_id=cycle.id, user=user, about="orphaned", owner=cycle.owner, since=now)
            tx.outbox.add_once(f"orphaned:{cycle.id}:{cycle.owner}:{user}", told, now)
