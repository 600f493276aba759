"""Enter what other systems report: each lead's history is built anew from all that is known of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.usecases.announce import announce
from bot.usecases.assign_leads import assign_leads
from bot.usecases.score_leads import look_at_colleagues, subjects_of
from funnel.cycle import DUPLICATE, Cycle, Move, is_news, open_cycle
from funnel.history import CycleHistory, LeadHistory, StageReport, StoredCycles, build_history, only_reported
from funnel.lead import Draft, Lead
from funnel.lifecycle import CYCLE_STAGES, Stage
from funnel.notices import RefreshCard
from funnel.policy import Policy
from funnel.scoring import Assessment
from storage.stage_reports import ReportKey, by_key, key_of
from storage.store import Transaction

Told = tuple[Lead, Draft, int]
"""A lead, the draft that reports a stage of it, and the draft's place in its batch."""


def enter_history(tx: Transaction, policy: Policy, told: Sequence[Told], now: datetime, actor: str) -> dict[int, str]:
    """Enter the stages that drafts report; remarks on oddities by the draft's place.

    Whatever the order in which reports come, the history is the one they have in the order of their days. Only a new
    MQL that is still news is announced.
    """
    if not told:
        return {}
    leads = {lead.id: lead for lead, _, _ in told}
    reports = _reports(told, now, actor)
    remarks = enter_reports(tx, policy, leads, list(reports.values()), now)
    return {place: text for lead, draft, place in told if (text := remarks.get(_key(lead, draft), ""))}


def _key(lead: Lead, draft: Draft) -> ReportKey:
    return lead.id, draft.stage or Stage.RAW, draft.occurred_at


def _reports(told: Sequence[Told], now: datetime, actor: str) -> dict[ReportKey, StageReport]:
    """What drafts report, under ids yet to be given; of two that say the same, the one with a day of its own."""
    reports: dict[ReportKey, StageReport] = {}
    for lead, draft, _ in told:
        key = _key(lead, draft)
        if key not in reports or draft.is_dated:
            reports[key] = StageReport(0, *key, draft.is_dated, actor, "", now)
    return reports


def enter_reports(
    tx: Transaction, policy: Policy, leads: dict[int, Lead], reports: Sequence[StageReport], now: datetime
) -> dict[ReportKey, str]:
    """Store the reports that are new, and build the history of their leads anew; remarks on all reports of these."""
    known = tx.stage_reports.of_leads(leads)
    stored = by_key(known)
    new = [report for report in reports if key_of(report) not in stored]
    ids = tx.stage_reports.new_ids(len(new))
    new = [report._replace(id=one) for one, report in zip(ids, new, strict=True)]
    tx.stage_reports.add(new)
    for report in new:
        known[report.lead_id].append(report)
    remarks = _rebuild(tx, policy, leads, known, now)
    return {key: remarks.get(report.id, "") for key, report in by_key(known).items()}


def rebuild_history(tx: Transaction, policy: Policy, leads: dict[int, Lead], now: datetime) -> None:
    """Build the history of leads, as they are stored, anew, and store what is different."""
    _rebuild(tx, policy, leads, tx.stage_reports.of_leads(leads), now)


def _rebuild(
    tx: Transaction, policy: Policy, leads: dict[int, Lead], reports: dict[int, list[StageReport]], now: datetime
) -> dict[int, str]:
    """The same by reports that were read already; remarks on them, by their ids."""
    rebuilding = _Rebuilding(tx, policy, leads, reports, now)
    for lead in leads.values():
        rebuilding.take(lead)
    rebuilding.write()
    return rebuilding.remarks


class _Known(NamedTuple):
    """All that is stored of one lead's history."""

    reports: list[StageReport]
    moves: list[Move]
    cycles: list[Cycle]

    def history(self) -> LeadHistory:
        announced = frozenset(cycle.id for cycle in self.cycles if cycle.announced)
        duplicates = frozenset(cycle.id for cycle in self.cycles if cycle.outcome_reason == DUPLICATE)
        made_by = {one.report_id: one.cycle_id for one in self.moves if one.report_id and one.cycle_id in announced}
        made_here = [one for one in self.moves if one.report_id is None and one.cycle_id and one.old is not one.new]
        return build_history(self.reports, made_here, StoredCycles(announced, duplicates, made_by))


