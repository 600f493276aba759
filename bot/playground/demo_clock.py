"""The demo's time: it runs through three weeks in seconds, then it is the real one."""

from datetime import datetime, timedelta

from bot.clock import utc_now


class DemoClock:
    """Stands where it is put until it goes live."""

    def __init__(self, start: datetime) -> None:
        self._at: datetime | None = start

    def __call__(self) -> datetime:
        return self._at or utc_now()

    def move_to(self, at: datetime) -> None:
        """Stand at a time; never earlier than before."""
        if self._at is not None:
            self._at = max(self._at, at)

    def advance(self, seconds: float) -> None:
        if self._at is not None:
            self._at += timedelta(seconds=seconds)

    def go_live(self) -> None:
        """Be the real time from now on."""
        self._at = None
