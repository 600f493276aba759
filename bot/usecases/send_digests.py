"""The morning of each person and the week of each team, each told once, whoever was restarted meanwhile."""

from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bot.usecases.board import late_cards, stranded_cards
from bot.usecases.list_leads import by_deadline, cards_of
from bot.usecases.rota import Rota
from funnel.digest import Digest, end_of_week, morning_of
from funnel.group_notices import SendDigest, SendTeamWeek
from funnel.notices import Notice
from funnel.people import Team
from funnel.policy import Policy
from storage.store import Store, Transaction

_MOST = 200
_BACK = timedelta(days=3)
"""How far back a morning looks for what woke up: over a week-end."""


def digests_due(store: Store, policy: Policy, now: datetime) -> bool:
    """Whether anybody waits for their digest, or a team for its summary."""
    with store.read() as tx:
        return bool(_missing(tx, policy, now))


def send_digests(store: Store, policy: Policy, now: datetime) -> int:
    """Write what is due and was not written yet; how many messages."""
    with store.begin() as tx:
        return sum(tx.outbox.add_once(key, notice, now) for key, notice in _missing(tx, policy, now).items())


def _missing(tx: Transaction, policy: Policy, now: datetime) -> dict[str, Notice]:
    due = _mornings(tx, policy, now) | _weeks(policy, now)
    known = tx.outbox.known(due) if due else set()
    return {key: notice for key, notice in due.items() if key not in known}


def _mornings(tx: Transaction, policy: Policy, now: datetime) -> dict[str, Notice]:
    at = policy.digest.morning_at
    if at is None:
        return {}
    rota, found = Rota(tx, policy, now), dict[str, Notice]()
    wishes = tx.preferences.of({user for team in policy.team for user in (*team.members, *_managers(policy, team))})
    for team in policy.team:
        people = list(dict.fromkeys((*team.members, *_managers(policy, team))))
        for user, calendar in zip(people, rota.calendars_of(team, people), strict=True):
            day = morning_of(now, at, ZoneInfo(calendar.zone), calendar)
            if day and not rota.is_gone(user) and wishes[user].digest:
                found.setdefault(f"digest:{user}:{day}", SendDigest(user=user, zone=calendar.zone))
    return found


def _managers(policy: Policy, team: Team) -> list[str]:
    """Who looks after a team: its managers, else all who are managers by their role."""
    return team.managers or policy.roles.manager


def _weeks(policy: Policy, now: datetime) -> dict[str, Notice]:
    ends = policy.digest.week_at
    if ends is None:
        return {}
    weekday, at = ends
    due = {team.name: end_of_week(now, at, weekday, ZoneInfo(team.zone)) for team in policy.team}
    channels = {route.team: route.channel for route in reversed(policy.route) if route.team}
    return {
        f"week:{team}:{ended.date()}": SendTeamWeek(team=team, channel=channels[team], until=ended)
        for team, ended in due.items()
        if ended and team in channels
    }


def digest_of(store: Store, policy: Policy, user: str, zone: tzinfo, now: datetime) -> Digest:
    """What somebody's morning message says."""
    evening = (now.astimezone(zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    with store.read() as tx:
        rota = Rota(tx, policy, now)
        mine = cards_of(tx, rota, by_deadline(rota, tx.cycles.held_by([user]))[:_MOST])
        teams = [team for team in policy.team if user in _managers(policy, team)]
        routes = [route.name for route in policy.route if route.team in {team.name for team in teams}]
        stranded = stranded_cards(tx, rota, routes, now)
        return Digest(
            mine=mine,
            held=tx.cycles.count_owned(user),
            due=[card for card in mine if card.deadline and card.deadline < evening],
            woke=cards_of(tx, rota, tx.cycles.woken_for(user, now - _BACK)),
            waiting=tx.cycles.count_waiting(),
            late=late_cards(tx, rota, routes, now),
            stranded=stranded.cards,
            stranded_total=stranded.total,
        )
