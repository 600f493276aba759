"""Spans of time as people write them in the policy: 45m, 3h, 14d, 2w."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_duration(text: Any) -> Any:
    """A timedelta of whole seconds from a text of a number and one of m, h, d, w.

    Raises:
        ValueError: when it is not such a span.
    """
    if not isinstance(text, str):
        raise ValueError(f'{text!r} is no span of time: write a number and m, h, d or w in quotes, like "14d"')
    found = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*([mhdw])\s*", text)
    if not found:
        raise ValueError(f"{text!r} is no span of time: write a number and m, h, d or w, like 14d")
    return timedelta(seconds=round(timedelta(**{_UNITS[found[2]]: float(found[1])}).total_seconds()))


def _sensible(span: timedelta) -> timedelta:
    if not timedelta() < span <= LONGEST:
        raise ValueError("a span of time must be longer than nothing and at most ten years")
    return span


LONGEST = timedelta(days=3653)
LongDuration = Annotated[timedelta, BeforeValidator(parse_duration), AfterValidator(_sensible)]
"""A span of time above nothing and up to ten years."""
