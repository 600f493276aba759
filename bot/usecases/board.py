"""What whoever looks after a team sees: what is late, what lies with people who are away, who carries how much."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.usecases.list_leads import cards_of
from bot.usecases.rota import Rota
from bot.usecases.team_week import promises_of
from funnel.business_hours import is_open, next_open
from funnel.cycle import Card
from funnel.home import PAGE, Board, Load, Page, TeamBoard
from funnel.people import Team
from funnel.policy import Policy
from funnel.roles import Act, Person
from funnel.routing import spread
from storage.store import Transaction

_LOOKED_AT = 60
"""Leads among which those are looked for that wait for too long: the ones that wait longest."""

WEEK = timedelta(days=7)

_FOR_DAYS = timedelta(days=1)
"""Who is back sooner is not away: what they hold waits for them."""


def board_of(tx: Transaction, rota: Rota, policy: Policy, person: Person, now: datetime) -> Board:
    """The board of all teams, as a person sees it."""
    routes = [route.name for route in policy.route]
    late, stranded = late_cards(tx, rota, routes, now), stranded_cards(tx, rota, routes, now)
    return Board(
        may_act=policy.roles.may(person, Act.DECIDE_FOR_OTHERS),
        waiting=tx.cycles.count_waiting(),
        breached=len(late),
        may_be_more=len(late) == _LOOKED_AT,
        breaches=late[:PAGE],
        stranded=stranded,
        teams=[_team(tx, rota, policy, team, now) for team in policy.team],
    )


def late_cards(tx: Transaction, rota: Rota, routes: Sequence[str], now: datetime) -> list[Card]:
    """What of these routes waits for longer than was promised: what was due first comes first."""
    promised = [name for name in routes if rota.promises(name)]
    waiting = [(rota.deadline(cycle), cycle) for cycle in tx.cycles.longest_undecided(promised, _LOOKED_AT)]
    late = [(deadline, cycle) for deadline, cycle in waiting if deadline and deadline < now]
    return cards_of(tx, rota, [cycle for _, cycle in sorted(late, key=lambda one: one[0])])


def stranded_cards(tx: Transaction, rota: Rota, routes: Sequence[str], now: datetime) -> Page:
    """What of these routes people hold who are away for days, and is not late yet: it may lie till they return."""
    held = tx.cycles.held_by_absent(routes, now, now + _FOR_DAYS)
    waiting = [cycle for cycle in held if (deadline := rota.deadline(cycle)) is None or deadline >= now]
    return Page(cards=cards_of(tx, rota, waiting[:PAGE]), first=0, total=len(waiting))


def _team(tx: Transaction, rota: Rota, policy: Policy, team: Team, now: datetime) -> TeamBoard:
    routes = [route for route in policy.route if route.team == team.name]
    members = rota.members(team)
    return TeamBoard(
        name=team.name,
        people=_loads(tx, rota, team, now),
        spread=spread(members, weighted=any("weighted" in route.assign for route in routes)),
        promises=promises_of(tx, rota, team, [route.name for route in routes], now - WEEK, now),
    )


def _loads(tx: Transaction, rota: Rota, team: Team, now: datetime) -> list[Load]:
    away = tx.duty.away(team.members, now, now + timedelta(microseconds=1))
    return [
        Load(
            user=one.user,
            holding=one.holding,
            cap=one.cap,
            given=one.given,
            hours=one.hours,
            on_duty=is_open(one.calendar, now),
            away_until=next_open(one.calendar, now) if one.user in away else None,
        )
        for one in rota.members(team)
    ]
