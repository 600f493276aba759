"""The one place where the time is read."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present, in UTC."""


def utc_now() -> datetime:
    """The system's time."""
    return datetime.now(UTC)
