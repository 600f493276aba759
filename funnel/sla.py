"""How long a lead may wait, in working time: the clock on its card, and the steps when nobody acts."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Self

from pydantic import model_validator

from funnel.business_hours import Calendar, Team, after, open_seconds
from funnel.durations import LongDuration
from funnel.people import UserId
from funnel.rules import Section

Waiting = Literal["claim", "outcome"]
"""What a lead waits for: that somebody takes it, then that its owner decides."""


class Step(Section):
    """What is done when a lead has waited for so much working time: each step once.

    `remind` writes into the thread, `message` to the people on duty (after a claim: to the owner), `manager` to the
    team's managers, and `assign` gives the lead to `to`.
    """

    after: LongDuration
    do: Literal["remind", "message", "manager", "assign"]
    to: UserId | None = None
    waiting: Waiting = "claim"

    @model_validator(mode="after")
    def _knows_to_whom(self) -> Self:
        if self.do == "assign" and self.to is None:
            raise ValueError('needs `to`, the person who is given the lead, as in to = "U012ABCDE"')
        if self.do != "assign" and self.to is not None:
            raise ValueError("only a step that assigns has `to`")
        return self


class Clock(NamedTuple):
    """What a lead waits for, since when, and the working time of the last step that was taken, and when it was.

    A time, not a count: steps that are written in below it later are not taken for it, and move no other.
    """

    waiting: Waiting
    since: datetime
    climbed: timedelta = timedelta()
    climbed_at: datetime | None = None


class Due(NamedTuple):
    """The next steps, all of the same working time, in the order they were written, and when they are to be taken."""

    steps: list[Step]
    at: datetime

    @property
    def after(self) -> timedelta:
        """The working time of these steps."""
        return self.steps[0].after


def next_steps(steps: list[Step], clock: Clock, calendar: Team) -> Due | None:
    """The next steps of a ladder; None when all were taken, or nobody works any more.

    After a step that was late the next keeps its distance from it: a ladder that is new is not climbed in one leap.
    """
    left = [one for one in steps if one.waiting == clock.waiting and one.after > clock.climbed]
    if not left:
        return None
    first = min(one.after for one in left)
    at = _turn(clock, first, calendar)
    return Due([one for one in left if one.after == first], at) if at else None


def passed_over(steps: list[Step], clock: Clock) -> Step | None:
    """The step that gives a lead away and now lies below those taken of its ladder, which was shortened meanwhile."""
    below = (one for one in steps if one.waiting == clock.waiting and one.after < clock.climbed)
    return next((one for one in below if one.do == "assign"), None)


LATE = timedelta(hours=1)
"""Working time after which a step was not taken in its turn: nobody was there to take it, or the ladder is new."""


def _turn(clock: Clock, first: timedelta, calendar: Team) -> datetime | None:
    """When a step of so much working time is to be taken."""
    in_turn = after(calendar, clock.since, first.total_seconds())
    if clock.climbed_at is None or not clock.climbed:
        return in_turn
    last = after(calendar, clock.since, clock.climbed.total_seconds())
    if last is None or open_seconds(calendar, last, clock.climbed_at) <= LATE.total_seconds():
        return in_turn
    return after(calendar, clock.climbed_at, (first - clock.climbed).total_seconds())


def deadline(within: timedelta | None, since: datetime, calendar: Team) -> datetime | None:
    """Until when a lead may wait; None when nothing was promised."""
    return after(calendar, since, within.total_seconds()) if within else None


class Kept(NamedTuple):
    """How many promises were kept, of all whose time has come."""

    in_time: int
    of: int


def kept(
    within: timedelta | None, since: datetime, done: datetime | None, calendar: Team, now: datetime
) -> bool | None:
    """Whether what was promised came in time; None while it still may, and where nothing was promised."""
    if within and done is not None and done - since <= within:
        return True  # working time is no longer than time
    due = deadline(within, since, calendar)
    if due is None or (done is None and now <= due):
        return None
    return done is not None and done <= due


def count_kept(promises: Iterable[bool | None]) -> Kept:
    """How many promises were kept; those whose time has not come do not count."""
    told = [one for one in promises if one is not None]
    return Kept(sum(told), len(told))


def waited(since: datetime, until: datetime, calendar: Calendar | Team) -> timedelta:
    """How much working time passed."""
    return timedelta(seconds=open_seconds(calendar, since, until))
