"""A lead's history, built from all that is known of it: what other systems reported, and what happened here.

The result does not depend on the order in which the reports came: it is what it would be had they all come in the order
of their days. So a report that comes late is a repair, and one that has no place today may have one tomorrow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from funnel.cycle import Cycle, Move
from funnel.lifecycle import CYCLE_STAGES, MOVES, OUTCOMES, Stage, is_step_back, rank


class StageReport(NamedTuple):
    """Another system's word that a lead reached a stage at `at` (UTC); without a day of its own, when it came in."""

    id: int
    lead_id: int
    stage: Stage
    at: datetime
    is_dated: bool
    actor: str
    reason: str
    recorded_at: datetime


class ReportedMove(NamedTuple):
    """The line of history that a report makes: in which episode (None before the first), from where, to where."""

    episode: "CycleHistory | None"
    old: Stage
    new: Stage


@dataclass(eq=False)
class CycleHistory:
    """One cycle as the history tells it.

    `cycle_id` is that of the stored cycle in which something happened here; None when all of it was reported.
    `days` are the milestones that were recorded, `reached` is the rank of the furthest stage.
    """

    opened_at: datetime
    stage: Stage
    cycle_id: int | None = None
    days: dict[Stage, datetime] = field(default_factory=dict)
    reached: int = 0
    closed_at: datetime | None = None
    reason: str = ""
    reports: list[StageReport] = field(default_factory=list)
    seen_here: set[Stage] = field(default_factory=set)

    @property
    def mql_at(self) -> datetime:
        """The day of the MQL; where nobody recorded it, the first that is known."""
        return self.days.get(Stage.MQL, self.opened_at)

    def reach(self, stage: Stage, at: datetime, reason: str = "") -> None:
        """Go on to a stage."""
        self.stage = stage
        if stage in OUTCOMES:
            self.closed_at, self.reason = at, reason
        else:
            self.note(stage, at)

    def note(self, stage: Stage, at: datetime) -> None:
        """Record the day of a milestone, unless there is one."""
        self.days.setdefault(stage, at)
        self.reached = max(self.reached, rank(stage))

    def follow(self, move: Move) -> None:
        """Go where the lead was moved here."""
        if move.old not in CYCLE_STAGES and not self.seen_here:  # it began here, or had been reported before
            self.note(move.new, move.at)
            self.stage = max(self.stage, move.new, key=rank)
        elif is_step_back(move.old, move.new):
            self._return(move.new)
        else:
            self.reach(move.new, move.at, move.reason)
        self.seen_here.add(move.new)

    def _return(self, stage: Stage) -> None:
        beyond = {one for one in CYCLE_STAGES if rank(one) > rank(stage)}
        self.days = {one: at for one, at in self.days.items() if one not in beyond}
        self.seen_here -= beyond | set(OUTCOMES)
        self.stage, self.reached, self.closed_at, self.reason = stage, rank(stage), None, ""


class LeadHistory(NamedTuple):
    """The episodes of a lead, the oldest first; the day it became a prospect by a report; what became of each report.

    A report is in `moves`, by its id, or in `remarks` with a sentence about why it has no place ("" when it only
    repeats another). A report that has a place may have a remark as well.
    """

    episodes: list[CycleHistory]
    prospect_at: datetime | None
    moves: dict[int, ReportedMove]
    remarks: dict[int, str]

    @property
    def current(self) -> CycleHistory | None:
        """The episode that goes on; where none does, the last."""
        return _current(self.episodes)


def only_reported(cycles: Iterable[Cycle], moves: Iterable[Move]) -> list[Cycle]:
    """Those of a lead's cycles that reports alone made, by its moves: nothing was done here with them."""
    made_here = {move.cycle_id for move in moves if move.report_id is None}
    return [one for one in cycles if one.id not in made_here and not one.announced and one.owner is None]


class StoredCycles(NamedTuple):
    """What a history must know of the cycles that are stored, by their ids.

    `announced` are those of which a channel was told, which people accept here; `made_by` names, by the ids of reports,
    those of them that the reports made, and that stay what they are. Of two cycles of one person the lesser ended among
    the `duplicates`: what is reported is about the other.
    """

    announced: frozenset[int] = frozenset()
    duplicates: frozenset[int] = frozenset()
    made_by: Mapping[int, int] = {}


def build_history(reports: Iterable[StageReport], moves: Iterable[Move], stored: StoredCycles) -> LeadHistory:
    """The history that reports and the moves made here give together."""
    builder = _Builder(stored)
    events: list[tuple[tuple[datetime, int, int], StageReport | Move]] = []
    events += [((one.at, 0, one.id), one) for one in moves]
    events += [((one.at, 1, _ORDER[one.stage]), one) for one in reports]
    for _, event in sorted(events, key=lambda pair: pair[0]):
        builder.take(event)
    for episode in builder.history.episodes:
        milestones = [one for one in episode.reports if one.stage in CYCLE_STAGES]
        builder.history.remarks.update({one.id: _oddity(episode, one.stage, one.at) for one in milestones})
    return builder.history


