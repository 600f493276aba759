"""The score of a lead, with its reasons, and what it makes of the lead.

score = fit + behaviour. Fit is the sum of the points of the fit rules that hold, at most `fit_cap`.
Behaviour is the sum over the engagements of points * 2^(-age / half_life), at most `cap` a rule.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from funnel.conditions import Lookup, all_hold
from funnel.lead import Engagement, Facts
from funnel.lifecycle import Stage
from funnel.policy import BehaviourRule, HandRaise, Policy


class Reason(BaseModel):
    """One rule's share of a score. `full` is what it gave before it decayed; `at` the newest event (UTC)."""

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
    """

    model_config = ConfigDict(frozen=True)

    fit: float
    behaviour: float
    reasons: list[Reason]
    earned: Stage
    because: str = ""
    lacks: list[str] = []
    excluded: bool = False

    @property
    def score(self) -> float:
        return self.fit + self.behaviour


def assess(facts: Facts, engagements: Sequence[Engagement], policy: Policy, now: datetime) -> Assessment:
    """What a lead is worth at `now` and which of raw, prospect and MQL it has earned."""
    fit_reasons = _fit_reasons(facts, policy)
    fit = min(sum(reason.points for reason in fit_reasons), policy.fit_cap)
    behaviour_reasons = [reason for rule in policy.behaviour if (reason := _behaviour_reason(rule, engagements, now))]
    behaviour = sum(reason.points for reason in behaviour_reasons)
    raised = _hand_raised(facts, engagements, policy, now)
    excluded = [f"It is excluded: {rule.name}." for rule in policy.exclude if all_hold(rule.when, facts.value)]
    lacks = excluded or ([] if raised else _lacks(facts, fit, behaviour, policy))
    return Assessment(
        fit=fit,
        behaviour=behaviour,
        reasons=sorted(fit_reasons + behaviour_reasons, key=lambda reason: -reason.points),
        earned=_earned(fit, behaviour, lacks, policy),
        because=raised or f"over the threshold of {policy.mql.threshold:g}",
        lacks=lacks,
        excluded=bool(excluded),
    )


def _fit_reasons(facts: Facts, policy: Policy) -> list[Reason]:
    return [
        Reason(rule=rule.name, points=rule.points, full=rule.points, detail=_detail(rule.when[0].field, facts))
        for rule in policy.fit
        if all_hold(rule.when, facts.value)
    ]


def _detail(field: str, facts: Facts) -> str:
    value = facts.value(field)
    return "" if value is None else str(value)


def _behaviour_reason(rule: BehaviourRule, engagements: Sequence[Engagement], now: datetime) -> Reason | None:
    events = [event for event in engagements if _matches(event, rule.kind, rule)]
    if not events:
        return None
    cap = float("inf") if rule.cap is None else rule.cap
    decayed = sum(rule.points * decay(now - event.occurred_at, rule.half_life) for event in events)
    return Reason(
        rule=rule.name,
        points=min(decayed, cap),
        full=min(rule.points * len(events), cap),
        times=len(events),
        at=max(event.occurred_at for event in events),
    )


def decay(age: timedelta, half_life: timedelta) -> float:
    """The share of its points an event still has: 1 when new (or not yet due), half of it every `half_life`."""
    return float(2.0 ** (-max(age / half_life, 0.0)))


def _matches(event: Engagement, kind: str | None, rule: BehaviourRule | HandRaise) -> bool:
    lookup: Lookup = event.properties.get
    return event.kind == kind and all_hold(rule.where, lookup)


def _hand_raised(facts: Facts, engagements: Sequence[Engagement], policy: Policy, now: datetime) -> str | None:
    """The name of the first hand-raise rule that fires, or None."""
    fresh = [event for event in engagements if now - event.occurred_at <= policy.mql.hand_raise_for]
    for rule in policy.mql.hand_raise:
        if not all_hold(rule.when, facts.value):
            continue
        if rule.kind is None and rule.when:
            return rule.name
        if any(_matches(event, rule.kind, rule) for event in fresh):
            return rule.name
    return None


def _lacks(facts: Facts, fit: float, behaviour: float, policy: Policy) -> list[str]:
    """What a lead that raised no hand lacks for an MQL, a sentence each."""
    rule = policy.mql
    lacks = [f"It has no {field}." for field in rule.required if facts.value(field) in (None, "")]
    if behaviour <= 0:
        lacks.append("It has done nothing that counts yet.")
    if fit < rule.fit_minimum:
        lacks.append(f"Its profile gives {fit:.0f} points; {rule.fit_minimum:g} are needed.")
    if fit + behaviour < rule.threshold:
        lacks.append(f"It needs {rule.threshold - fit - behaviour:.0f} more points.")
    return lacks


def _earned(fit: float, behaviour: float, lacks: list[str], policy: Policy) -> Stage:
    if not lacks:
        return Stage.MQL
    rule = policy.prospect
    interested = behaviour > 0 and behaviour >= rule.behaviour_minimum
    return Stage.PROSPECT if fit >= rule.fit_minimum and interested else Stage.RAW
