"""What a policy would have done: which leads it makes MQLs, what became of them, and how well it foretells SQLs.

Counted are people, each by the first time it would have been an MQL. Precision is the share of SQLs among those it
would have handed over and that somebody decided on; recall the share it would have handed over, before a person took
them, of those that became SQLs. Nobody knows what would have become of the ones that nobody worked on: they are
counted apart and in no share. Every lead is held against its own bar: another threshold is one for those whose segment
has none of its own.
"""

import math
from collections import Counter
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from funnel.decay import instant
from funnel.replay import NEVER, Episode, Replay
from funnel.report import Share

BAND = 10
"""Points a band of the calibration table is wide."""
_WEEK, _MONTH = 7 * 86400.0, 30.436875 * 86400.0


class Crowd(BaseModel):
    """Leads by what became of them in fact."""

    model_config = ConfigDict(frozen=True)

    leads: int = 0
    sql: int = 0
    lost: int = 0
    open: int = 0
    unworked: int = 0


class Band(BaseModel):
    """The cycles that somebody decided on whose score was from `low` to below `high`, and the SQLs among them."""

    model_config = ConfigDict(frozen=True)

    low: float
    high: float
    sql: Share


class Choice(BaseModel):
    """What a threshold would give: MQLs a week, and how well they foretell SQLs."""

    model_config = ConfigDict(frozen=True)

    threshold: float
    per_week: float
    precision: Share
    recall: Share


class Wish(BaseModel):
    """What threshold gives at most `per_week` MQLs a week; all numbers but `best` are MQLs a week.

    `best` is the lowest whole threshold from which upwards none gives more. It is None when even the highest does: no
    threshold turns away those who `raised` a hand, and those over the threshold of their `own` segment. `most` is the
    most that any threshold gives.
    """

    model_config = ConfigDict(frozen=True)

    per_week: float
    best: Choice | None
    most: float
    raised: float
    own: float


class Backtest(BaseModel):
    """The answer. `more` are MQLs of the new policy alone, `fewer` of the old alone; a period of `weeks` weeks.

    `own_threshold` are the leads in segments with a threshold of their own, which no other choice of one moves.
    """

    model_config = ConfigDict(frozen=True)

    start: datetime
    end: datetime
    new_version: str
    old_version: str
    leads: int
    new: Crowd
    old: Crowd
    more: Crowd
    fewer: Crowd
    threshold: float
    precision: Share
    recall: Share
    bands: list[Band]
    choices: list[Choice]
    own_threshold: int = 0
    wished: Wish | None = None

    @property
    def weeks(self) -> float:
        return (self.end - self.start).total_seconds() / _WEEK

    @property
    def months(self) -> float:
        return (self.end - self.start).total_seconds() / _MONTH


class Trial:
    """Takes in leads one by one and keeps of each a few numbers."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start, self.end = instant(start), instant(end)
        self._dates = start, end
        self._crowds: dict[str, Counter[str]] = {name: Counter() for name in ("new", "old", "more", "fewer")}
        self._bands: Counter[tuple[int, bool]] = Counter()
        self._peaks: list[tuple[float, float, float, float | None, Episode]] = []
        self.leads = self._own = 0

    def take(self, new: Replay, old: Replay, episode: Episode) -> None:
        """Count one lead, by what each policy makes of it and what became of it."""
        self.leads += 1
        self._own += new.own_threshold is not None
        fate = _fate(episode)
        is_new, is_old = (self.start <= one.crossed_at < self.end for one in (new, old))
        for name, counts in zip(
            self._crowds, (is_new, is_old, is_new and not is_old, is_old and not is_new), strict=True
        ):
            if counts:
                self._crowds[name][fate] += 1
        decided_in_time = self.start <= episode.mql_at < self.end and (episode.is_sql or episode.is_settled)
        if decided_in_time and new.at_mql is not None:
            self._bands[int(new.at_mql // BAND), episode.is_sql] += 1
        if max(new.before, new.within, new.known) > float("-inf") or decided_in_time:
            self._peaks.append((new.before, new.within, new.known, new.own_threshold, episode))

    def result(self, new_version: str, old_version: str, threshold: float, per_week: float | None) -> Backtest:
        """The answer; `per_week` is how many MQLs a week are wished for."""
        start, end = self._dates
        here = self._choice(threshold)
        choices = [self._choice(float(one)) for one in self._thresholds(threshold)]
        return Backtest(
            start=start,
            end=end,
            new_version=new_version,
            old_version=old_version,
            leads=self.leads,
            threshold=threshold,
            precision=here.precision,
            recall=here.recall,
            bands=self._calibration(),
            choices=choices,
            own_threshold=self._own,
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

    def _thresholds(self, threshold: float) -> list[float]:
        """A few steps below and above."""
        return [threshold + step * BAND / 2 for step in range(-4, 5) if threshold + step * BAND / 2 > 0]

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
    def _weeks(self) -> float:
        return (self.end - self.start) / _WEEK

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
