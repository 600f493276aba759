"""What people are told of their day, and teams of their week."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from statistics import median

from pydantic import BaseModel, ConfigDict

from funnel.business_hours import Calendar
from funnel.cycle import Card, Cycle
from funnel.lifecycle import OUTCOMES, Stage
from funnel.sla import Kept


class Digest(BaseModel):
    """A person's morning: what is theirs, what of it is due today, what woke up, and how many wait to be claimed.

    `held` is how many are theirs in all. Who looks after a team is also told what of it is `late`, and what is
    `stranded` with people who are away, some of `stranded_total`.
    """

    model_config = ConfigDict(frozen=True)

    mine: list[Card]
    held: int
    due: list[Card]
    woke: list[Card]
    waiting: int
    late: list[Card] = []
    stranded: list[Card] = []
    stranded_total: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing worth a message."""
        return not (self.held or self.woke or self.waiting or self.late or self.stranded)


class Promises(BaseModel):
    """How many claims and decisions came in the working time that was promised."""

    model_config = ConfigDict(frozen=True)

    claims: Kept
    decisions: Kept


class TeamWeek(BaseModel):
    """What became of a team's leads in seven days.

    `given` had an owner at once; `claimed` is of the others. `median_wait` is the time to a claim, in seconds of the
    clock.
    """

    model_config = ConfigDict(frozen=True)

    team: str
    opened: int
    given: int
    claimed: int
    promoted: int
    let_go: int
    waiting: int
    median_wait: float | None
    promises: Promises


def count_week(team: str, opened: Sequence[Cycle], promises: Promises) -> TeamWeek:
    """The summary of these leads of a team."""
    claimed = [one for one in opened if one.accepted_at and not one.was_given]
    waits = [
        max((one.accepted_at - one.offered_at).total_seconds(), 0.0)
        for one in claimed
        if one.accepted_at and one.offered_at
    ]
    return TeamWeek(
        team=team,
        opened=len(opened),
        given=sum(one.was_given for one in opened),
        claimed=len(claimed),
        promoted=sum(one.sql_at is not None for one in opened),
        let_go=sum(one.stage in OUTCOMES for one in opened),
        waiting=sum(one.stage is Stage.MQL for one in opened),
        median_wait=median(waits) if waits else None,
        promises=promises,
    )


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


def end_of_week(now: datetime, at: time, weekday: int, zone: tzinfo) -> datetime | None:
    """When the week ended whose summary is due (UTC): its day and hour have come; None otherwise.

    A missed one is sent for a day, and tells of the same seven days.
    """
    here = now.astimezone(zone)
    day = here.date() - timedelta(days=(here.weekday() - weekday) % 7)
    ended = datetime.combine(day, at, zone)
    return ended.astimezone(UTC) if ended <= here < ended + timedelta(days=1) else None
