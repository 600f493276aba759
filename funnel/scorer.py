"""A policy made ready to score many leads: the short way, for numbers; `scoring` explains them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from funnel.conditions import Lookup, all_hold
from funnel.decay import instant
from funnel.lifecycle import Stage
from funnel.parts import Event, Parts, Sums
from funnel.policy import Policy
from funnel.rules import HandRaise

ALWAYS = 253_402_300_799.0
"""The last second of the year 9999: until when a score stays up that no decay can bring down."""

_SOONEST = 3600.0
"""Seconds to wait at least before looking again: a bar that is approached ever slower is not looked at ever oftener."""
_HALF_LIVES = 60
"""After so many, what is left of any number of points is nothing."""
_STEPS = 28
"""Halvings: to within a second for half-lives of weeks, and never too late."""


class Bar(NamedTuple):
    """What a lead must reach to be an MQL, in points."""

    threshold: float
    fit_minimum: float
    segment: str = ""


class Standing(NamedTuple):
    """Where a lead stands by numbers alone. Instants are seconds since 1970.

    `hot_until`: until when its points make it an MQL if nothing more happens, at least; None when they do not.
    `look_again`: when it may have earned more without doing anything, because something held against it fades.
    """

    fit: float
    behaviour: float
    earned: Stage
    hot_until: float | None
    look_again: float | None


class Counted(Protocol):
    """What is stored of a score, as of `scored_at`."""

    @property
    def stage(self) -> Stage: ...
    @property
    def fit(self) -> float: ...
    @property
    def parts(self) -> list[Any]: ...
    @property
    def scored_at(self) -> datetime | None: ...
    @property
    def scored_under(self) -> str | None: ...
    @property
    def rescore_at(self) -> datetime | None: ...


class Scorer:
    """The rules of one policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.sums = Sums(policy.behaviour, policy.group)
        self._far = _HALF_LIVES * max((1 / rate for rate in self.sums.rates), default=1.0)
        own = [segment.threshold for segment in policy.segment if segment.threshold is not None]
        self._lowest = min([policy.mql.threshold, *own])
        self._raising = {rule.kind for rule in policy.mql.hand_raise}
        lists = (policy.fit, policy.exclude, policy.segment, policy.mql.hand_raise, policy.route)
        conditions = [one for rules in lists for rule in rules for one in rule.when]
        self.asks_account = any(one.field == "account_is_customer" for one in conditions)

    def fit(self, lookup: Lookup) -> float:
        """The points for who somebody is, within the cap."""
        points = sum(rule.points for rule in self.policy.fit if all_hold(rule.when, lookup))
        return min(float(points), self.policy.fit_cap)

    def bar(self, lookup: Lookup) -> Bar:
        """What this lead must reach: its segment's numbers, or everybody's."""
        rule = self.policy.mql
        for segment in self.policy.segment:
            if all_hold(segment.when, lookup):
                threshold = rule.threshold if segment.threshold is None else segment.threshold
                minimum = rule.fit_minimum if segment.fit_minimum is None else segment.fit_minimum
                return Bar(threshold, minimum, segment.name)
        return Bar(rule.threshold, rule.fit_minimum)

    def excluded(self, lookup: Lookup) -> list[str]:
        """The names of the exclusions that match."""
        return [rule.name for rule in self.policy.exclude if all_hold(rule.when, lookup)]

    def raised(self, lookup: Lookup, events: Iterable[Event], now: float) -> tuple[HandRaise, float | None] | None:
        """The rule by which a hand went up last, and when (None: by what the lead is, where it did nothing)."""
        since = now - self.policy.mql.hand_raise_for.total_seconds()
        fresh = [event for event in events if event[0] in self._raising and event[1] >= since]
        if not fresh and None not in self._raising:
            return None
        found: tuple[HandRaise, float | None] | None = None
        for rule in self.policy.mql.hand_raise:
            if not all_hold(rule.when, lookup):
                continue
            times = [at for kind, at, told in fresh if kind == rule.kind and all_hold(rule.where, told.get)]
            if rule.kind is None:
                found = found or (rule, None)
            elif times and (found is None or found[1] is None or max(times) > found[1]):
                found = rule, max(times)
        return found

    def missing(self, lookup: Lookup) -> list[str]:
        """The required fields that are not known."""
        return [field for field in self.policy.mql.required if lookup(field) in (None, "")]

    def earned(self, lookup: Lookup, fit: float, behaviour: float, *, raised: bool) -> Stage:
        """Which of raw, prospect and MQL a lead has earned."""
        if (raised or self._is_over(lookup, fit, behaviour)) and not self.excluded(lookup):
            return Stage.MQL
        return self._below(fit, behaviour)

    def _is_over(self, lookup: Lookup, fit: float, behaviour: float) -> bool:
        """Whether the numbers and the required fields make an MQL."""
        if behaviour <= 0 or fit + behaviour < self._lowest:
            return False
        bar = self.bar(lookup)
        return fit + behaviour >= bar.threshold and fit >= bar.fit_minimum and not self.missing(lookup)

    def _below(self, fit: float, behaviour: float) -> Stage:
        rule = self.policy.prospect
        interested = behaviour > 0 and behaviour >= rule.behaviour_minimum
        return Stage.PROSPECT if fit >= rule.fit_minimum and interested else Stage.RAW

    def standing(self, lookup: Lookup, values: Sequence[float], now: float, *, raised: bool) -> Standing:
        """Where a lead stands at `now`, from the values of its parts as of then."""
        fit, behaviour = self.fit(lookup), self.sums.total(values)
        is_over = self._is_over(lookup, fit, behaviour)
        is_in = (raised or is_over) and not self.excluded(lookup)
        may_rise = min(values, default=0.0) < 0
        threshold = self.bar(lookup).threshold if may_rise or (is_in and is_over) else 0.0
        return Standing(
            fit,
            behaviour,
            Stage.MQL if is_in else self._below(fit, behaviour),
            self._hot_until(values, fit, threshold, now) if is_in and is_over else None,
            self.look_again(values, fit, threshold, now) if may_rise else None,
        )

    def more(self, known: Counted, stamp: str, events: Sequence[Event], now: float) -> tuple[float, list[Any]] | None:
        """Behaviour and parts of a lead that did more; None when it takes a look at everything it did.

        That is so when its numbers are of another policy, when it is due anyway, when a hand was raised, when
        something counts against it, or when it may have earned another stage.
        """
        if known.scored_under != stamp or known.scored_at is None or known.rescore_at is not None:
            return None
        if any(kind in self._raising for kind, _, _ in events):
            return None
        parts = self.sums.later(Parts(*known.parts) if known.parts else self.sums.none(), instant(known.scored_at), now)
        places = [(place, at) for kind, at, told in events for place in self.sums.matching(kind, told)]
        if not all(self.sums.add(parts, place, at, now) for place, at in places) or min(parts.values, default=0) < 0:
            return None
        behaviour = self.sums.total(parts.values)
        is_prospect = known.stage is Stage.RAW and self._below(known.fit, behaviour) is Stage.PROSPECT
        if is_prospect or known.fit + behaviour >= self._lowest:
            return None
        return behaviour, list(parts)

    def _hot_until(self, values: Sequence[float], fit: float, threshold: float, now: float) -> float:
        """When the score falls below the threshold; what counts against it is taken not to fade, so not later."""
        points = self.sums.course(values, gains=True)

        def holds(ahead: float) -> bool:
            return fit + points(ahead) >= threshold

        return ALWAYS if holds(self._far) else now + _last(holds, self._far)

    def look_again(self, values: Sequence[float], fit: float, threshold: float, now: float) -> float | None:
        """The earliest that fading losses can lift the score over a bar it is below: gains are taken not to fade."""
        points = self.sums.course(values, losses=True)
        prospect = fit + max(self.policy.prospect.behaviour_minimum, 1e-9)
        begins, ends = fit + points(0), fit + points(self._far)
        bars = [bar for bar in (threshold, prospect) if begins < bar <= ends]
        if not bars:
            return None

        def short(ahead: float) -> bool:
            return fit + points(ahead) < min(bars)

        return now + max(_last(short, self._far), _SOONEST)


def _last(holds: Callable[[float], bool], far: float) -> float:
    """The last instant at which what holds at 0, and not at `far`, still holds; found by halving."""
    low, high = 0.0, far
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def scorer(policy: Policy) -> Scorer:
    """The policy made ready; made once."""
    made: Any = policy._scorer
    if made is None or made.policy is not policy:  # a copy of a policy takes the private part of its model along
        made = policy._scorer = Scorer(policy)
    return made  # type: ignore[no-any-return]
