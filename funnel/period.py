"""Periods of time in a reporting zone: half-open, each boundary converted to UTC by itself."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from pydantic import BaseModel, ConfigDict

from funnel.errors import NotUnderstood

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2200, 1, 1)
EXAMPLES = "yesterday, last week, this month, last 90 days, October, Q3, 2026, 2026-01-15..2026-02-28, all"


class Period(BaseModel):
    """[start, end) in UTC, and the label and dates people read: `first` and `last` are both included."""

    model_config = ConfigDict(frozen=True)

    label: str
    first: date
    last: date
    start: datetime
    end: datetime

    @property
    def dates(self) -> str:
        """The first and the last day, ISO 8601."""
        return f"{self.first} to {self.last}"


def between(label: str, first: date, after: date, zone: tzinfo) -> Period:
    """The period of the days [first, after) of a zone."""
    return Period(
        label=label,
        first=first,
        last=after - timedelta(days=1),
        start=_midnight(first, zone),
        end=_midnight(after, zone),
    )


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def parse_period(text: str, now: datetime, zone: tzinfo) -> Period:
    """The period people mean by words like "last week", "May 2018", "last 90 days" or "2018-01-01..2018-03-31".

    Raises:
        NotUnderstood: with examples of what can be read.
    """
    words = " ".join(text.lower().replace(",", " ").split())
    today = now.astimezone(zone).date()
    for read in (_named, _relative, _counted, _calendar, _range):
        try:
            days = read(words, today)
        except (OverflowError, ValueError):  # 2018-13-01, 2018-02-30, the last 9999 years
            days = None
        if days is not None and FIRST_DAY <= days[0] < days[1] <= LAST_DAY:
            return between(_WHOLE.get(words, words), *days, zone)
    raise NotUnderstood(f"I cannot read the period “{text}”. I know: {EXAMPLES}.")


_WHOLE = {"": "all time", "all": "all time", "ever": "all time"}

_Days = tuple[date, date] | None


def _named(words: str, today: date) -> _Days:
    tomorrow = today + timedelta(days=1)
    match words:
        case "" | "all" | "all time" | "ever":
            return date(1970, 1, 1), tomorrow
        case "today":
            return today, tomorrow
        case "yesterday":
            return today - timedelta(days=1), today
    return None


def _relative(words: str, today: date) -> _Days:
    found = re.fullmatch(r"(this|last|previous) (week|month|quarter|year)", words)
    if not found:
        return None
    start = _unit_start(today, found[2])
    if found[1] == "this":
        return start, _unit_start(start + _UNIT_REACH[found[2]], found[2])
    return _unit_start(start - timedelta(days=1), found[2]), start


_UNIT_REACH = {
    "week": timedelta(days=7),
    "month": timedelta(days=31),
    "quarter": timedelta(days=92),
    "year": timedelta(days=366),
}


def _unit_start(day: date, unit: str) -> date:
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, day.month - (day.month - 1) % 3, 1)
    return date(day.year, 1, 1)


def _counted(words: str, today: date) -> _Days:
    """The last N days end with today; the last N weeks, months, quarters, years are whole ones before this."""
    found = re.fullmatch(r"(?:last|past) (\d{1,4}) (day|week|month|quarter|year)s?", words)
    if not found or not int(found[1]):
        return None
    count, unit = int(found[1]), found[2]
    if unit == "day":
        after = today + timedelta(days=1)
        return after - timedelta(days=count), after
    after = first = _unit_start(today, unit)
    for _ in range(count):
        first = _unit_start(first - timedelta(days=1), unit)
    return first, after


def _calendar(words: str, today: date) -> _Days:
    """A year, a quarter, or a month; without a year, the latest one that has begun."""
    if re.fullmatch(r"\d{4}", words):
        return date(int(words), 1, 1), date(int(words) + 1, 1, 1)
    if found := re.fullmatch(r"(\d{4})-(\d{2})", words):
        return _months(int(found[1]), int(found[2]), 1)
    if found := re.fullmatch(r"(?:(\d{4})[- ]?)?q([1-4])(?: (\d{4}))?", words):
        month = 3 * int(found[2]) - 2
        return _months(_year(found[1] or found[3], month, today), month, 3)
    if found := re.fullmatch(r"([a-z]{3,9})(?: (\d{4}))?", words):
        month = next((i for i, name in enumerate(MONTHS, 1) if name.startswith(found[1])), 0)
        if month:
            return _months(_year(found[2], month, today), month, 1)
    return None


def _year(given: str | None, month: int, today: date) -> int:
    return int(given) if given else today.year - (month > today.month)


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    after = month + count
    return date(year, month, 1), date(year + (after - 1) // 12, (after - 1) % 12 + 1, 1)


def _range(words: str, today: date) -> _Days:
    del today
    found = re.fullmatch(r"(?:from )?(\d{4}-\d{2}-\d{2}) ?(?:\.\.|to|until|-) ?(\d{4}-\d{2}-\d{2})", words)
    if not found:
        return None
    first, last = date.fromisoformat(found[1]), date.fromisoformat(found[2])
    return (first, last + timedelta(days=1)) if first <= last else None
