"""Counts what a policy would have done, lead by lead, into the answer of a backtest."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from funnel.backtest import Backtest, Band, Choice, Crowd, InFact, Wish
from funnel.decay import instant, moment
from funnel.parts import Event
from funnel.replay import NEVER, Episode, Replay
from funnel.report import Share

BAND = 10
"""Points a band of the calibration table is wide."""
ROWS = 9
"""Rows a table of thresholds has, where so many differ."""
_DAY, _WEEK = 86400.0, 7 * 86400.0


class Trial:
    """Takes in leads one by one and keeps of each a few numbers."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start, self.end = instant(start), instant(end)
        self._dates = start, end
        self._first_trace = NEVER
        self._in_fact: Counter[str] = Counter()
        self._crowds: dict[str, Counter[str]] = {name: Counter() for name in ("new", "old", "more", "fewer")}
        self._bands: Counter[tuple[int, bool]] = Counter()
        self._peaks: list[tuple[float, float, float, float | None, Episode]] = []
        self.leads = self._own = 0

    def trace(self, first_seen: float, events: Iterable[Event]) -> None:
        """Note since when anything is known, by when a lead was first seen and by what it did."""
        if self._first_trace > self.start:
            self._first_trace = min(self._first_trace, first_seen, *(at for _, at, _ in events))

    def take(self, new: Replay, old: Replay, episode: Episode, *, later_customer: bool = False) -> None:
        """Count one lead, by what each policy makes of it and what became of it.

        `later_customer` is whether its company became a customer in the period.
        """
        self.leads += 1
        self._own += new.own_threshold is not None
        fate = _fate(episode)
        is_new, is_old = (self.start <= one.crossed_at < self.end for one in (new, old))
        for name, counts in zip(
            self._crowds, (is_new, is_old, is_new and not is_old, is_old and not is_new), strict=True
        ):
            if counts:
                self._crowds[name][fate] += 1
        was_mql = self.start <= episode.mql_at < self.end
        self._in_fact["among"] += was_mql and is_new
        self._in_fact["others"] += was_mql and not is_new
        self._in_fact["later_customers"] += is_new and not was_mql and later_customer
        decided_in_time = was_mql and (episode.is_sql or episode.is_settled)
        if decided_in_time and new.at_mql is not None:
            self._bands[int(new.at_mql // BAND), episode.is_sql] += 1
        if max(new.before, new.within, new.known) > float("-inf") or decided_in_time:
            self._peaks.append((new.before, new.within, new.known, new.own_threshold, episode))

    def result(self, new_version: str, old_version: str, threshold: float, per_week: float | None) -> Backtest:
        """The answer; `per_week` is how many MQLs a week are wished for."""
        start, end = self._dates
        here = self._choice(threshold)
        return Backtest(
            start=start,
            since=moment(self._since),
            end=end,
            new_version=new_version,
            old_version=old_version,
            leads=self.leads,
            threshold=threshold,
            precision=here.precision,
            recall=here.recall,
            bands=self._calibration(),
            choices=self._table(here),
            own_threshold=self._own,
            in_fact=InFact(**self._in_fact),
            wished=self._wished(per_week) if per_week is not None else None,
            **{name: _crowd(counts) for name, counts in self._crowds.items()},
        )

    def _choice(self, threshold: float) -> Choice:
        """What this threshold would give, everything else being as it is."""
        handed = sql_handed = found = sqls = count = 0
        for before, within, known, own, episode in self._peaks:
            bar = threshold if own is None else own
            crosses = before < bar <= within
            count += crosses
            if crosses and (episode.is_sql or episode.is_settled):
                handed += 1
                sql_handed += episode.is_sql
            if episode.is_sql and self.start <= episode.mql_at < self.end:
                sqls += 1
                found += known >= bar
        return Choice(
            threshold=threshold,
            per_week=count / self._weeks,
            precision=Share(part=sql_handed, whole=handed),
            recall=Share(part=found, whole=sqls),
        )

    def _table(self, here: Choice) -> list[Choice]:
        """This choice and the nearest others that differ, as many below as above, or more where the others are few."""
        heights = self._heights()
        above, below = self._steps(here, heights, up=True), self._steps(here, heights, up=False)
        half = ROWS // 2
        higher = list(islice(above, half))
        lower = list(islice(below, ROWS - 1 - len(higher)))
        higher += islice(above, ROWS - 1 - len(higher) - len(lower))
        return [*reversed(lower), here, *higher]

    def _heights(self) -> list[float]:
        """Where a change of the threshold changes anything: at the finite peaks of whoever has none of their own."""
        found = {height for *peaks, own, _ in self._peaks if own is None for height in peaks}
        return sorted(height for height in found if 0 < height < NEVER)

    def _steps(self, here: Choice, heights: list[float], *, up: bool) -> Iterator[Choice]:
        """The choices upwards or downwards, a whole number of steps away, each unlike the one before."""
        before, step, way = here, BAND / 2, 1 if up else -1
        for height in heights if up else reversed(heights):
            if (before.threshold > height) if up else (before.threshold <= height):
                continue  # passed already
            away = (height - here.threshold) / step * way
            threshold = here.threshold + way * step * (math.floor(away) + 1 if up else math.ceil(away))
            if threshold <= 0:
                return
            found = self._choice(threshold)
            if not found.is_like(before):
                before = found
                yield found

    def _wished(self, per_week: float) -> Wish:
        """Go through all thresholds downwards, from one crossing to the next.

        More leads cross a high threshold than a low one when they were over the low one before the period began: so
        the volume rises and falls, and no halving finds its way.
        """
        raised, own = self._unmoved()
        count = most = raised + own
        too_low = NEVER if self._is_over(count, per_week) else 0.0
        for height, change in sorted(self._crossings().items(), reverse=True):
            count += change
            most = max(most, count)
            if not too_low and self._is_over(count, per_week):
                too_low = height
        return Wish(
            per_week=per_week,
            best=None if too_low == NEVER else self._choice(math.floor(too_low) + 1.0),
            most=most / self._weeks,
            raised=raised / self._weeks,
            own=own / self._weeks,
        )

    def _is_over(self, count: int, per_week: float) -> bool:
        return count / self._weeks > per_week

    def _unmoved(self) -> tuple[int, int]:
        """MQLs at any threshold high enough: those who raised a hand, and the others with a threshold of their own."""
        bars = [(before, within, NEVER if own is None else own) for before, within, _, own, _ in self._peaks]
        hands = [within == NEVER for before, within, bar in bars if before < bar <= within]
        return sum(hands), len(hands) - sum(hands)

    def _crossings(self) -> Counter[float]:
        """By how much the number of MQLs changes at a threshold and below, as against one just above it."""
        changes: Counter[float] = Counter()
        for before, within, _, own, _ in self._peaks:
            if own is None and before < within:
                changes[within] += 1
                changes[before] -= 1
        return Counter({height: change for height, change in changes.items() if 0 < height < NEVER and change})

    @property
    def _since(self) -> float:
        """When the days begin that anything is known of, a day before the end at the latest."""
        known = self.start if self._first_trace == NEVER else max(self.start, self._first_trace)
        return max(self.start, min(known, self.end - _DAY))

    @property
    def _weeks(self) -> float:
        return (self.end - self._since) / _WEEK

    def _calibration(self) -> list[Band]:
        places = sorted({place for place, _ in self._bands})
        return [
            Band(
                low=place * BAND,
                high=(place + 1) * BAND,
                sql=Share(part=self._bands[place, True], whole=self._bands[place, True] + self._bands[place, False]),
            )
            for place in places
        ]


def _fate(episode: Episode) -> str:
    if episode.is_sql:
        return "sql"
    if episode.is_settled:
        return "lost"
    return "open" if episode.taken_at < float("inf") else "unworked"


def _crowd(counts: Counter[str]) -> Crowd:
    return Crowd(leads=counts.total(), **counts)
