"""The parts of a behaviour score: one number a rule, from which the score of any later moment follows.

A part is the sum of points * 2^(-age / half_life) over the events that count under its rule, as of one instant,
before any cap. Decay is multiplication, so parts of an earlier instant are brought to a later one without looking at
the events again, and a further event, however late it comes, is one addition. A rule that counts once per hour, day,
week or ever counts the newest event of each; what is known of the newest of all tells whether an addition will do.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from funnel.conditions import all_hold
from funnel.decay import window
from funnel.rules import BehaviourRule, Group

Event = tuple[str, float, dict[str, Any]]
"""An engagement as the sums need it: its kind, its instant (seconds since 1970), its properties."""


_NONE: list[int] = []
_REMEMBERED, _LONGEST = 50_000, 200
"""How many texts are remembered at most, and how long ones."""


class Parts(NamedTuple):
    """Per rule of a policy, in its order: the value as of one instant, and the instant of the newest that counts."""

    values: list[float]
    newest: list[float | None]


class Sums:
    """Behaviour rules made ready to be applied to many events."""

    def __init__(self, rules: Sequence[BehaviourRule], groups: Sequence[Group]) -> None:
        self.rules = list(rules)
        self._by_kind: dict[str, list[int]] = {}
        for place, rule in enumerate(self.rules):
            self._by_kind.setdefault(rule.kind, []).append(place)
        # Of ten million events most say what thousands said before: which rules that matches is remembered.
        self._asked = {
            kind: sorted({one.field for place in places for one in self.rules[place].where})
            for kind, places in self._by_kind.items()
        }
        self._matched: dict[tuple[Any, ...], list[int]] = {}
        self._points = [rule.points for rule in self.rules]
        self.rates = [1 / rule.half_life.total_seconds() for rule in self.rules]
        self._caps = [float("inf") if rule.cap is None else rule.cap for rule in self.rules]
        caps = {group.name: group.cap for group in groups}
        grouped = {name: [i for i, rule in enumerate(self.rules) if rule.group == name] for name in caps}
        self.groups = [(name, caps[name], members) for name, members in grouped.items() if members]
        names = [name for name, _, _ in self.groups]
        self._group_of = [names.index(rule.group) if rule.group in names else None for rule in self.rules]
        self._alone = [place for place, rule in enumerate(self.rules) if rule.group is None]

    def none(self) -> Parts:
        """The parts of who did nothing."""
        return Parts([0.0] * len(self.rules), [None] * len(self.rules))

    def matching(self, kind: str, properties: dict[str, Any]) -> list[int]:
        """The rules under which an event counts."""
        places = self._by_kind.get(kind)
        if places is None:
            return _NONE
        asked = self._asked[kind]
        if not asked:
            return places
        told = [properties.get(field) for field in asked]
        for one in told:  # only texts are remembered: 1, 1.0 and True are one key, and a list is none
            if one is not None and (type(one) is not str or len(one) > _LONGEST):
                return self._match(places, properties)
        said = (kind, *told)
        found = self._matched.get(said)
        if found is None:
            found = self._match(places, properties)
            if len(self._matched) < _REMEMBERED:
                self._matched[said] = found
        return found

    def _match(self, places: list[int], properties: dict[str, Any]) -> list[int]:
        return [place for place in places if all_hold(self.rules[place].where, properties.get)]

    def counted(self, place: int, instants: Iterable[float]) -> list[float]:
        """Of the instants of a rule's events those that count: all, or the newest of each window."""
        frequency = self.rules[place].at_most
        if frequency is None:
            return list(instants)
        return list({window(at, frequency): at for at in sorted(instants)}.values())

    def of(self, events: Iterable[Event], now: float) -> Parts:
        """The parts of a lead from all it did, as of `now`."""
        found: dict[int, list[float]] = {}
        for kind, at, properties in events:
            for place in self.matching(kind, properties):
                if place in found:
                    found[place].append(at)
                else:
                    found[place] = [at]
        parts = self.none()
        for place, instants in found.items():
            counted = self.counted(place, instants) if self.rules[place].at_most else instants
            parts.values[place] = self.worth(place, counted, now)
            parts.newest[place] = max(counted)
        return parts

    def later(self, parts: Parts, as_of: float, now: float) -> Parts:
        """Parts as of `as_of`, brought to `now`."""
        return Parts(self._after(parts.values, now - as_of), list(parts.newest))

    def add(self, parts: Parts, place: int, at: float, now: float) -> bool:
        """Add an event to the parts as of `now`, in place; False when only a new count of all events can tell."""
        frequency, newest = self.rules[place].at_most, parts.newest[place]
        if newest is not None:
            if frequency is not None and (this := window(at, frequency)) <= (last := window(newest, frequency)):
                if this < last:
                    return False  # whether its window has another event is not known here
                if at <= newest:
                    return True
                parts.values[place] -= self.worth(place, [newest], now)
            newest = max(at, newest)
        parts.values[place] += self.worth(place, [at], now)
        parts.newest[place] = at if newest is None else newest
        return True

    def worth(self, place: int, counted: Iterable[float], now: float) -> float:
        """The value at `now` of a rule's events that count, by their instants."""
        rate = self.rates[place]
        decayed: list[float] = [2.0 ** ((at - now) * rate) for at in counted]
        return self._points[place] * sum(decayed)

    def _after(self, values: Sequence[float], span: float) -> list[float]:
        return [value and value * 2.0 ** (-span * rate) for value, rate in zip(values, self.rates, strict=True)]

    def total(self, values: Sequence[float]) -> float:
        """The behaviour points of values: each within its rule's cap, each group within its own."""
        if not self.groups:
            return sum(map(within, values, self._caps))
        clipped = list(map(within, values, self._caps)).__getitem__
        points = sum(map(clipped, self._alone))
        for _, cap, members in self.groups:
            points += within(sum(map(clipped, members)), cap)
        return points

    def course(self, values: Sequence[float], *, gains: bool = False, losses: bool = False) -> Callable[[float], float]:
        """The behaviour points of values as a function of the seconds from now; gains, losses or both fade."""
        moving = [
            (value, self.rates[place] if (gains if value > 0 else losses) else 0.0, self._caps[place], group)
            for place, (value, group) in enumerate(zip(values, self._group_of, strict=True))
            if value
        ]
        caps = [cap for _, cap, _ in self.groups]

        def total(ahead: float) -> float:
            alone, grouped = 0.0, [0.0] * len(caps)
            for value, rate, cap, group in moving:
                points = within(value * 2.0 ** (-ahead * rate) if rate else value, cap)
                if group is None:
                    alone += points
                else:
                    grouped[group] += points
            return alone + sum(map(within, grouped, caps))

        return total


def within(value: float, cap: float) -> float:
    """A value of either sign, cut to a cap."""
    return value if -cap <= value <= cap else math.copysign(cap, value)
