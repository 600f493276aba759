"""A lead's history under a policy: when it would have become an MQL, and how high it stood before and then.

The events are those that happened, the facts those known today: what was known on the day is not kept, and who reads
the answer is told so.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from funnel.conditions import Lookup, all_hold
from funnel.parts import Event
from funnel.scorer import Bar, Scorer

NEVER = float("inf")
_LOWEST = float("-inf")


class Episode(NamedTuple):
    """What became of a lead in fact; instants are seconds since 1970, NEVER when it did not happen.

    `taken_at` is when a person first decided on it: what came later tells nothing about the hand-over.
    """

    mql_at: float = NEVER
    taken_at: float = NEVER
    is_sql: bool = False
    is_settled: bool = False


class Replay(NamedTuple):
    """What a policy makes of a lead. A peak is the highest score at which everything but the threshold was met.

    `crossed_at` is the first instant at which it was an MQL. `before` and `within` are the peaks before a period and
    in it, `known` the peak before a person took it; each is infinite when the lead had raised its hand.
    `at_mql` is the bare score at the instant at which it became an MQL in fact; `own_threshold` its segment's, None
    when it is held against everybody's.
    """

    crossed_at: float
    before: float
    within: float
    known: float
    at_mql: float | None
    own_threshold: float | None = None


def replay(
    rules: Scorer,
    lookup: Lookup,
    events: Iterable[Event],
    first_seen: float,
    start: float,
    end: float,
    episode: Episode,
) -> Replay:
    """Go through what a lead did, in its order, up to the period's `end`.

    `first_seen`, `start` and `end` are seconds since 1970. Who raises a hand by what they are, whatever they did, does
    so when they are first seen.
    """
    walk = _Walk(rules, lookup)
    peaks, at_mql = _Peaks(walk.bar.threshold, start, episode.taken_at), None
    for at, together in groupby(sorted(events, key=_instant), key=_instant):
        if at >= end:
            break
        if at_mql is None and at > episode.mql_at:
            at_mql = walk.score_at(episode.mql_at)
        for lifted in walk.lifts(at):
            peaks.note(*lifted)
        peaks.note(at, walk.height_after(together))
    for lifted in walk.lifts(end):
        peaks.note(*lifted)
    if at_mql is None and episode.mql_at < NEVER:
        at_mql = walk.score_at(episode.mql_at)
    found = Replay(peaks.crossed, peaks.before, peaks.within, peaks.known, at_mql, _own_threshold(rules, walk.bar))
    return _raised_at(first_seen, start, found, episode) if walk.is_raised and first_seen < end else found


class _Peaks:
    """How high a lead stood at most: before a period, in it, and before somebody took it."""

    def __init__(self, threshold: float, start: float, taken_at: float) -> None:
        self._threshold, self._start, self._taken_at = threshold, start, taken_at
        self.crossed, self.before, self.within, self.known = NEVER, _LOWEST, _LOWEST, _LOWEST

    def note(self, at: float, height: float) -> None:
        if height >= self._threshold and self.crossed == NEVER:
            self.crossed = at
        if at < self._start:
            self.before = max(self.before, height)
        else:
            self.within = max(self.within, height)
        if at <= self._taken_at:
            self.known = max(self.known, height)


def _raised_at(at: float, start: float, found: Replay, episode: Episode) -> Replay:
    """The same with a hand raised at an instant before the period's end."""
    return found._replace(
        crossed_at=min(found.crossed_at, at),
        before=NEVER if at < start else found.before,
        within=found.within if at < start else NEVER,
        known=NEVER if at <= episode.taken_at else found.known,
    )


def _own_threshold(rules: Scorer, bar: Bar) -> float | None:
    return next((one.threshold for one in rules.policy.segment if one.name == bar.segment), None)


def _instant(event: Event) -> float:
    return event[1]


class _Walk:
    """One lead on its way through its events."""

    def __init__(self, rules: Scorer, lookup: Lookup) -> None:
        self._rules = rules
        self.bar, self._fit, self._sums = rules.bar(lookup), rules.fit(lookup), rules.sums
        excluded = bool(rules.excluded(lookup))
        self._barred = excluded or bool(rules.missing(lookup)) or self._fit < self.bar.fit_minimum
        raising = [] if excluded else rules.policy.mql.hand_raise
        holding = [rule for rule in raising if all_hold(rule.when, lookup)]
        self.is_raised = any(rule.kind is None for rule in holding)
        self._raising = [rule for rule in holding if rule.kind is not None]
        self._parts, self._as_of = rules.sums.none(), 0.0
        self._seen: list[Event] = []

    def height_after(self, together: Iterable[Event]) -> float:
        """How high the lead stands after all it did in one instant: its score, NEVER when it raised a hand, or nothing.

        Nothing, which is below everything, is what it stands at when something but the threshold is not met.
        """
        counts = raised = False
        for event in together:
            counts |= self._count(event)
            kind, _, properties = event
            raised |= any(rule.kind == kind and all_hold(rule.where, properties.get) for rule in self._raising)
        if raised:
            return NEVER
        return self._height(self._parts.values) if counts else _LOWEST

    def lifts(self, until: float) -> Iterator[tuple[float, float]]:
        """The instants before `until` at which fading losses may have lifted the lead, and how high it stood then."""
        values, at = self._parts.values, self._as_of
        while not self._barred and min(values, default=0.0) < 0:
            again = self._rules.look_again(values, self._fit, self.bar.threshold, at)
            if again is None or again >= until:
                return
            at, values = again, self._sums.later(self._parts, self._as_of, again).values
            yield at, self._height(values)

    def _count(self, event: Event) -> bool:
        """Add an event; whether any rule counts it."""
        kind, at, properties = event
        self._seen.append(event)
        places = self._sums.matching(kind, properties)
        if places:
            self._parts, self._as_of = self._sums.later(self._parts, self._as_of, at), at
            if not all(self._sums.add(self._parts, place, at, at) for place in places):
                self._parts = self._sums.of(self._seen, at)
        return bool(places)

    def _height(self, values: Sequence[float]) -> float:
        behaviour = self._sums.total(values)
        return _LOWEST if self._barred or behaviour <= 0 else self._fit + behaviour

    def score_at(self, at: float) -> float:
        """The bare score at a later instant."""
        values = self._sums.later(self._parts, self._as_of, max(at, self._as_of)).values
        return self._fit + self._sums.total(values)
