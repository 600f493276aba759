"""Time under the test's control."""

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)  # a Monday


class TestClock:
    """Stands still until it is told to move."""

    __test__ = False

    def __init__(self, now: datetime = START) -> None:
        self._now, self._lock = now, threading.Lock()

    def __call__(self) -> datetime:
        return self._now

    def advance(self, seconds: float = 0, **span: float) -> None:
        """Move on by seconds, or by a timedelta's keywords."""
        with self._lock:
            self._now += timedelta(seconds=seconds, **span)
