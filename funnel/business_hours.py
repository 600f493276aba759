"""Working time: when a person, or anyone of a team, is open, and how many seconds of it lie between two instants.

A calendar is written in wall time and counted in elapsed time. A shift runs from the first instant at which the wall
clock shows, or has passed, its start on its day to the first instant at which it shows, or has passed, its end. Hence,
where a zone changes its clock:

* a time that is skipped comes right after the gap: a night shift over it is an hour shorter (in Lord Howe half an
  hour), and a shift of a day that a zone skips whole (Apia, 2011-12-30) does not happen;
* a time that is shown twice is the first of the two: what ends then does not open again for the second.

All arithmetic is done in UTC, because Python subtracts and orders two datetimes of one zone as wall time. Every instant
given must be aware (a naive one is a TypeError) and every instant returned is in UTC, exact to the microsecond. The
work grows with the days looked at, never with the minutes. No shift begins on 9999-12-31, the last day datetime knows.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from funnel.decay import EPOCH


class Shift(NamedTuple):
    """Wall time, without a zone; an end at or before its start is on the next day, so 00:00 to 00:00 is a whole day."""

    start: time
    end: time


class Span(NamedTuple):
    """The instants [start, end)."""

    start: AwareDatetime
    end: AwareDatetime


def known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"{name!r} is no IANA time zone; write one like Europe/Berlin") from error
    return name


class Calendar(BaseModel):
    """When somebody works: `week` has the shifts that begin on each weekday (0 is Monday; a missing one is free).

    `holidays` are local dates on which no shift begins; the one of the night before still ends in their morning.
    `absences` are time away, in any order. What overlaps counts once, of shifts and of absences.
    """

    model_config = ConfigDict(frozen=True)

    zone: Annotated[str, AfterValidator(known_zone)]
    week: dict[Annotated[int, Field(ge=0, le=6)], list[Shift]]
    holidays: frozenset[date] = frozenset()
    absences: tuple[Span, ...] = ()


Team = Calendar | Sequence[Calendar]
"""One calendar, or those of several people: open when anyone is."""


def spans(calendar: Team, start: datetime, end: datetime) -> Iterator[Span]:
    """The open time in [start, end): ascending, disjoint, each span as long as can be. Lazy."""
    return _united(_pieces(calendar, start, end))


def open_seconds(calendar: Team, start: datetime, end: datetime) -> float:
    """The elapsed seconds that are open in [start, end); 0 when the end is not after the start."""
    return sum((piece.end - piece.start for piece in _pieces(calendar, start, end)), timedelta()).total_seconds()


def is_open(calendar: Team, at: datetime) -> bool:
    """Whether the microsecond that begins at this instant is open."""
    return any(_pieces(calendar, at, _utc(at, timedelta.resolution)))


def after(calendar: Team, start: datetime, seconds: float, within_days: int = 400) -> datetime | None:
    """The earliest instant by which `seconds` of open time have passed since `start`: for none, `start` itself.

    None when the next `within_days` (of 24 hours) hold fewer. Looks no further than a week past the answer.
    """
    start, horizon = _utc(start), timedelta(days=within_days)
    if seconds > horizon.total_seconds():  # infinity is no timedelta
        return None
    left = timedelta(seconds=max(seconds, 0.0))
    if left.total_seconds() < seconds:  # rounded down to the microsecond, which would be too early
        left += timedelta.resolution
    if not left:
        return start
    for piece in _pieces(calendar, start, _utc(start, horizon)):
        if left <= piece.end - piece.start:
            return piece.start + left
        left -= piece.end - piece.start
    return None


def next_open(calendar: Team, at: datetime, within_days: int = 400) -> datetime | None:
    """The first open instant not before `at`: `at` itself when open; None when the next `within_days` have none."""
    return next((piece.start for piece in _pieces(calendar, at, _utc(at, timedelta(days=within_days)))), None)


_WEEK = timedelta(days=7)


def _pieces(calendar: Team, start: datetime, end: datetime) -> Iterator[Span]:
    """The open time, ascending and disjoint, looked at a week at a time: a span over weeks comes in several pieces."""
    team = [calendar] if isinstance(calendar, Calendar) else calendar
    start, end = _utc(start), _utc(end)
    while start < end:
        until = min(_utc(start, _WEEK), end)
        yield from _united(sorted(span for one in team for span in _present(one, start, until)))
        start = until


def _united(ascending: Iterable[Span]) -> Iterator[Span]:
    held: Span | None = None
    for span in ascending:
        if held and span.start <= held.end:
            held = Span(held.start, max(held.end, span.end))
        else:
            if held:
                yield held
            held = span
    if held:
        yield held


def _present(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Span]:
    """The shifts, clipped to [start, end), without the absences; they may overlap."""
    absences = sorted(Span(_utc(absence.start), _utc(absence.end)) for absence in calendar.absences)
    for opens, closes in _shifts(calendar, start, end):
        since, until = max(opens, start), min(closes, end)
        for away in [*absences, Span(until, until)]:
            if since < min(away.start, until):
                yield Span(since, min(away.start, until))
            since = max(since, away.end)


def _shifts(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Span]:
    zone = ZoneInfo(calendar.zone)
    for day in _days(start, end):
        for shift in calendar.week.get(day.weekday(), []) if day not in calendar.holidays else []:
            last = day + timedelta(days=shift.end <= shift.start)
            yield Span(_reached(day, shift.start, zone), _reached(last, shift.end, zone))


def _days(start: datetime, end: datetime) -> Iterator[date]:
    """The days whose shifts may touch [start, end): local dates, one off the UTC one at most, and last night's."""
    first, last = start.toordinal() - 2, end.toordinal() + 1
    return map(date.fromordinal, range(max(first, 1), min(last + 1, date.max.toordinal())))


@lru_cache(maxsize=10_000)
def _reached(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The first instant at which the wall clock shows, or has passed, this time of this day."""
    wall = datetime.combine(day, clock)
    first, other = (_utc(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if first <= other:  # shown once, or twice
        return first
    early = other.replace(microsecond=0)  # skipped: the clock changes within the length of the gap from here
    skipped = range(int((first - other).total_seconds()))
    return early + timedelta(seconds=bisect_left(skipped, True, key=lambda s: _wall(early, s, zone) >= wall))


def _wall(at: datetime, seconds: int, zone: ZoneInfo) -> datetime:
    return (at + timedelta(seconds=seconds)).astimezone(zone).replace(tzinfo=None)


def _utc(at: datetime, later: timedelta = timedelta()) -> datetime:
    """An instant, so much later, in UTC; held within the years datetime knows."""
    return EPOCH + min(max(at - EPOCH + later, _LEAST), _MOST)


_LEAST, _MOST = datetime.min.replace(tzinfo=UTC) - EPOCH, datetime.max.replace(tzinfo=UTC) - EPOCH
