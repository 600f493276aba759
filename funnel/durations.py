"""Spans of time as people write them in the policy: 45m, 3h, 14d, 2w."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_duration(text: Any) -> Any:
    """A timedelta from a number and one of m, h, d, w; anything that is not text passes through.

    Raises:
        ValueError: when the text is not such a span.
    """
    if not isinstance(text, str):
        return text
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([mhdw])\s*", text)
    if not found:
        raise ValueError(f"{text!r} is no span of time: write a number and m, h, d or w, like 14d")
    return timedelta(**{_UNITS[found[2]]: float(found[1])})


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
