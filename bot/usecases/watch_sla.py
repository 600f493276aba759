"""Take the steps of the ladders that are due: each once, in working hours, whoever was restarted meanwhile."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.rota import Rota, clock_of
from funnel.business_hours import Calendar, is_open, next_open
from funnel.cycle import Cycle
from funnel.lifecycle import Stage
from funnel.notices import HandedOver, Notice, RefreshCard, Remind, TellPerson
from funnel.people import Team
from funnel.policy import Policy
from funnel.routing import Handover
from funnel.sla import Clock, Due, Step, next_step
from storage.store import Store, Transaction

BATCH = 200
ACTOR = "baton"


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
        rota = Rota(tx, policy, now)
        found = tx.cycles.to_look_at(now, BATCH)
        for cycle in found:
            _look(tx, policy, rota, cycle, now)
    return len(found)


def _look(tx: Transaction, policy: Policy, rota: Rota, cycle: Cycle, now: datetime) -> None:
    """Take the step that is due, if one is, and note when to look again."""
    route = rota.route(cycle)
    team = rota.team(route.team) if route else None
    clock = clock_of(cycle)
    if route is None or team is None or clock is None or not route.step:
        tx.cycles.took_step(cycle, cycle.steps_taken, None)
        return
    calendar = rota.calendar(team, cycle.owner) if cycle.owner else rota.calendars(team)
    due = next_step(route.step, clock, calendar)
    at = due and (due.at if due.at > now else next_open(calendar, now))  # late, it waits for working hours
    if due is None or at is None or at > now:
        tx.cycles.took_step(cycle, cycle.steps_taken, at)
        return
    follows = next_step(route.step, clock._replace(taken=clock.taken + 1), calendar)
    # The race ends here: of any number of replicas, one counts the step.
    if tx.cycles.took_step(cycle, cycle.steps_taken + 1, follows.at if follows else None):
        _take(tx, policy, rota, team, cycle, due, now)


def _take(tx: Transaction, policy: Policy, rota: Rota, team: Team, cycle: Cycle, due: Due, now: datetime) -> None:
    clock = clock_of(cycle)
    assert clock is not None  # who waits for nothing has no step
    if due.step.do == "assign":
        _assign(tx, policy, rota, team, cycle, due.step, now)
        return
    if due.step.do == "remind":
        route = rota.route(cycle)
        remind = Remind(
            cycle_id=cycle.id,
            channel=cycle.channel,
            waiting=clock.waiting,
            since=clock.since,
            also_channel=route is not None and route.also_channel,
        )
        tx.outbox.add([remind], now)
        return
    concerned = _concerned(rota, team, cycle, due.step, now)
    wishes = tx.preferences.of(concerned)
    mention = [user for user in concerned if wishes[user].alert == "mention"]
    if mention:
        told = Remind(
            cycle_id=cycle.id, channel=cycle.channel, waiting=clock.waiting, since=clock.since, mention=mention
        )
        tx.outbox.add([told], now)
    for user in concerned:
        if user not in mention:
            _tell(tx, rota, team, cycle, clock, user, now)


def _tell(tx: Transaction, rota: Rota, team: Team, cycle: Cycle, clock: Clock, user: str, now: datetime) -> None:
    """Tell somebody, in their working hours and not more often than they want."""
    told = TellPerson(cycle_id=cycle.id, user=user, about=clock.waiting, owner=cycle.owner, since=clock.since)
    key = f"step:{cycle.id}:{clock.since.isoformat()}:{cycle.steps_taken}:{user}"
    at = tx.preferences.take_alert(user, _awake(rota.calendar(team, user), now))
    tx.outbox.add_once(key, told, now, not_before=at)


def _concerned(rota: Rota, team: Team, cycle: Cycle, step: Step, now: datetime) -> list[str]:
    """Who is told: the managers; the owner; else all of the team who are there now."""
    if step.do == "manager":
        return team.managers
    if cycle.owner:
        return [cycle.owner]
    return [user for user in team.members if is_open(rota.calendar(team, user), now) and not rota.is_gone(user)]


def _awake(calendar: Calendar, now: datetime) -> datetime:
    """The next moment at which somebody may be written to; now for who works at no time at all."""
    return next_open(calendar, now) or now


def _assign(tx: Transaction, policy: Policy, rota: Rota, team: Team, cycle: Cycle, step: Step, now: datetime) -> None:
    """Give the lead to the person the ladder ends with, cap or no cap: nobody is forgotten.

    If they have left, to a manager of the team.
    """
    to = next((user for user in (step.to, *team.managers) if user and not rota.is_gone(user)), None)
    if to is None or to == cycle.owner:
        return
    seen = cycle.model_copy(update={"steps_taken": cycle.steps_taken + 1})
    if not tx.cycles.hand_over(seen, to, now, accepted_at=now):
        return
    if cycle.stage is Stage.MQL:
        tx.leads.set_stage(cycle.lead_id, Stage.ACCEPTED)
        tx.history.append(
            cycle.lead_id, cycle.id, cycle.stage, Stage.ACCEPTED, now, ACTOR, policy.stamp, "nobody took it in time"
        )
    tx.duty.hand_over([Handover(cycle.id, None, cycle.owner, to, ACTOR, "fallback", now)])
    homes = [user for user in (cycle.owner, to) if user]
    told: list[Notice] = [
        RefreshCard(cycle_id=cycle.id, homes=homes),
        HandedOver(cycle_id=cycle.id, channel=cycle.channel, old=cycle.owner, new=to, actor=ACTOR, how="fallback"),
        TellPerson(cycle_id=cycle.id, user=to, about="given", owner=to, actor=ACTOR, since=now),
    ]
    tx.outbox.add(told, now)
