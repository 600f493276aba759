"""Everything a person's App Home shows, read in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from bot.usecases.board import board_of
from bot.usecases.list_leads import cards_of, page_of_mine, page_of_open
from bot.usecases.rota import Rota
from funnel.home import PAGE, Home, Page, SetUp, Week
from funnel.people import Team
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.store import Store, Transaction


def show_home(
    store: Store, policy: Policy, person: Person, zone: tzinfo, now: datetime, mine_from: int = 0, waiting_from: int = 0
) -> Home:
    """The home of a person, its lists from these places on; with the board and the set-up for who may see them."""
    with store.read() as tx:
        rota = Rota(tx, policy, now)
        manages = any(person.id in team.managers for team in policy.team)
        sees_board = policy.roles.may(person, Act.SEE_BOARD) or (manages and not person.outsider)
        return Home(
            mine=page_of_mine(tx, rota, person.id, mine_from),
            drafts=_drafts(tx, rota, person.id),
            waiting=page_of_open(tx, rota, waiting_from),
            week=Week(**tx.cycles.done_since(person.id, _monday(now, zone))),
            may_claim=policy.roles.may(person, Act.CLAIM),
            board=board_of(tx, rota, policy, person, now) if sees_board else None,
            set_up=_set_up(tx, policy) if policy.roles.may(person, Act.CHANGE_POLICY) else None,
        )


def _monday(now: datetime, zone: tzinfo) -> datetime:
    here = now.astimezone(zone)
    return (here - timedelta(days=here.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


def _drafts(tx: Transaction, rota: Rota, user: str) -> Page:
    ids = tx.calls.undecided(user)
    found = {cycle.id: cycle for cycle in tx.cycles.get_many(ids[:PAGE])}
    return Page(cards=cards_of(tx, rota, [found[one] for one in ids[:PAGE]]), first=0, total=len(ids))


def _set_up(tx: Transaction, policy: Policy) -> SetUp:
    stored = tx.policies.in_force()
    return SetUp(
        policy=policy.stamp,
        author=stored.author if stored else "",
        since=stored.at if stored else None,
        routes=[_route(route.name, route.channel, route.assign, route.team) for route in policy.route],
        teams=[_team(team) for team in policy.team],
        unsent=tx.outbox.count().get("pending", 0),
        failed_bodies=tx.bodies.count_failed(),
    )


def _team(team: Team) -> str:
    return f"{team.name}: {len(team.members)} people, {', '.join(team.hours)} in their zones (else {team.zone})"


def _route(name: str, channel: str, assign: Sequence[str], team: str | None) -> str:
    return f"{name} → {channel}: {', then '.join(assign)}{f' of {team}' if team else ''}"