class _Rebuilding:
    """Collects the new cycles and moves of a batch, so that each table is written once."""

    def __init__(
        self,
        tx: Transaction,
        policy: Policy,
        leads: dict[int, Lead],
        reports: dict[int, list[StageReport]],
        now: datetime,
    ) -> None:
        self._tx, self._policy, self._now, self._reports = tx, policy, now, reports
        self._subjects = subjects_of(tx, policy, leads.values())
        self._moves = tx.history.of_leads(leads)
        self._cycles = tx.cycles.of_leads(leads)
        self.remarks: dict[int, str] = {}
        self._opened: list[tuple[Cycle, CycleHistory, Lead]] = []
        self._changed: list[tuple[Cycle, int]] = []
        self._refreshed: list[Cycle] = []
        self._gone: list[int] = []
        self._needless: list[int] = []
        self._lines: list[tuple[Lead, LeadHistory]] = []
        self._stages: dict[int, Stage] = {}
        self._prospects: dict[int, datetime | None] = {}
        self._won: set[int] = set()

    def take(self, lead: Lead) -> None:
        """Build one lead's history, and note what is different from what is stored."""
        known = _Known(self._reports.get(lead.id, []), self._moves.get(lead.id, []), self._cycles.get(lead.id, []))
        history = known.history()
        self.remarks |= history.remarks
        # What came without a day and says nothing is forgotten: it would say nothing of the same day again.
        self._needless += [one.id for one in known.reports if not one.is_dated and one.id not in history.moves]
        self._match(lead, known, history)
        self._lines.append((lead, history))
        self._follow(lead, history)

    def _match(self, lead: Lead, known: _Known, history: LeadHistory) -> None:
        """Find the stored cycle of each episode; those that no episode has are gone, those without one are new."""
        stored = {cycle.id: cycle for cycle in known.cycles}
        free = [cycle.id for cycle in only_reported(known.cycles, known.moves)]
        for number, episode in enumerate(history.episodes, 1):
            if episode.cycle_id is None and free:
                episode.cycle_id = free.pop(0)
            if episode.cycle_id is None:
                self._opened.append((self._open(lead, episode, number), episode, lead))
            else:
                self._update(stored[episode.cycle_id], episode, number)
        self._gone += free

    def _open(self, lead: Lead, episode: CycleHistory, number: int) -> Cycle:
        stage = episode.stage
        found = Assessment(fit=0, behaviour=0, reasons=[], earned=stage, because=f"reported as {stage.label}")
        cycle = open_cycle(
            0, number, lead.id, self._subjects[lead.id], stage, episode.opened_at, found, self._policy
        ).model_copy(update=_days(episode))
        waits = stage is Stage.MQL and is_news(cycle.mql_at, self._policy, self._now)
        return cycle.offered(self._now) if waits else cycle

    def _update(self, stored: Cycle, episode: CycleHistory, number: int) -> None:
        """Bring a stored cycle up to date, if reports made any of it."""
        update = {"number": number} | (_told(stored, episode) if episode.reports else {})
        cycle = stored.model_copy(update=update)
        if cycle == stored:
            return
        self._changed.append((cycle, episode.reached))
        if cycle.announced and cycle.stage is not stored.stage:
            self._refreshed.append(cycle)

    def _follow(self, lead: Lead, history: LeadHistory) -> None:
        """Where the lead stands now."""
        prospect_at = self._prospect_at(lead, history)
        if prospect_at != lead.prospect_at:
            self._prospects[lead.id] = prospect_at
        if history.current is not None:
            stage = history.current.stage
        elif prospect_at is not None and lead.stage is Stage.RAW:
            stage = Stage.PROSPECT
        else:
            return
        if stage is not lead.stage:
            self._stages[lead.id] = stage
            if stage in (Stage.CUSTOMER, Stage.EVANGELIST):
                self._won.add(lead.id)

    def _prospect_at(self, lead: Lead, history: LeadHistory) -> datetime | None:
        """The day on which a lead became a prospect: by a report, or by its score."""
        scored = [one.at for one in self._moves.get(lead.id, []) if not one.report_id and one.new is Stage.PROSPECT]
        days = [*scored, *([history.prospect_at] if history.prospect_at else [])]
        was_reported = any(one.stage is Stage.PROSPECT for one in self._reports.get(lead.id, []))
        return min(days) if days else None if was_reported else lead.prospect_at

    def write(self) -> None:
        """Store what is different."""
        opened = self._open_all()
        self._write_moves()
        self._tx.cycles.remove(self._gone)
        self._tx.stage_reports.remove(self._needless)
        self._tx.leads.set_stages(self._stages)
        self._tx.leads.set_prospect_days(self._prospects)
        self._tx.outbox.add([RefreshCard(cycle_id=cycle.id) for cycle in self._refreshed], self._now)
        announce(self._tx, self._policy, [cycle for cycle, _ in opened], self._now)
        assign_leads(self._tx, self._policy, opened, self._now)
        if self._won:
            look_at_colleagues(self._tx, self._policy, self._won, self._now)

    def _open_all(self) -> list[tuple[Cycle, Lead]]:
        """Write the cycles, those that were there before those that are new."""
        self._tx.cycles.free_places([*self._gone, *(cycle.id for cycle, _ in self._changed)])
        self._tx.cycles.rewrite(self._changed)
        ids = self._tx.cycles.new_ids(len(self._opened))
        opened = []
        for cycle_id, (cycle, episode, lead) in zip(ids, self._opened, strict=True):
            episode.cycle_id = cycle_id
            opened.append((cycle.model_copy(update={"id": cycle_id}), lead))
            if lead.wake_at is not None and cycle.is_open:
                self._tx.leads.wake(lead.id)
        reached = [episode.reached for _, episode, _ in self._opened]
        self._tx.cycles.add([one for one, _ in opened], [lead.facts.campaign for _, lead in opened], reached)
        return opened

    def _write_moves(self) -> None:
        """Have each report that has a place a line of the history, and no other."""
        new: list[Move] = []
        changed: list[Move] = []
        needless: list[int] = []
        for lead, history in self._lines:
            stored = {one.report_id: one for one in self._moves.get(lead.id, []) if one.report_id is not None}
            needless += [line.id for report_id, line in stored.items() if report_id not in history.moves]
            for line in self._wanted(lead, history):
                before = stored.get(line.report_id or 0)
                if before is None:
                    new.append(line)
                elif (before.cycle_id, before.old) != (line.cycle_id, line.old):
                    changed.append(before.model_copy(update={"cycle_id": line.cycle_id, "old": line.old}))
        self._tx.history.rewrite(changed)
        self._tx.history.remove(needless)
        ids = self._tx.history.new_ids(len(new))
        self._tx.history.add([line.model_copy(update={"id": one}) for one, line in zip(ids, new, strict=True)])

    def _wanted(self, lead: Lead, history: LeadHistory) -> Iterator[Move]:
        """The lines that the reports of a lead make, in the order of their days."""
        for report in sorted(self._reports.get(lead.id, []), key=lambda one: one.at):
            if report.id in history.moves:
                place = history.moves[report.id]
                yield Move(
                    id=0,
                    lead_id=lead.id,
                    cycle_id=place.episode.cycle_id if place.episode else None,
                    old=place.old,
                    new=place.new,
                    at=report.at,
                    recorded_at=report.recorded_at,
                    actor=report.actor,
                    reason=report.reason or "reported",
                    policy_version=self._policy.stamp,
                    report_id=report.id,
                )


def _days(episode: CycleHistory) -> dict[str, object]:
    """The milestones of an episode and how it ended, as a cycle keeps them."""
    days: dict[str, object] = {f"{stage.value}_at": episode.days.get(stage) for stage in CYCLE_STAGES}
    ended = {"closed_at": episode.closed_at, "outcome_reason": episode.reason or None}
    return days | {"mql_at": episode.mql_at} | ended


def _told(stored: Cycle, episode: CycleHistory) -> dict[str, object]:
    """What the history says of a stored cycle; what people did here stays as they did it."""
    told = _days(episode)
    for stage in episode.seen_here & set(CYCLE_STAGES) - {Stage.MQL}:
        told[f"{stage.value}_at"] = getattr(stored, f"{stage.value}_at")
    if episode.stage in episode.seen_here:  # whoever decided here said why
        told |= {"closed_at": stored.closed_at, "outcome_reason": stored.outcome_reason}
    if episode.stage is stored.stage:
        return told
    return told | {"stage": episode.stage, "wake_at": None, "look_at": None}
