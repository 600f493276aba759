"""What whoever looks after a team sees: what is late, what lies with people who are away, who carries how much."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.usecases.list_leads import cards_of
from bot.usecases.rota import Rota
from bot.usecases.team_week import promises_of
from funnel.business_hours import is_open, next_open
from funnel.cycle import Card
from funnel.home import PAGE, Board, Load, TeamBoard
from funnel.people import Team
from funnel.policy import Policy
from funnel.routing import spread, who_is_away
from storage.store import Transaction

_LOOKED_AT = 60
"""Leads among which those are looked for that wait for too long: the ones that wait longest."""

WEEK = timedelta(days=7)


def board_of(tx: Transaction, rota: Rota, policy: Policy, now: datetime) -> Board:
    """The board of all teams."""
    late = late_cards(tx, rota, [route.name for route in policy.route], now)
    stranded = stranded_cards(tx, rota, policy.team, now)
    return Board(
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
    cards = cards_of(tx, rota, tx.cycles.longest_undecided(promised, _LOOKED_AT))
    late = [(card.deadline, card) for card in cards if card.deadline and card.deadline < now]
    return [card for _, card in sorted(late, key=lambda one: one[0])]


def stranded_cards(tx: Transaction, rota: Rota, teams: Sequence[Team], now: datetime) -> list[Card]:
    """What is held by people who are away, and is not late yet: their clocks stand, and so may the leads."""
    away = {user for team in teams for user in who_is_away(rota.members(team), now)}
    held = cards_of(tx, rota, tx.cycles.held_by(sorted(away))) if away else []
    return [card for card in held if card.deadline is None or card.deadline >= now]


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
    return [
        Load(
            user=one.user,
            holding=one.holding,
            cap=one.cap,
            given=one.given,
            hours=one.hours,
            on_duty=is_open(one.calendar, now),
            away_until=_back(tx, one.user, now) and next_open(one.calendar, now),
        )
        for one in rota.members(team)
    ]


def _back(tx: Transaction, user: str, now: datetime) -> datetime | None:
    """Until when somebody is absent or has paused; None when they are there."""
    return max((one.until for one in tx.duty.absences(user, now) if one.since <= now), default=None)
