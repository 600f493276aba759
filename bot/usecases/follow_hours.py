"""Somebody works at other hours than before: the ladders that this moves are looked at anew."""

from collections.abc import Iterable
from datetime import datetime

from bot.usecases.again import again_on_conflict
from funnel.policy import Policy
from storage.store import Store, Transaction


@again_on_conflict
def follow_zones(store: Store, policy: Policy, moved: Iterable[str], now: datetime) -> int:
    """Look anew at the ladders of those who moved to another time zone; how many people."""
    users = list(moved)
    if users:
        with store.begin() as tx:
            for user in users:
                look_anew(tx, policy, user, now)
    return len(users)


def look_anew(tx: Transaction, policy: Policy, user: str, now: datetime) -> None:
    """Have the ladders looked at that somebody's hours move: of what is theirs, and of what waits for their teams."""
    teams = {team.name for team in policy.team if user in team.members}
    tx.cycles.look_anew(now, user=user, routes=[route.name for route in policy.route if route.team in teams])
