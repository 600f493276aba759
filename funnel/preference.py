"""How a person wants to be told of leads."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from funnel.business_hours import Calendar, next_open

HOUR = timedelta(hours=1)


class Preference(BaseModel):
    """What somebody chose; who chose nothing has these."""

    model_config = ConfigDict(frozen=True)

    alert: Literal["dm", "mention"] = "dm"
    most_an_hour: Annotated[int, Field(ge=1, le=1_000)] | None = None
    digest: bool = True
    quiet: tuple[time, time] | None = None
    """From when to when each day, in their zone, nothing reminds them, though they work; over midnight if so."""

    def is_quiet(self, here: datetime) -> bool:
        """Whether a local moment lies in the quiet hours."""
        if self.quiet is None:
            return False
        begins, ends = self.quiet
        at = here.time()
        return begins <= at < ends if begins < ends else at >= begins or at < ends


def next_alert_hour(chosen: Preference, calendar: Calendar, now: datetime) -> datetime:
    """When somebody may be told next: in their working hours but for the quiet ones.

    Who works at no other time, or at none at all, is told now.
    """
    at = next_open(calendar, now)
    for _ in range(_SHIFTS):
        here = at and at.astimezone(ZoneInfo(calendar.zone))
        if at is None or here is None or chosen.quiet is None or not chosen.is_quiet(here):
            return at or now
        ends = datetime.combine(here.date(), chosen.quiet[1].replace(fold=here.fold), ZoneInfo(calendar.zone))
        if ends <= here:
            ends += timedelta(days=1)
        at = next_open(calendar, ends.astimezone(UTC))
    return next_open(calendar, now) or now


_SHIFTS = 20
"""Shifts in a row of which all hours are quiet, after which nobody waits for another."""


def next_alert(told: Sequence[datetime], most_an_hour: int | None, at: datetime) -> datetime:
    """When the next alert may come, not before `at`: in no hour are there more than so many. `told` is ascending."""
    if most_an_hour is None or len(told) < most_an_hour:
        return at
    return max(at, told[-most_an_hour] + HOUR)
