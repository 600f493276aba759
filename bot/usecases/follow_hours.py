"""Somebody works at other hours than before: the ladders that this moves are looked at anew."""

from datetime import datetime

from funnel.policy import Policy
from storage.store import Transaction


def look_anew(tx: Transaction, policy: Policy, user: str, now: datetime) -> None:
    """Have the ladders looked at that somebody's hours move: of what is theirs, and of what waits for their teams."""
    teams = {team.name for team in policy.team if user in team.members}
    tx.cycles.look_anew(now, user=user, routes=[route.name for route in policy.route if route.team in teams])
