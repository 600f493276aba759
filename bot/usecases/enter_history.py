"""Enter stages that leads reached elsewhere, as of the day they reached them."""

from collections.abc import Sequence
from datetime import datetime

from bot.usecases.announce import announce
from bot.usecases.assign_leads import assign_leads
from bot.usecases.score_leads import look_at_colleagues, subjects_of
from funnel.cycle import Cycle, Move, is_news, open_cycle
from funnel.lead import Draft, Lead
from funnel.lifecycle import CYCLE_STAGES, MOVES, OUTCOMES, Stage, rank
from funnel.notices import RefreshCard
from funnel.policy import Policy
from funnel.scoring import Assessment
from storage.store import Transaction

Told = tuple[Lead, Draft, int]
"""A lead, the draft that tells of a stage, and the draft's place in its batch."""


def enter_history(tx: Transaction, policy: Policy, told: Sequence[Told], now: datetime, actor: str) -> dict[int, str]:
    """Enter what drafts tell, earliest day first; remarks on oddities by the draft's place.

    The first report of a stage counts; the same stage told again changes nothing. Only an MQL that is still news
    is announced.
    """
    if not told:
        return {}
    scribe = _Scribe(tx, policy, told, now, actor)
    remarks = {}
    for lead, draft, place in sorted(told, key=lambda item: (item[1].occurred_at, item[2])):
        remark = scribe.enter(lead, draft)
        if remark:
            remarks[place] = remark
    scribe.write()
    return remarks


