"""What the steps of a round say, gathered so that many leads are one message to each person and channel."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from bot.usecases.rota import Rota
from funnel.cycle import Cycle
from funnel.group_notices import TellMany, WaitInChannel
from funnel.notices import Remind, TellPerson
from funnel.people import Team
from funnel.policy import Policy
from funnel.sla import Clock, Step, Waiting
from storage.store import Transaction

_Said = tuple[Cycle, Clock]
_Told = tuple[Cycle, Clock, Step]


class Steps:
    """Collects who is to be told of which lead; `write` tells it, each person in their hours and as they want."""

    def __init__(self, tx: Transaction, policy: Policy, rota: Rota, now: datetime) -> None:
        self._tx, self._policy, self._rota, self._now = tx, policy, rota, now
        self._channels: dict[str, list[_Said]] = defaultdict(list)
        self._people: dict[tuple[str, Waiting], list[_Told]] = defaultdict(list)
        self._teams: dict[str, Team] = {}

    def remind(self, cycle: Cycle, clock: Clock) -> None:
        """Have a lead's thread reminded."""
        self._channels[cycle.channel].append((cycle, clock))

    def tell(self, users: Iterable[str], team: Team, cycle: Cycle, step: Step, clock: Clock) -> None:
        """Have people told of a lead."""
        for user in users:
            self._teams[user] = team
            self._people[user, clock.waiting].append((cycle, clock, step))

    def write(self) -> None:
        """Write what was collected."""
        for channel, said in self._channels.items():
            if len(said) > self._policy.announce.bundle:
                ids = [cycle.id for cycle, _ in said]
                self._tx.outbox.add([WaitInChannel(channel=channel, cycle_ids=ids)], self._now)
            else:
                self._tx.outbox.add([self._reminder(cycle, clock) for cycle, clock in said], self._now)
        wishes = self._tx.preferences.of({user for user, _ in self._people})
        for (user, waiting), told in self._people.items():
            if len(told) > self._policy.announce.bundle:
                many = TellMany(user=user, about=waiting, cycle_ids=[cycle.id for cycle, _, _ in told])
                self._tx.outbox.add([many], self._now, not_before=self._moment(user))
                continue
            for cycle, clock, step in told:
                self._one(user, cycle, clock, step, by_mention=wishes[user].alert == "mention")

    def _reminder(self, cycle: Cycle, clock: Clock, mention: str = "") -> Remind:
        return Remind(
            cycle_id=cycle.id,
            channel=cycle.channel,
            waiting=clock.waiting,
            since=clock.since,
            mention=[mention] if mention else [],
            also_channel=not mention and self._rota.ladder_route(cycle).also_channel,
        )

    def _one(self, user: str, cycle: Cycle, clock: Clock, step: Step, *, by_mention: bool) -> None:
        """Tell somebody of one lead; a mention is for now, so who is not here or had enough gets a message later."""
        at = self._moment(user)
        has_card = cycle.announced and self._tx.posts.of_cycle(cycle.id)
        if by_mention and at <= self._now and has_card:
            self._tx.outbox.add([self._reminder(cycle, clock, user)], self._now)
            return
        told = TellPerson(cycle_id=cycle.id, user=user, about=clock.waiting, owner=cycle.owner, since=clock.since)
        key = f"step:{cycle.id}:{clock.since.isoformat()}:{step.do}:{int(step.after.total_seconds())}:{user}"
        self._tx.outbox.add_once(key, told, self._now, not_before=at)

    def _moment(self, user: str) -> datetime:
        """When somebody may be told next: in their working hours, and not more often than they want."""
        team = self._teams[user]
        moment = self._tx.preferences.take_alert(user, self._rota.awake(team, user))
        return self._rota.awake(team, user, moment)
