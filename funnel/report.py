"""The funnel of a period: what a cohort of cycles reached, and how it ended."""

from datetime import datetime, timedelta
from math import sqrt

from pydantic import BaseModel, ConfigDict

from funnel.lifecycle import CYCLE_STAGES, Stage
from funnel.question import FunnelQuestion

TOO_FEW = 20
"""Below this many cycles two shares should not be compared."""


class Share(BaseModel):
    """`part` of `whole`, with the 95 % Wilson score interval.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    """

    model_config = ConfigDict(frozen=True)

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The bounds between which the true share lies with 95 % confidence."""
        if not self.whole:
            return None
        z, n, p = 1.959964, self.whole, self.part / self.whole
        middle = p + z * z / (2 * n)
        spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        scale = 1 + z * z / n
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


class Tally(BaseModel):
    """What the database counts for one group of a cohort. `stages` run over CYCLE_STAGES.

    `reached` counts a cycle for a stage when it got there or beyond; `recorded` only when the stage itself was
    seen. `in_time` is `reached` no later than the window after the MQL, among the `mature` cycles: those whose
    window has passed.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    reached: dict[Stage, int]
    recorded: dict[Stage, int]
    mature: int
    in_time: dict[Stage, int]
    outcomes: dict[Stage, int]

    @property
    def cycles(self) -> int:
        return self.reached[Stage.MQL]

    @property
    def skipped(self) -> dict[Stage, int]:
        """How many cycles passed a stage that nobody recorded."""
        gaps = {stage: self.reached[stage] - self.recorded[stage] for stage in CYCLE_STAGES}
        return {stage: gap for stage, gap in gaps.items() if gap}

    def so_far(self, stage: Stage) -> Share:
        """The share that reached a stage by now, however long it took."""
        return Share(part=self.reached[stage], whole=self.cycles)

    def within(self, stage: Stage) -> Share:
        """The share of the mature cycles that reached a stage within the window."""
        return Share(part=self.in_time[stage], whole=self.mature)

    @property
    def disposition(self) -> dict[str, int]:
        """How the cohort stands: sql, rejected, disqualified, recycled and open, which sum to its cycles.

        A cycle that was an SQL counts as sql, whatever became of the sale later.
        """
        mix = {"sql": self.reached[Stage.SQL]} | {stage.value: n for stage, n in self.outcomes.items()}
        return mix | {"open": self.cycles - sum(mix.values())}


class FunnelReport(BaseModel):
    """Everything an answer about the funnel says. Counts are cycles; `leads` and `prospects` are people."""

    model_config = ConfigDict(frozen=True)

    question: FunnelQuestion
    total: Tally
    groups: list[Tally]
    leads: int
    prospects: int
    final_at: datetime
    asked_at: datetime

    @property
    def is_final(self) -> bool:
        """Whether every cycle of the cohort has had its whole window."""
        return self.asked_at >= self.final_at


def total_of(groups: list[Tally]) -> Tally:
    """The sum of all groups."""

    def add(field: str, stages: tuple[Stage, ...]) -> dict[Stage, int]:
        return {stage: sum(getattr(group, field)[stage] for group in groups) for stage in stages}

    return Tally(
        name="all",
        reached=add("reached", CYCLE_STAGES),
        recorded=add("recorded", CYCLE_STAGES),
        mature=sum(group.mature for group in groups),
        in_time=add("in_time", CYCLE_STAGES),
        outcomes=add("outcomes", (Stage.REJECTED, Stage.DISQUALIFIED, Stage.RECYCLED)),
    )


def build_report(
    question: FunnelQuestion, groups: list[Tally], leads: int, prospects: int, now: datetime
) -> FunnelReport:
    """The report, its groups from the largest cohort to the smallest."""
    return FunnelReport(
        question=question,
        total=total_of(groups),
        groups=sorted(groups, key=lambda group: (-group.cycles, group.name)),
        leads=leads,
        prospects=prospects,
        final_at=question.period.end + timedelta(days=question.within),
        asked_at=now,
    )


def as_json(report: FunnelReport) -> dict[str, object]:
    """The report as plain data: shares are 0 to 1, an interval is [low, high]."""
    question = report.question
    return {
        "period": {
            "label": question.period.label,
            "first_day": str(question.period.first),
            "last_day": str(question.period.last),
            "start": question.period.start.isoformat(),
            "end": question.period.end.isoformat(),
        },
        "by": question.by.value if question.by else None,
        "within_days": question.within,
        "final": report.is_final,
        "people": {"leads": report.leads, "prospects": report.prospects},
        "cycles": {
            "groups": [_tally_json(group, question) for group in report.groups] if question.by else [],
            "all": _tally_json(report.total, question),
        },
    }


def _tally_json(tally: Tally, question: FunnelQuestion) -> dict[str, object]:
    name = {question.by.value: tally.name} if question.by else {}
    later = CYCLE_STAGES[1:]
    return {
        **name,
        **{stage.value: tally.reached[stage] for stage in CYCLE_STAGES},
        "skipped": {stage.value: count for stage, count in tally.skipped.items()},
        "conversion": {f"mql_to_{stage.value}": _share_json(tally.so_far(stage)) for stage in later},
        f"conversion_within_{question.within}_days": {
            f"mql_to_{stage.value}": _share_json(tally.within(stage)) for stage in later
        },
        "disposition": tally.disposition,
    }


def _share_json(share: Share) -> dict[str, object]:
    bounds = share.interval
    return {
        "part": share.part,
        "whole": share.whole,
        "share": share.value,
        "interval": list(bounds) if bounds else None,
    }