_ORDER = {stage: place for place, stage in enumerate(Stage)}
"""Of reports of one instant the earlier stage comes first, and outcomes last."""


class _Builder:
    def __init__(self, stored: StoredCycles) -> None:
        self.history = LeadHistory([], None, {}, {})
        self._stored = stored

    def take(self, event: StageReport | Move) -> None:
        if isinstance(event, Move):
            self._of_move(event).follow(event)
        elif event.stage is Stage.PROSPECT:
            self._prospect(event)
        else:
            self._report(event)

    def _of_move(self, move: Move) -> CycleHistory:
        """The episode in which somebody moved the lead here: one that reports began, if it was not over."""
        for episode in self.history.episodes:
            if episode.cycle_id == move.cycle_id:
                return episode
        current = self.history.current
        if current is None or current.cycle_id is not None or current.closed_at is not None:
            current = self._begin(move.at, move.new)
        current.cycle_id = move.cycle_id
        return current

    def _begin(self, at: datetime, stage: Stage) -> CycleHistory:
        episode = CycleHistory(at, stage, reached=max(rank(stage), rank(Stage.MQL)))
        self.history.episodes.append(episode)
        return episode

    def _prospect(self, report: StageReport) -> None:
        if self.history.episodes or self.history.prospect_at is not None:
            self.history.remarks[report.id] = ""
            return
        self.history = self.history._replace(prospect_at=report.at)
        self.history.moves[report.id] = ReportedMove(None, Stage.RAW, Stage.PROSPECT)

    def _report(self, report: StageReport) -> None:
        episode = _current([one for one in self.history.episodes if one.cycle_id not in self._stored.duplicates])
        if episode is None or _comes_back(episode, report):
            old = episode.stage if episode else self._before()
            episode = self._begin(report.at, report.stage)
            self._place(report, episode, old)
            episode.reach(report.stage, report.at, report.reason)
        elif report.stage in episode.days or report.stage is episode.stage or report.stage in episode.seen_here:
            self.history.remarks[report.id] = ""
        elif report.stage in CYCLE_STAGES and (episode.closed_at or rank(report.stage) < rank(episode.stage)):
            self._place(report, episode, Stage.RAW)
            episode.note(report.stage, report.at)
        elif refusal := self._refusal(episode, report):
            self.history.remarks[report.id] = refusal
        else:
            self._place(report, episode, episode.stage)
            episode.reach(report.stage, report.at, report.reason)

    def _before(self) -> Stage:
        return Stage.RAW if self.history.prospect_at is None else Stage.PROSPECT

    def _place(self, report: StageReport, episode: CycleHistory, old: Stage) -> None:
        if episode.cycle_id is None:
            episode.cycle_id = self._stored.made_by.get(report.id)
        episode.reports.append(report)
        self.history.moves[report.id] = ReportedMove(episode, old, report.stage)

    def _refusal(self, episode: CycleHistory, report: StageReport) -> str:
        label = report.stage.label
        if report.stage in OUTCOMES and report.stage not in MOVES[episode.stage]:
            return f"It was not made {label}: it was {episode.stage.label} on {report.at:%Y-%m-%d}."
        if report.stage is Stage.ACCEPTED and episode.cycle_id in self._stored.announced:
            return "It was not made accepted: it is offered in Slack, where somebody has to claim it."
        return ""


def _current(episodes: list[CycleHistory]) -> CycleHistory | None:
    standing = [episode for episode in episodes if episode.closed_at is None]
    return next(reversed(standing or episodes), None)


def _comes_back(episode: CycleHistory, report: StageReport) -> bool:
    """Whether a report begins the next episode. Without a day it tells of the last one: a list is read again."""
    if episode.stage is not Stage.RECYCLED or episode.closed_at is None:
        return False
    return report.is_dated and report.stage in CYCLE_STAGES and report.at > episode.closed_at


def _oddity(episode: CycleHistory, stage: Stage, at: datetime) -> str:
    """A sentence about a later stage that came before an earlier one; "" when nothing is odd."""
    furthest = max(episode.days, key=rank, default=stage)
    pairs = [(stage, at, Stage.MQL, episode.days.get(Stage.MQL)), (furthest, episode.days.get(furthest), stage, at)]
    for later, later_at, earlier, earlier_at in pairs:
        if later_at and earlier_at and later_at < earlier_at and rank(later) > rank(earlier):
            return (
                f"It became {later.label} on {later_at:%Y-%m-%d}, before it became {earlier.label} "
                f"on {earlier_at:%Y-%m-%d}; both days are kept."
            )
    return ""