class _Scribe:
    """Collects new cycles and moves of a batch, so that each table is written once."""

    def __init__(self, tx: Transaction, policy: Policy, told: Sequence[Told], now: datetime, actor: str) -> None:
        self._tx, self._policy, self._now, self._actor = tx, policy, now, actor
        self._subjects = subjects_of(tx, policy, [lead for lead, _, _ in told])
        lead_ids = set(self._subjects)
        self._newest = tx.cycles.newest_of(lead_ids)
        newest = self._newest.values()
        self._told = tx.history.stages_told(cycle.id for cycle in newest)
        self._told_before = tx.history.stages_ever(cycle.lead_id for cycle in newest if cycle.number > 1)
        # A lead has a new cycle if it has none, or comes back after it was recycled.
        recycled = [*(cycle.stage for cycle in newest), *(draft.stage for _, draft, _ in told)].count(Stage.RECYCLED)
        self._ids = iter(tx.cycles.new_ids(len(lead_ids - set(self._newest)) + recycled))
        self._opened: dict[int, tuple[Cycle, Lead]] = {}
        self._moves: list[tuple[Lead, int | None, Stage, Stage, datetime]] = []
        self._stages: dict[int, Stage] = {}
        self._prospects: dict[int, datetime] = {}

    def enter(self, lead: Lead, draft: Draft) -> str:
        """Enter one stage; a sentence about anything odd, or ""."""
        stage, at = draft.stage or Stage.RAW, draft.occurred_at
        cycle = self._newest.get(lead.id)
        if stage is Stage.PROSPECT:
            return self._prospect(lead, at, cycle)
        if cycle is None or _comes_back(cycle, draft):
            self._open(lead, stage, at)
            return ""
        if (cycle.id, stage) in self._told:
            return ""
        if cycle.number > 1 and at < cycle.mql_at:
            is_known = (lead.id, stage) in self._told_before
            return "" if is_known else f"It became {stage.label} before its newest cycle began; that was not entered."
        if stage in OUTCOMES and at < cycle.reached_at:
            day = f"{cycle.reached_at:%Y-%m-%d}"
            return f"It was not made {stage.label}: it became {cycle.stage.label} later, on {day}."
        self._told.add((cycle.id, stage))
        settled = cycle.stage in OUTCOMES or rank(stage) < rank(cycle.stage)
        if settled and stage in CYCLE_STAGES:
            return self._late(lead, cycle, stage, at)
        return self._advance(lead, cycle, stage, at)

    def _prospect(self, lead: Lead, at: datetime, cycle: Cycle | None) -> str:
        if cycle is None and self._stages.get(lead.id, lead.stage) is Stage.RAW:
            self._note(lead, None, Stage.RAW, Stage.PROSPECT, at)
            self._prospects[lead.id] = at
        return ""

    def _open(self, lead: Lead, stage: Stage, at: datetime) -> None:
        told = Assessment(fit=0, behaviour=0, reasons=[], earned=stage, because=f"reported as {stage.label}")
        last = self._newest.get(lead.id)
        number = last.number + 1 if last else 1
        cycle = open_cycle(next(self._ids), number, lead.id, self._subjects[lead.id], stage, at, told, self._policy)
        if stage is Stage.MQL and is_news(at, self._policy, self._now):
            cycle = cycle.offered(self._now)
        self._newest[lead.id] = cycle
        self._opened[cycle.id] = (cycle, lead)
        self._told.add((cycle.id, stage))
        if last:
            self._tx.leads.wake(lead.id)
        self._note(lead, cycle.id, self._stages.get(lead.id, lead.stage), stage, at)

    def _late(self, lead: Lead, cycle: Cycle, stage: Stage, at: datetime) -> str:
        """A stage told after a later one: its day is noted, the lead stays where it is."""
        self._flush(cycle.id)
        self._tx.cycles.record_history(cycle.id, stage, at)
        self._newest[lead.id] = cycle.model_copy(update={f"{stage.value}_at": at})
        self._moves.append((lead, cycle.id, Stage.RAW, stage, at))
        return _oddity(cycle.stage, getattr(cycle, f"{cycle.stage.value}_at", None), stage, at)

    def _advance(self, lead: Lead, cycle: Cycle, stage: Stage, at: datetime) -> str:
        if stage in OUTCOMES and stage not in MOVES[cycle.stage]:
            return f"It was not made {stage.label}: it is {cycle.stage.label} by now."
        if stage is Stage.ACCEPTED and cycle.announced and cycle.owner is None:
            return "It was not made accepted: it is offered in Slack, where somebody has to claim it."
        self._flush(cycle.id)
        if not self._tx.cycles.move(cycle, stage, at):
            return f"It was not moved to {stage.label}: somebody else moved it just now."
        day = "closed_at" if stage in OUTCOMES else f"{stage.value}_at"
        self._newest[lead.id] = cycle.model_copy(update={"stage": stage, day: at})
        if cycle.announced:
            self._tx.outbox.add([RefreshCard(cycle_id=cycle.id)], self._now)
        self._note(lead, cycle.id, cycle.stage, stage, at)
        return _oddity(stage, at, Stage.MQL, cycle.mql_at)

    def _note(self, lead: Lead, cycle_id: int | None, old: Stage, new: Stage, at: datetime) -> None:
        self._moves.append((lead, cycle_id, old, new, at))
        self._stages[lead.id] = new

    def _flush(self, cycle_id: int) -> None:
        """Store a cycle this batch opened before it is updated."""
        if cycle_id in self._opened:
            self._store([self._opened.pop(cycle_id)])

    def _store(self, opened: list[tuple[Cycle, Lead]]) -> None:
        self._tx.cycles.add([cycle for cycle, _ in opened], [lead.facts.campaign for _, lead in opened])
        announce(self._tx, self._policy, [cycle for cycle, _ in opened], self._now)

    def write(self) -> None:
        """Store what was collected."""
        opened = list(self._opened.values())
        self._store(opened)
        ids = self._tx.history.new_ids(len(self._moves))
        self._tx.history.add(
            [
                Move(
                    id=move_id,
                    lead_id=lead.id,
                    cycle_id=cycle_id,
                    old=old,
                    new=new,
                    at=at,
                    recorded_at=self._now,
                    actor=self._actor,
                    reason="reported",
                    policy_version=self._policy.stamp,
                )
                for move_id, (lead, cycle_id, old, new, at) in zip(ids, self._moves, strict=True)
            ]
        )
        self._tx.leads.set_stages(self._stages)
        assign_leads(self._tx, self._policy, opened, self._now)
        self._tx.leads.set_prospect_days(self._prospects)
        won = {move[0].id for move in self._moves if move[3] in (Stage.CUSTOMER, Stage.EVANGELIST)}
        if won:
            look_at_colleagues(self._tx, self._policy, won, self._now)


def _comes_back(cycle: Cycle, draft: Draft) -> bool:
    """Whether a draft tells of the lead's next cycle. Without a day it tells of the last one: a list is read again."""
    if cycle.stage is not Stage.RECYCLED or cycle.closed_at is None:
        return False
    return draft.is_dated and draft.stage in CYCLE_STAGES and draft.occurred_at > cycle.closed_at


def _oddity(later: Stage, later_at: datetime | None, earlier: Stage, earlier_at: datetime) -> str:
    if later_at is None or later_at >= earlier_at:
        return ""
    return (
        f"It became {later.label} on {later_at:%Y-%m-%d}, before it became {earlier.label} "
        f"on {earlier_at:%Y-%m-%d}; both days are kept."
    )
