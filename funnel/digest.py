"""What people are told of their day, and teams of their week."""

from datetime import date, datetime, time, timedelta, tzinfo

from pydantic import BaseModel, ConfigDict

from funnel.business_hours import Calendar
from funnel.cycle import Card


class Digest(BaseModel):
    """A person's morning: what is theirs, what of it is due today, what woke up, and how many wait to be claimed.

    `held` is how many are theirs in all.
    """

    model_config = ConfigDict(frozen=True)

    mine: list[Card]
    held: int
    due: list[Card]
    woke: list[Card]
    waiting: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing worth a message."""
        return not (self.held or self.woke or self.waiting)


class TeamWeek(BaseModel):
    """What became of a team's leads in seven days; `median_wait` is the time to a claim, in seconds of the clock."""

    model_config = ConfigDict(frozen=True)

    team: str
    opened: int
    claimed: int
    promoted: int
    let_go: int
    waiting: int
    median_wait: float | None


def morning_of(now: datetime, at: time, zone: tzinfo, calendar: Calendar) -> date | None:
    """The local day whose digest is due: it is past the hour, and the day is a working one; None otherwise.

    One that was missed is sent for four hours: a morning told in the afternoon helps nobody.
    """
    here = now.astimezone(zone)
    day = here.date()
    works = bool(calendar.week.get(day.weekday())) and day not in calendar.holidays
    away = any(span.start <= now < span.end for span in calendar.absences)
    begins = datetime.combine(day, at, zone)
    return day if works and not away and begins <= here < begins + timedelta(hours=4) else None


def week_of(now: datetime, at: time, weekday: int, zone: tzinfo) -> str | None:
    """The ISO week whose summary is due: its day and hour have come; None otherwise. A missed one is sent for a day."""
    here = now.astimezone(zone)
    day = here.date() - timedelta(days=(here.weekday() - weekday) % 7)
    begins = datetime.combine(day, at, zone)
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}" if begins <= here < begins + timedelta(days=1) else None
