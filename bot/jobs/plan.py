"""When a job has its turns, without anything that runs.

A turn is an *occurrence*, an instant in UTC. Of an interval it is the start of the one that the present is in, counted
from 1970, so that all replicas agree on it. Of a local time it is the latest moment at which the wall clock showed, or
had passed, that time: one that is skipped comes right after the gap, one that is shown twice is the first of the two.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from funnel.business_hours import Calendar, Shift, spans
from funnel.decay import EPOCH

_REACH = timedelta(days=15)
"""Two weeks and a day hold a weekday at least once, even where a zone skipped a whole day of it."""

_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))


class LocalTime(NamedTuple):
    """A time of the day in an IANA zone, each day or on one weekday (0 is Monday)."""

    hour: int
    minute: int
    zone: str
    weekday: int | None = None

    @property
    def calendar(self) -> Calendar:
        """Open from this time on for half a day: what has beginnings on the right instants."""
        start = time(self.hour, self.minute)
        shift = Shift(start, start.replace(hour=(self.hour + 12) % 24))
        return Calendar(zone=self.zone, week={day: [shift] for day in range(7) if self.weekday in {None, day}})


@dataclass(frozen=True)
class JobPlan:
    """A job as it is read: its name, its cadence, what it does.

    One that runs `if_any` looks first whether there is anything to do; an occurrence without is none.
    One that is done `everywhere` is each replica's own, and no occurrence of it is noted.
    """

    name: str
    cadence: timedelta | LocalTime
    does: str
    if_any: bool = False
    everywhere: bool = False


def interval_start(length: timedelta, now: datetime) -> datetime:
    """When the interval began that `now` is in; they are counted from 1970."""
    return EPOCH + (now - EPOCH) // length * length


def occurrence(plan: JobPlan, now: datetime) -> datetime:
    """The latest occurrence that is not after `now`."""
    if isinstance(plan.cadence, timedelta):
        return interval_start(plan.cadence, now)
    return max(span.start for span in spans(plan.cadence.calendar, now - _REACH, now + timedelta.resolution))


def next_occurrence(plan: JobPlan, now: datetime) -> datetime:
    """The first occurrence after `now`."""
    if isinstance(plan.cadence, timedelta):
        return occurrence(plan, now) + plan.cadence
    return min(span.start for span in spans(plan.cadence.calendar, now, now + _REACH) if span.start > now)


def cadence_text(cadence: timedelta | LocalTime) -> str:
    """“every 5 s”, “daily 08:00 Europe/Berlin”, “Mondays 08:00 Europe/Berlin”."""
    if isinstance(cadence, timedelta):
        for unit, length in _UNITS:
            if not cadence % length:
                return f"every {cadence // length} {unit}"
        return f"every {cadence.total_seconds():g} s"
    day = "daily" if cadence.weekday is None else _WEEKDAYS[cadence.weekday]
    return f"{day} {cadence.hour:02}:{cadence.minute:02} {cadence.zone}"
