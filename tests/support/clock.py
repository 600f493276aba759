"""Time under the test's control."""

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)  # a Monday


class TestClock:
    """Stands still until it is told to move."""

    __test__ = False

    def __init__(self, now: datetime = START) -> None:
        self._now, self._lock = now, threading.Lock()
        self._passed = 0.0

    def __call__(self) -> datetime:
        return self._now

    def advance(self, seconds: float = 0, **span: float) -> None:
        """Move on by seconds, or by a timedelta's keywords."""
        with self._lock:
            step = timedelta(seconds=seconds, **span)
            self._now += step
            self._passed += step.total_seconds()

    def monotonic(self) -> float:
        """Seconds that have passed, whatever the clock was set to."""
        return self._passed

    def set_back(self, **span: float) -> None:
        """Show an earlier time from now on, by a timedelta's keywords; no time passes."""
        with self._lock:
            self._now -= timedelta(**span)
