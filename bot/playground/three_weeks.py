"""Three weeks of a sales team's life, played through the real use cases in a few seconds."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from bot.playground.demo_clock import DemoClock
from bot.playground.sample import PHRASES, Sample, draw_sample
from bot.usecases.announce_mqls import announce_mqls
from bot.usecases.claim_lead import claim_lead
from bot.usecases.draft import EngagementIn, LeadIn, to_draft, to_seen
from bot.usecases.list_leads import open_leads
from bot.usecases.qualify_lead import Decision, LoggedCall, qualify_lead
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import record_engagements
from bot.usecases.reject_lead import reject_lead
from bot.usecases.report_stage import report_stage
from bot.usecases.watch_sla import watch_sla
from bot.wiring import Baton
from funnel.bant import Answer, Criterion, Status
from funnel.cycle import Card
from funnel.lifecycle import Stage
from funnel.notices import Click
from funnel.roles import Person

LEADS = 120
FRESH = 14
"""Leads of the last hours, left to the person who plays; of some the company became a customer meanwhile."""
DAYS = 21
Event = Callable[[], None]


class ThreeWeeks:
    """Plays events in the order of their time; what would happen later than `end` is left to the person who plays."""

    def __init__(self, baton: Baton, clock: DemoClock, sdrs: list[str], rep: str, end: datetime, seed: int) -> None:
        self._baton, self._clock, self._sdrs, self._rep, self._end = baton, clock, sdrs, rep, end
        self._store, self._policy = baton.store, baton.policy()
        self._chance = Random(seed)  # noqa: S311  a sample, not a secret
        self._events: list[tuple[datetime, int, Event]] = []
        self._order = count()
        self._seen: set[int] = set()
        self._left: set[str] = set()

    def play(self) -> None:
        """Play it all."""
        start = self._clock()
        for number in range(LEADS):
            day = start + timedelta(days=self._chance.uniform(0, DAYS))
            self._at(_office_hour(day, self._chance), self._arrival(draw_sample(self._chance, number)))
        for number in range(LEADS, LEADS + FRESH):
            self._leave(number)
        while self._events:
            at, _, event = heapq.heappop(self._events)
            self._clock.move_to(at)
            event()
            self._tick()

    def _leave(self, number: int) -> None:
        """Have somebody ask for a demo shortly before the end, whom nobody claims."""
        sample = draw_sample(self._chance, number)
        sample.did = [("page_view", {"path": "/pricing"}, 0.01), ("demo_request", {}, 0.02)]
        self._left.add(sample.lead["email"])
        self._at(self._end - timedelta(minutes=self._chance.randint(3, 150)), self._arrival(sample))

    def _at(self, at: datetime, event: Event) -> None:
        if at < self._end:
            heapq.heappush(self._events, (at, next(self._order), event))

    def _in(self, hours: float, event: Event) -> None:
        self._at(self._clock() + timedelta(hours=hours), event)

    def _tick(self) -> None:
        """What the scheduler and the dispatcher would do now."""
        announce_mqls(self._store, self._policy, self._clock())
        watch_sla(self._store, self._policy, self._clock())
        self._baton.dispatcher.drain(wait=self._clock.advance)
        for card in open_leads(self._store, self._policy, self._clock(), 50):
            if card.cycle.id not in self._seen:
                self._seen.add(card.cycle.id)
                self._react(card)

    def _arrival(self, sample: Sample) -> Event:
        def arrive() -> None:
            now = self._clock()
            draft = to_draft(LeadIn(**sample.lead), now)
            receive_leads(self._store, self._policy, [draft], now, "website")
            for kind, properties, hours in sample.did:
                self._in(hours, self._deed(sample.lead["email"], kind, properties))

        return arrive

    def _deed(self, email: str, kind: str, properties: dict[str, object]) -> Event:
        def do() -> None:
            now = self._clock()
            seen = to_seen(EngagementIn(email=email, kind=kind, properties=properties), now)
            record_engagements(self._store, self._policy, [seen], "website", now)

        return do

    def _react(self, card: Card) -> None:
        """Decide what the team makes of a new card."""
        if card.lead.facts.email in self._left:
            return
        wait = self._chance.choice([0.02, 0.05, 0.1, 0.2, 0.6, 1.5])
        if self._chance.random() < 0.12:
            self._in(wait, self._rejection(card.cycle.id))
        else:
            self._in(wait, self._claim(card))

    def _rejection(self, cycle_id: int) -> Event:
        person = Person(id=self._chance.choice(self._sdrs))
        reason = self._chance.choice(self._policy.reasons.rejected)
        return lambda: reject_lead(self._store, self._policy, person, cycle_id, reason, "", self._clock())

    def _claim(self, card: Card) -> Event:
        sdr = self._chance.choice(self._sdrs)

        def claim() -> None:
            click = Click(user=sdr, channel=card.cycle.channel)
            claim_lead(self._store, self._policy, Person(id=sdr), card.cycle.id, click, self._clock())
            self._in(self._chance.uniform(0.5, 30), self._call(card))

        return claim

    def _call(self, card: Card) -> Event:
        stage = self._chance.choices([Stage.SQL, Stage.RECYCLED, Stage.DISQUALIFIED, None], weights=[50, 20, 15, 15])[0]

        def call() -> None:
            logged = LoggedCall(
                cycle_id=card.cycle.id,
                submission=f"sample-{card.cycle.id}",
                answers=self._answers(stage),
                note="" if stage is Stage.DISQUALIFIED else self._chance.choice(PHRASES),
                decision=self._decision(stage),
            )
            qualify_lead(self._store, self._policy, Person(id=self._rep), logged, self._clock())
            if stage is Stage.SQL and self._chance.random() < 0.6:
                self._in(self._chance.uniform(20, 90), self._report(card, Stage.OPPORTUNITY))

        return call

    def _decision(self, stage: Stage | None) -> Decision:
        reasons = {Stage.RECYCLED: self._policy.reasons.recycled, Stage.DISQUALIFIED: self._policy.reasons.disqualified}
        reason = self._chance.choice(reasons[stage]) if stage in reasons else ""
        wake_at = self._clock() + timedelta(days=30) if stage is Stage.RECYCLED else None
        return Decision(stage=stage, reason=reason, wake_at=wake_at)

    def _answers(self, stage: Stage | None) -> list[Answer]:
        if stage is Stage.DISQUALIFIED:
            return [Answer(criterion=Criterion.NEED, status=Status.NO, detail="Has a tool that does it")]
        status = Status.CONFIRMED if stage is Stage.SQL else Status.PARTIAL
        amount = self._chance.choice([800_000, 1_500_000, 2_400_000, 4_000_000])
        due = (self._clock() + timedelta(days=self._chance.randint(20, 120))).date()
        return [
            Answer(criterion=Criterion.NEED, status=status, detail=self._chance.choice(PHRASES)),
            Answer(criterion=Criterion.BUDGET, status=status, amount_minor=amount, currency="EUR"),
            Answer(criterion=Criterion.AUTHORITY, status=Status.PARTIAL, detail="Advises the board"),
            Answer(criterion=Criterion.TIMELINE, status=status, due=due),
        ]

    def _report(self, card: Card, stage: Stage) -> Event:
        def report() -> None:
            now = self._clock()
            report_stage(self._store, self._policy, card.lead.id, stage, now, "crm", now)
            if stage is Stage.OPPORTUNITY and self._chance.random() < 0.5:
                self._in(self._chance.uniform(20, 80), self._report(card, Stage.CUSTOMER))

        return report


def _office_hour(day: datetime, chance: Random) -> datetime:
    """A moment between eight and six on a working day, near the one given."""
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.replace(hour=chance.randint(8, 17), minute=chance.randint(0, 59), tzinfo=UTC)
