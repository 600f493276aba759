"""Take leads nobody works on to the stages they have earned: to prospect, or to MQL with a new cycle."""

from datetime import datetime
from typing import NamedTuple

from bot.usecases.announce import announce
from bot.usecases.assign_leads import assign_leads
from bot.usecases.reroute import rerouted
from funnel.cycle import BATON, Cycle, Move, is_news, open_cycle
from funnel.lead import Engagement, Lead, Subject
from funnel.lifecycle import Stage
from funnel.notices import HandRaised
from funnel.policy import Policy
from funnel.scorer import Standing
from funnel.scoring import Assessment, assess
from storage.store import Transaction


class _Rise(NamedTuple):
    """A lead that becomes an MQL: since when, as which of its cycles, why, and when the newest of it happened."""

    lead: Lead
    subject: Subject
    at: datetime
    number: int
    found: Assessment
    newest: datetime


class Advance:
    """Collects the moves of a batch, so that each table is written once."""

    def __init__(self, tx: Transaction, policy: Policy, now: datetime) -> None:
        self._tx, self._policy, self._now = tx, policy, now
        self._prospects: list[tuple[Lead, Standing]] = []
        self._rises: list[_Rise] = []
        self._revived: list[tuple[Cycle, Lead]] = []

    def take(
        self, lead: Lead, last: Cycle | None, subject: Subject, events: list[Engagement], standing: Standing
    ) -> None:
        """Note what a lead has earned; `last` is its newest cycle. Decay takes no stage away.

        A recycled lead wakes at its time, or when it raises its hand once more. One that somebody let go for good
        stays so; that it asks again is told where it was decided.
        """
        if last is not None and last.closed_at is None:
            # The lead merely follows the cycle; one that was no news when it began may be by now.
            if last.stage is Stage.MQL and not last.announced and self._is_news(lead):
                self._revived.append((last, lead))
            return
        if lead.stage is Stage.RECYCLED:
            self._wake(lead, last, subject, events)
        elif lead.stage in (Stage.RAW, Stage.PROSPECT) and standing.earned is Stage.MQL:
            # Who did nothing new became one because the rules have changed, and so has today as its day.
            by_policy = lead.scored_under not in (None, self._policy.stamp)
            by_time = not by_policy and self._was_less(lead, subject, events)
            at = self._now if by_policy or by_time else min(lead.last_activity_at, self._now)
            newest = self._now if by_time else lead.last_activity_at
            self._rise(lead, subject, last, at, assess(subject, events, self._policy, self._now), newest)
        elif lead.stage is Stage.RAW and standing.earned is Stage.PROSPECT:
            self._prospects.append((lead, standing))
        elif lead.stage in (Stage.REJECTED, Stage.DISQUALIFIED) and last is not None and last.announced:
            self._tell_raised(last, assess(subject, events, self._policy, self._now))

    def _tell_raised(self, last: Cycle, found: Assessment) -> None:
        if found.excluded or found.raised_at is None or last.closed_at is None or found.raised_at <= last.closed_at:
            return
        notice = HandRaised(cycle_id=last.id, because=found.because, channel=last.channel)
        self._tx.outbox.add_once(f"raised:{last.id}:{found.raised_at.isoformat()}", notice, self._now)

    def _wake(self, lead: Lead, last: Cycle | None, subject: Subject, events: list[Engagement]) -> None:
        found = assess(subject, events, self._policy, self._now)
        if found.excluded:
            return
        ended = last.closed_at if last else None
        if ended is not None and found.raised_at is not None and found.raised_at > ended:
            self._rise(lead, subject, last, min(lead.last_activity_at, self._now), found, self._now)
        elif lead.wake_at is not None and lead.wake_at <= self._now:
            because = "back after it was put off"
            self._rise(lead, subject, last, self._now, found.model_copy(update={"because": because}), self._now)

    def _was_less(self, lead: Lead, subject: Subject, events: list[Engagement]) -> bool:
        """Whether all that is known by now made no MQL of it when it was last scored: what held it down has faded."""
        if lead.scored_at is None:
            return False
        known = assess(subject, events, self._policy, lead.scored_at)
        return known.earned is not Stage.MQL

    def _rise(
        self, lead: Lead, subject: Subject, last: Cycle | None, at: datetime, found: Assessment, newest: datetime
    ) -> None:
        self._rises.append(_Rise(lead, subject, at, last.number + 1 if last else 1, found, newest))

    def write(self) -> None:
        """Store what was noted: stages, cycles, history, and what Slack must be told."""
        cycles = [self._cycle(*one) for one in zip(self._tx.cycles.new_ids(len(self._rises)), self._rises, strict=True)]
        self._tx.cycles.add(cycles, [rise.lead.facts.campaign for rise in self._rises])
        self._tx.leads.set_stages(
            {lead.id: Stage.PROSPECT for lead, _ in self._prospects} | {one.lead_id: Stage.MQL for one in cycles}
        )
        self._tx.leads.set_prospect_days({lead.id: self._now for lead, _ in self._prospects})
        for rise in self._rises:
            if rise.lead.wake_at is not None:
                self._tx.leads.wake(rise.lead.id)
        self._tell_history(cycles)
        opened = list(zip(cycles, (rise.lead for rise in self._rises), strict=True))
        opened += [
            (self._announced(rerouted(self._tx, self._policy, cycle, lead)), lead) for cycle, lead in self._revived
        ]
        assign_leads(self._tx, self._policy, opened, self._now)
        announce(self._tx, self._policy, [cycle for cycle, _ in opened], self._now)

    def _is_news(self, lead: Lead) -> bool:
        return is_news(lead.last_activity_at, self._policy, self._now)

    def _announced(self, cycle: Cycle) -> Cycle:
        """A cycle that is news now, as it is once it is offered."""
        self._tx.cycles.offer(cycle.id, self._now)
        return cycle.offered(self._now)

    def _cycle(self, cycle_id: int, rise: _Rise) -> Cycle:
        lead, policy = rise.lead, self._policy
        cycle = open_cycle(cycle_id, rise.number, lead.id, rise.subject, Stage.MQL, rise.at, rise.found, policy)
        return cycle.offered(self._now) if is_news(rise.newest, policy, self._now) else cycle

    def _tell_history(self, cycles: list[Cycle]) -> None:
        ids = iter(self._tx.history.new_ids(len(cycles) + len(self._prospects)))
        moves = [
            self._move(next(ids), lead, None, Stage.PROSPECT, self._now, _points(standing))
            for lead, standing in self._prospects
        ]
        moves += [
            self._move(next(ids), rise.lead, cycle.id, Stage.MQL, rise.at, rise.found.because)
            for rise, cycle in zip(self._rises, cycles, strict=True)
        ]
        self._tx.history.add(moves)

    def _move(self, move_id: int, lead: Lead, cycle_id: int | None, new: Stage, at: datetime, reason: str) -> Move:
        return Move(
            id=move_id,
            lead_id=lead.id,
            cycle_id=cycle_id,
            old=lead.stage,
            new=new,
            at=at,
            recorded_at=self._now,
            actor=BATON,
            reason=reason,
            policy_version=self._policy.stamp,
        )


def _points(standing: Standing) -> str:
    return f"{standing.fit:.0f} points fit, {standing.behaviour:.0f} behaviour"
