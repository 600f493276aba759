"""Take the steps of the ladders that are due: each once, in working hours, whoever was restarted meanwhile."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.change_hands import note_handover, tell_owners
from bot.usecases.reroute import rerouted
from bot.usecases.rota import Rota, clock_of
from bot.usecases.sla_steps import Steps
from funnel.business_hours import is_open, next_open
from funnel.cycle import BATON, Cycle
from funnel.people import Team
from funnel.policy import Policy
from funnel.sla import Step, next_steps, passed_over
from storage.store import Store, Transaction

BATCH = 200


def has_ladders_due(store: Store, now: datetime) -> bool:
    """Whether any ladder has to be looked at; one look into an index."""
    with store.read() as tx:
        return tx.cycles.has_to_look(now)


def watch_sla(store: Store, policy: Policy, now: datetime) -> int:
    """Look at every ladder that is due; how many there were."""
    total, count = 0, BATCH
    while count == BATCH:
        count = _watch_batch(store, policy, now)
        total += count
    return total


@again_on_conflict
def _watch_batch(store: Store, policy: Policy, now: datetime) -> int:
    with store.begin() as tx:
        if not tx.policies.counts(policy.hash):
            return 0  # whoever has heard of the change looks at them
        rota = Rota(tx, policy, now)
        steps, found = Steps(tx, policy, rota, now), tx.cycles.to_look_at(now, BATCH)
        for cycle in found:
            _look(tx, policy, rota, steps, _on_a_route(tx, policy, cycle), now)
        steps.write()
    return len(found)


def _on_a_route(tx: Transaction, policy: Policy, cycle: Cycle) -> Cycle:
    """The cycle, on the route that fits now where its own is gone."""
    if policy.route_named(cycle.route) is not None:
        return cycle
    lead = tx.leads.get(cycle.lead_id)
    return rerouted(tx, policy, cycle, lead) if lead else cycle


def _look(tx: Transaction, policy: Policy, rota: Rota, steps: Steps, cycle: Cycle, now: datetime) -> None:
    """Take the steps that are due, if any are, and note when to look again."""
    route = rota.ladder_route(cycle)
    team, clock = rota.team(route.team), clock_of(cycle)
    if team is None or clock is None or not route.step:
        tx.cycles.look_at(cycle, None)
        return
    calendar = rota.calendar(team, cycle.owner) if cycle.owner else rota.calendars(team)
    due = next_steps(route.step, clock, calendar)
    if due is None and cycle.owner is None and (step := passed_over(route.step, clock)):
        tx.cycles.look_at(cycle, None)
        _assign(tx, policy, rota, team, cycle, step, now)
        return
    at = due and (due.at if due.at > now else next_open(calendar, now))  # late, it waits for working hours
    if due is None or at is None or at > now:
        tx.cycles.look_at(cycle, at)
        return
    follows = next_steps(route.step, clock._replace(climbed=due.after, climbed_at=now), calendar)
    # The race ends here: of any number of replicas, one has climbed.
    if tx.cycles.climbed(cycle, due.after, now, follows and follows.at):
        for step in due.steps:
            _take(tx, policy, rota, steps, team, cycle, step, now)


def _take(
    tx: Transaction, policy: Policy, rota: Rota, steps: Steps, team: Team, cycle: Cycle, step: Step, now: datetime
) -> None:
    clock = clock_of(cycle)
    assert clock is not None  # who waits for nothing has no step
    if step.do == "assign":
        _assign(tx, policy, rota, team, cycle, step, now)
    elif step.do == "remind":
        steps.remind(cycle, clock)
    else:
        steps.tell(_concerned(policy, rota, team, cycle, step, now), team, cycle, step, clock)


def _concerned(policy: Policy, rota: Rota, team: Team, cycle: Cycle, step: Step, now: datetime) -> list[str]:
    """Who is told: the managers; the owner; else all of the team who are there now."""
    if step.do == "manager":
        return policy.managers_of(team)
    if cycle.owner:
        return [cycle.owner]
    return [user for user in team.members if is_open(rota.calendar(team, user), now) and not rota.is_gone(user)]


def _assign(tx: Transaction, policy: Policy, rota: Rota, team: Team, cycle: Cycle, step: Step, now: datetime) -> None:
    """Give the lead to the person the ladder ends with, cap or no cap: nobody is forgotten.

    If they have left, to a manager of the team.
    """
    to = next((user for user in (step.to, *team.managers) if user and not rota.is_gone(user)), None)
    if to is None or to == cycle.owner or not tx.cycles.hand_over(cycle, to, now):
        return
    why = "its owner did not decide in time" if cycle.owner else "nobody took it in time"
    note_handover(tx, policy, cycle, to, BATON, "fallback", now, why=why)
    tell_owners(tx, cycle, to, BATON, now, not_before=rota.awake(team, to))
