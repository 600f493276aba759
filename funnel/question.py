"""Questions about the funnel in plain words: a period, a dimension, a window."""

import re
from datetime import datetime, tzinfo
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from funnel.errors import NotUnderstood
from funnel.period import EXAMPLES, Period, parse_period


class Dimension(StrEnum):
    """What a funnel can be split by."""

    SOURCE = "source"
    CAMPAIGN = "campaign"
    COUNTRY = "country"
    INDUSTRY = "industry"
    OWNER = "owner"
    ROUTE = "route"


class FunnelQuestion(BaseModel):
    """Cycles that became MQLs in `period`, split by `by`, and what they reached within `within` days."""

    model_config = ConfigDict(frozen=True)

    period: Period
    by: Dimension | None = None
    within: int = 30


DEFAULT_PERIOD = "last 30 days"

_FILLER = re.compile(
    r"\b(show|me|us|give|please|what(?:'?s)?|how|many|is|are|was|were|did|do|does|have|has|had|the|our|my|funnel|"
    r"stats?|statistics|numbers|report|leads?|mqls?|sqls?|customers?|conversions?|rates?|for|in|of|during|over|and|from|"
    r"looks?|looking|went|go|going|doing|get|got|come|came|become|became|there|we|i|it|to|about|tell)\b|[?!.](?=\s|$)"
)
"""Words that carry a question and say nothing of its period."""


def parse_question(
    text: str, now: datetime, zone: tzinfo, default: str = DEFAULT_PERIOD, within: int = 30
) -> FunnelQuestion:
    """What is asked by words like "last month by source" or "how did Q2 look by campaign within 60 days?".

    Raises:
        NotUnderstood: with what can be asked.
    """
    words = " ".join(text.lower().replace("’", "'").split())
    words, by = _take_dimension(words)
    words, days = _take_window(words)
    rest = " ".join(words.split())
    period = _plain_period(rest, now, zone, default)
    return FunnelQuestion(period=period, by=by, within=days or within)


def _take_dimension(words: str) -> tuple[str, Dimension | None]:
    found = re.search(r"\b(?:by|per|split by) ([a-z]+)", words)
    if not found:
        return words, None
    name = found[1].removesuffix("s")
    if name not in set(Dimension):
        known = ", ".join(Dimension)
        raise NotUnderstood(f"I cannot split the funnel by “{found[1]}”. I can split it by {known}.")
    return words.replace(found[0], " "), Dimension(name)


def _take_window(words: str) -> tuple[str, int | None]:
    found = re.search(r"\bwithin (\d{1,4}) days?\b", words)
    return (words.replace(found[0], " "), int(found[1])) if found else (words, None)


def _plain_period(rest: str, now: datetime, zone: tzinfo, default: str) -> Period:
    """The period in what is left of the words, as it stands or without the words that only carry the question."""
    bare = " ".join(_FILLER.sub(" ", rest).split())
    for words in (rest or default, bare or default):
        try:
            return parse_period(words, now, zone)
        except NotUnderstood:
            continue
    raise NotUnderstood(
        f"I did not understand “{rest}”. Ask for a period and, if you like, a split: “last month by source”. "
        f"Periods I know: {EXAMPLES}."
    )
