"""Until when somebody wants to be left alone, as people write it: 30m, until tomorrow, until Friday 14:00."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from dateutil.parser import ParserError, parse

from funnel.durations import parse_duration
from funnel.errors import FunnelError

LONGEST = timedelta(days=366)


class NoMoment(FunnelError):
    """I cannot read until when; write 30m, 2h, until tomorrow, until Friday 14:00, or until 2026-12-24."""


def read_until(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment meant (UTC): a span from now, or a day or a time of day in the person's zone; a day is its 09:00.

    Raises:
        NoMoment: it is none, has passed, or is more than a year away.
    """
    words = text.strip().lower().removeprefix("for ").removeprefix("until ").removeprefix("till ").strip()
    if re.fullmatch(r"\d{1,6}(\.\d+)?\s*[mhdw]", words):
        return _span(words, now)
    here = now.astimezone(zone)
    morning = here.replace(hour=9, minute=0, second=0, microsecond=0)
    if words in ("tomorrow", "tomorrow morning"):
        return _checked(morning + timedelta(days=1), now)
    if words.startswith("tomorrow "):
        words, morning = words.removeprefix("tomorrow ").removeprefix("at "), morning + timedelta(days=1)
    try:
        found = parse(words, default=morning.replace(tzinfo=None))
    except (ParserError, OverflowError, ValueError) as error:
        raise NoMoment from error
    found = found if found.tzinfo else found.replace(tzinfo=zone)
    if re.fullmatch("[a-z]+", words) and found.date() == here.date():
        found += timedelta(days=7)  # who says Monday on a Monday means the next one
    if found <= here and re.fullmatch(r"[\d:. ]+(am|pm)?", words):
        found += timedelta(days=1)  # an hour that has passed is tomorrow's
    elif found <= here and re.match("(mon|tue|wed|thu|fri|sat|sun)", words):
        found += timedelta(days=7)
    return _checked(found, now)


def _span(words: str, now: datetime) -> datetime:
    try:
        return _checked(now + parse_duration(words), now)
    except (OverflowError, ValueError) as error:
        raise NoMoment from error


def _checked(at: datetime, now: datetime) -> datetime:
    until = at.astimezone(UTC)
    if not now < until <= now + LONGEST:
        raise NoMoment
    return until
