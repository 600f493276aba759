"""What a policy would have done: which leads it makes MQLs, what became of them, and how well it foretells SQLs.

Counted are people, each by the first time it would have been an MQL. Precision is the share of SQLs among those it
would have handed over and that somebody decided on; recall the share it would have handed over, before a person took
them, of those that became SQLs. Nobody knows what would have become of the ones that nobody worked on: they are
counted apart and in no share. Every lead is held against its own bar: another threshold is one for those whose segment
has none of its own. Rates are over the days of the period that anything is known of: a history of three weeks is no
quarter.
"""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from funnel.report import Share

_DAYS_A_MONTH = 30.436875


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

    def is_like(self, other: "Choice") -> bool:
        """Whether it gives the same as another."""
        return self.model_copy(update={"threshold": other.threshold}) == other


class InFact(BaseModel):
    """The people who became MQLs in the period in fact: those `among` the new policy's, and the `others`.

    `later_customers` are MQLs of the new policy that became none in fact, and whose company became a customer in the
    period: it is none yet on the first day, as of which that is asked.
    """

    model_config = ConfigDict(frozen=True)

    among: int = 0
    others: int = 0
    later_customers: int = 0


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
    """The answer. `more` are MQLs of the new policy alone, `fewer` of the old alone.

    Of the period from `start` to `end` something is known from `since` on: `weeks` weeks, by which rates are counted.
    `own_threshold` are the leads in segments with a threshold of their own, which no other choice of one moves.
    """

    model_config = ConfigDict(frozen=True)

    start: datetime
    since: datetime
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
    in_fact: InFact = InFact()
    wished: Wish | None = None

    @property
    def days(self) -> float:
        return (self.end - self.since) / timedelta(days=1)

    @property
    def weeks(self) -> float:
        return self.days / 7

    @property
    def months(self) -> float:
        return self.days / _DAYS_A_MONTH
