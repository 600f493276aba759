"""The score of a lead, with its reasons, and what it makes of the lead.

score = fit + behaviour. Fit is the sum of the points of the fit rules that hold, at most `fit_cap`.
Behaviour is the sum over the engagements that count of points * 2^(-age / half_life), within the cap of each rule and
of each group. docs/scoring.md defines every word of this, with examples.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from funnel.conditions import all_hold
from funnel.decay import instant, moment
from funnel.lead import Engagement
from funnel.lifecycle import Stage
from funnel.parts import Event, within
from funnel.policy import Policy
from funnel.scorer import Scorer, scorer


class Known(Protocol):
    """Whatever tells the fields of a lead: its facts, or a `Subject`."""

    def value(self, field: str) -> Any: ...


class Reason(BaseModel):
    """One rule's share of a score. `full` is what it gave before it decayed; `at` the newest event (UTC).

    The points of all reasons are the score: where a cap cuts, the cap is a reason of its own, below zero.
    """

    model_config = ConfigDict(frozen=True)

    rule: str
    points: float
    full: float
    times: int = 1
    detail: str = ""
    at: datetime | None = None


class Assessment(BaseModel):
    """A score with its reasons, and the stage it earns a lead nobody works on yet.

    `because` says in a few words why the lead is an MQL; `lacks` says, a sentence each, why it is not.
    `raised_at` is when it last raised its hand (UTC), if a hand is up.
    """

    model_config = ConfigDict(frozen=True)

    fit: float
    behaviour: float
    reasons: list[Reason]
    earned: Stage
    because: str = ""
    lacks: list[str] = []
    excluded: bool = False
    threshold: float = 0.0
    segment: str = ""
    raised_at: datetime | None = None

    @property
    def score(self) -> float:
        return self.fit + self.behaviour


def assess(known: Known, engagements: Sequence[Engagement], policy: Policy, now: datetime) -> Assessment:
    """What a lead is worth at `now` and which of raw, prospect and MQL it has earned."""
    made, events, lookup = scorer(policy), events_of(engagements), known.value
    reasons = [*_fit_reasons(known, policy), *_behaviour_reasons(made, events, instant(now))]
    fit = made.fit(lookup)
    behaviour = made.sums.total(made.sums.of(events, instant(now)).values)
    raised = made.raised(lookup, events, instant(now))
    excluded = [f"It is excluded: {name}." for name in made.excluded(lookup)]
    bar = made.bar(lookup)
    threshold = f"over the threshold of {bar.threshold:g}{f' for {bar.segment}' if bar.segment else ''}"
    return Assessment(
        fit=fit,
        behaviour=behaviour,
        reasons=sorted(reasons, key=lambda reason: -reason.points),
        earned=made.earned(lookup, fit, behaviour, raised=raised is not None),
        because=raised[0].name if raised else threshold,
        lacks=excluded or ([] if raised else _lacks(made, known, fit, behaviour)),
        excluded=bool(excluded),
        threshold=bar.threshold,
        segment=bar.segment,
        raised_at=moment(raised[1]) if raised and raised[1] is not None else None,
    )


def events_of(engagements: Sequence[Engagement]) -> list[Event]:
    """Engagements as the sums take them."""
    return [(one.kind, instant(one.occurred_at), one.properties) for one in engagements]


def _fit_reasons(known: Known, policy: Policy) -> list[Reason]:
    reasons = [
        Reason(rule=rule.name, points=rule.points, full=rule.points, detail=_detail(rule.when[0].field, known))
        for rule in policy.fit
        if all_hold(rule.when, known.value)
    ]
    over = sum(reason.points for reason in reasons) - policy.fit_cap
    return [*reasons, _cut(f"Fit gives at most {policy.fit_cap:g}", -over)] if over > 0 else reasons


def _detail(field: str, known: Known) -> str:
    value = known.value(field)
    return "" if value is None else str(value)


def _cut(name: str, points: float) -> Reason:
    """What a cap takes away from a score, or from what would lower it."""
    return Reason(rule=name, points=points, full=points, times=0)


def _behaviour_reasons(made: Scorer, events: Sequence[Event], now: float) -> list[Reason]:
    """A reason for each rule under which something counts, and for each cap that cuts a group."""
    instants: dict[int, list[float]] = {}
    for kind, at, properties in events:
        for place in made.sums.matching(kind, properties):
            instants.setdefault(place, []).append(at)
    by_rule = {place: _behaviour_reason(made, place, times, now) for place, times in sorted(instants.items())}
    reasons = list(by_rule.values())
    for name, cap, members in made.sums.groups:
        points = sum(by_rule[place].points for place in members if place in by_rule)
        left = within(points, cap)
        if left != points:
            reasons.append(_cut(f"{name} gives at most {cap:g}", left - points))
    return reasons


def _behaviour_reason(made: Scorer, place: int, instants: list[float], now: float) -> Reason:
    rule, counted = made.sums.rules[place], made.sums.counted(place, instants)
    cap = float("inf") if rule.cap is None else rule.cap
    decayed = made.sums.worth(place, counted, now)
    full = rule.points * len(counted)
    left_out = len(instants) - len(counted)
    return Reason(
        rule=rule.name,
        points=within(decayed, cap),
        full=within(full, cap),
        times=len(counted),
        detail=f"{len(instants)} seen, counted {rule.at_most}" if left_out else "",
        at=moment(max(counted)),
    )


def _lacks(made: Scorer, known: Known, fit: float, behaviour: float) -> list[str]:
    """What a lead that raised no hand lacks for an MQL, a sentence each."""
    bar = made.bar(known.value)
    lacks = [f"It has no {field}." for field in made.missing(known.value)]
    if behaviour <= 0:
        lacks.append("It has done nothing that counts yet.")
    if fit < bar.fit_minimum:
        lacks.append(f"Its profile gives {fit:.0f} points; {bar.fit_minimum:g} are needed.")
    if fit + behaviour < bar.threshold:
        lacks.append(f"It needs {points_text(bar.threshold - fit - behaviour)} more points.")
    return lacks


def points_text(points: float) -> str:
    """Points as people read them: whole when they are many, never “0” when some are missing."""
    return f"{points:.0f}" if points >= 1 else f"{points:.1g}"
