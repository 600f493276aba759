"""The nearest thing that would change what a lead is."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from funnel.conditions import all_hold
from funnel.decay import instant, moment
from funnel.lead import Engagement
from funnel.lifecycle import Stage, rank
from funnel.parts import Parts
from funnel.policy import Policy
from funnel.scorer import ALWAYS, Scorer, scorer
from funnel.scoring import Assessment, Known, events_of, points_text

_MOST = 3


def advice(
    known: Known, stage: Stage, engagements: Sequence[Engagement], policy: Policy, found: Assessment, now: datetime
) -> list[str]:
    """What would make an MQL of a lead that is none, or until when one would stay one; a sentence each."""
    rules, at = scorer(policy), instant(now)
    parts = rules.sums.of(events_of(engagements), at)
    if rank(stage) > rank(Stage.MQL):
        return [f"It is {stage.label} now: people decide what becomes of it, and no score."]
    if stage in (Stage.REJECTED, Stage.DISQUALIFIED):
        return [f"It was {stage.label}, and no score changes that. If it raises its hand again, its thread is told."]
    if found.excluded:
        why = ", ".join(rules.excluded(known.value))
        return [f"As long as it is excluded ({why}), nothing makes it an MQL."]
    if found.earned is Stage.MQL:
        standing = rules.standing(known.value, parts.values, at, raised=found.raised_at is not None)
        return _until(standing.hot_until, found)
    sentences = list(_unknown_facts(rules, known, found))
    short = found.threshold - found.score
    if short > 0 and found.fit >= rules.bar(known.value).fit_minimum:  # else points alone would not do
        sentences.insert(0, _points(rules, parts, at, short))
    raising = [rule.name for rule in policy.mql.hand_raise if rule.kind and all_hold(rule.when, known.value)]
    if raising and not any(raising[0] in sentence for sentence in sentences):
        sentences.append(f"“{raising[0]}” would do at once.")
    return sentences


def _until(hot_until: float | None, found: Assessment) -> list[str]:
    if hot_until is None:
        return ["Its raised hand alone makes it one."]
    if hot_until >= ALWAYS:
        return ["Who it is alone keeps it over the threshold."]
    return [f"If it does nothing more, it falls below {found.threshold:g} points on {moment(hot_until):%Y-%m-%d}."]


def _points(rules: Scorer, parts: Parts, now: float, short: float) -> str:
    """What it would have to do for the points it is short of: the least that is enough, or the best few together."""
    gains = sorted(_gains(rules, parts, now))
    needs = f"It needs {points_text(short)} more points"
    enough = next((name for gain, name in gains if gain >= short), None)
    if enough:
        return f"{needs}; “{enough}” would do."
    together, names = 0.0, []
    for gain, name in reversed(gains[-_MOST:]):
        together += gain
        names.append(f"“{name}”")
        if together >= short:
            return f"{needs}; {' and '.join(names)} together would do."
    return f"{needs}; no few things would give them."


def _gains(rules: Scorer, parts: Parts, now: float) -> Iterator[tuple[float, str]]:
    """What one more event of each rule would add now, within all caps."""
    before = rules.sums.total(parts.values)
    for place, rule in enumerate(rules.sums.rules):
        after = Parts(list(parts.values), list(parts.newest))
        if rule.points > 0 and rules.sums.add(after, place, now, now):
            gain = rules.sums.total(after.values) - before
            if gain > 0:
                yield gain, rule.name


def _unknown_facts(rules: Scorer, known: Known, found: Assessment) -> Iterator[str]:
    """Which facts nobody knows yet would bring points, or are required."""
    for field in rules.missing(known.value):
        yield f"Tell its {field}."
    room = rules.policy.fit_cap - found.fit
    open_rules = [rule for rule in rules.policy.fit if rule.points > 0 and not all_hold(rule.when, known.value)]
    unknown = [rule for rule in open_rules if any(known.value(one.field) in (None, "") for one in rule.when)]
    if unknown and room > 0:
        told = ", ".join(f"{rule.name} (+{min(rule.points, room):g})" for rule in unknown[:_MOST])
        fields = dict.fromkeys(one.field for rule in unknown[:_MOST] for one in rule.when)
        yield f"Not known yet: {', '.join(fields)}; they may bring {told}."
