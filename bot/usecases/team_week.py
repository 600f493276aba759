"""A team's last days: what became of its leads, and how many promises were kept."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.usecases.rota import Rota
from funnel.cycle import Cycle
from funnel.digest import Promises, TeamWeek, count_week
from funnel.people import Team
from funnel.policy import Policy
from funnel.sla import count_kept, kept
from storage.store import Store, Transaction

_NEWEST = 500
"""Leads whose promises are counted for a look at the board: its cost is not the week's."""


def team_week(store: Store, policy: Policy, team: Team, until: datetime) -> TeamWeek:
    """What a team's summary says: of the leads its routes took in the seven days before `until`."""
    since = (until.astimezone(ZoneInfo(team.zone)) - timedelta(days=7)).astimezone(UTC)
    routes = [route.name for route in policy.route if route.team == team.name]
    with store.read() as tx:
        rota = Rota(tx, policy, until)
        opened = tx.cycles.opened(routes, since, until)
        return count_week(team.name, opened, _promises(rota, team, opened, until))


def promises_of(
    tx: Transaction, rota: Rota, team: Team, routes: Sequence[str], since: datetime, until: datetime
) -> Promises:
    """How many promises a team kept, of the newest leads of these routes in [since, until)."""
    return _promises(rota, team, tx.cycles.opened(routes, since, until, _NEWEST), until)


def _promises(rota: Rota, team: Team, opened: Sequence[Cycle], now: datetime) -> Promises:
    claims = [_claimed_in_time(rota, team, cycle, now) for cycle in opened if not cycle.was_given]
    return Promises(
        claims=count_kept(claims),
        decisions=count_kept(_decided_in_time(rota, team, cycle, now) for cycle in opened),
    )


def _claimed_in_time(rota: Rota, team: Team, cycle: Cycle, now: datetime) -> bool | None:
    if cycle.offered_at is None:
        return None
    within = rota.ladder_route(cycle).claim_within
    return kept(within, cycle.offered_at, cycle.accepted_at or cycle.closed_at, rota.calendars(team), now)


def _decided_in_time(rota: Rota, team: Team, cycle: Cycle, now: datetime) -> bool | None:
    if cycle.owned_at is None or cycle.owner is None:
        return None
    within = rota.ladder_route(cycle).outcome_within
    return kept(within, cycle.owned_at, cycle.sql_at or cycle.closed_at, rota.calendar(team, cycle.owner), now)
