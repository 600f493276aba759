"""Give new MQLs to people, where their route says so."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from bot.usecases.rota import Rota
from funnel.cycle import BATON, Cycle
from funnel.group_notices import TellMany
from funnel.lead import Lead
from funnel.lifecycle import Stage
from funnel.notices import Notice, TellPerson
from funnel.policy import Policy, Route
from funnel.roles import Act, Person
from funnel.routing import Choice, Handover, choose_owner
from storage.store import Transaction

BURST = 20
"""New MQLs of one team at once, from which on they are spread over all who work these days."""


def assign_leads(tx: Transaction, policy: Policy, opened: Sequence[tuple[Cycle, Lead]], now: datetime) -> None:
    """Find an owner for each announced cycle whose route gives leads away.

    Why it was this one, and why not the others, is kept with the change of hands.
    """
    routes = {route.name: route for route in policy.route}
    given = [(cycle, lead, routes[cycle.route]) for cycle, lead in opened if cycle.announced]
    given = [one for one in given if one[2].assign != ["open"]]
    if not given:
        return
    rota, changes = Rota(tx, policy, now, gives=True), []
    given_to: dict[str, list[int]] = {}
    counts = Counter(route.team for _, _, route in given)
    for name in sorted({route.team for _, _, route in given if route.team}):
        rota.members_of(name)  # in one order for all: who may hold so many is locked
    for cycle, lead, route in given:
        choice = _choose(tx, rota, policy, route, lead, now, burst=counts[route.team] > BURST)
        took_turn = choice.owner is not None and choice.mode in ("round robin", "weighted")
        changes.append(_handover(cycle, choice, route.team if took_turn else None, now))
        if choice.owner is None:
            continue
        _give(tx, policy, cycle, choice, now)
        given_to.setdefault(choice.owner, []).append(cycle.id)
        rota.gave(choice.owner, rota.team(route.team) if took_turn else None)
    tx.duty.hand_over(changes)
    for user, ids in given_to.items():
        team = next((team for team in policy.team if user in team.members), None)
        tx.outbox.add(_told(policy, user, ids, now), now, not_before=rota.awake(team, user) if team else now)


def _told(policy: Policy, user: str, cycle_ids: list[int], now: datetime) -> list[Notice]:
    """What somebody is told of what they were given at once: lead by lead, or of many in one message."""
    if len(cycle_ids) > policy.announce.bundle:
        return [TellMany(user=user, about="given", cycle_ids=cycle_ids)]
    return [TellPerson(cycle_id=one, user=user, about="given", owner=user, since=now) for one in cycle_ids]


def _choose(
    tx: Transaction, rota: Rota, policy: Policy, route: Route, lead: Lead, now: datetime, *, burst: bool
) -> Choice:
    members = rota.members_of(route.team)
    account_owner = tx.lookalikes.colleague(lead) if "account owner" in route.assign else None
    if account_owner and not _may_own(rota, policy, account_owner):
        account_owner = None
    named = {account_owner, route.person if "person" in route.assign else None} - {one.user for one in members}
    helpers = [rota.helper(user) for user in sorted(user for user in named if user)]
    return choose_owner(route, members, account_owner, now, burst=burst, helpers=helpers)


def _may_own(rota: Rota, policy: Policy, user: str) -> bool:
    """Whether somebody who owns a colleague's lead is still here."""
    return policy.roles.may(Person(id=user, outsider=rota.is_gone(user)), Act.CLAIM)


def _give(tx: Transaction, policy: Policy, cycle: Cycle, choice: Choice, now: datetime) -> None:
    tx.cycles.claim(cycle.id, choice.owner or "", now)
    tx.leads.set_stage(cycle.lead_id, Stage.ACCEPTED)
    tx.history.append(cycle.lead_id, cycle.id, Stage.MQL, Stage.ACCEPTED, now, BATON, policy.stamp, choice.mode)


def _handover(cycle: Cycle, choice: Choice, team: str | None, now: datetime) -> Handover:
    return Handover(cycle.id, team, None, choice.owner, BATON, choice.mode, now, choice.considered)
