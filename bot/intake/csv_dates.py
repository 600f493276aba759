"""Days and times as people and programs write them, with the order of day and month settled beforehand."""

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from bot.intake.csv_refusal import Unreadable
from funnel.caches import cached_if_short

if TYPE_CHECKING:
    from dateutil.parser import parserinfo

START = 5
"""So many characters of a date show both its day and its month: 22/11, 1/13/, 1-2-2."""

_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})(?=$|\D)")
_COMPLETE = re.compile(r"\d{4}|\d{1,2}[./-]\d{1,2}[./-]\d\d")
_GERMAN = {
    **{0: "Januar", 1: "Februar Feber", 2: "März Maerz Mär", 4: "Mai", 5: "Juni", 6: "Juli"},
    **{7: "August", 9: "Oktober Okt", 11: "Dezember Dez"},
}
_ZONES = {"CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EST": -5, "EDT": -4, "PST": -8, "PDT": -7}
"""Hours from Greenwich of the abbreviations that mean one zone alone."""


class DayOrder(NamedTuple):
    """Whether the day comes before the month, and how that is known."""

    day_first: bool
    why: str

    @property
    def sentence(self) -> str:
        first, example = ("day", "22/11/2026") if self.day_first else ("month", "11/22/2026")
        return f"the {first} first, like {example} ({self.why})"


def day_order(starts: Collection[str], *, clock_of_twelve: bool, semicolons: bool) -> DayOrder | None:
    """The order in a column, from the first characters of its texts; None when no text leaves it open.

    A value over 12 settles it. Otherwise the sign between them says it: Germans write 2.11.2026. Then the company the
    date is in: am and pm are written where the month comes first; `semicolons` are written between columns where the
    comma is a decimal sign, and there the day comes first. Nothing said, the month: most systems are American.
    """
    found = [match for match in map(_NUMERIC.match, starts) if match]
    if not found:
        return None
    day = any(int(match[1]) > 12 for match in found)
    month = any(int(match[3]) > 12 for match in found)
    if day != month:
        return DayOrder(day, "a value over 12 shows it")
    if any(match[2] == "." for match in found):
        return DayOrder(True, "guessed from the dots")
    if clock_of_twelve:
        return DayOrder(False, "guessed from am and pm")
    if semicolons:
        return DayOrder(True, "guessed from the semicolons between the columns")
    return DayOrder(False, "guessed: the values leave it open")


class DateReader:
    """Reads the times of a column, in `form` or, without one, in any usual one; without an offset they are in `zone`.

    What was read once is remembered: exports tell the same few days again and again.
    """

    def __init__(self, form: str | None, *, day_first: bool, zone: tzinfo) -> None:
        self._form, self._day_first, self._zone = form, day_first, zone
        self.read = cached_if_short(10_000)(self._read)

    def _read(self, text: str) -> datetime:
        """The time, in UTC.

        Raises:
            ValueError: with what was expected.
        """
        bare = text.strip()
        try:
            at = datetime.strptime(bare, self._form) if self._form else self._any(bare)  # noqa: DTZ007  zoned below
            return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)
        except (ArithmeticError, ValueError) as error:  # year 1, east of Greenwich
            raise self._no_date(text) from error

    def _any(self, text: str) -> datetime:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return _loose(text, day_first=self._day_first)

    def _no_date(self, text: str) -> ValueError:
        if self._form:
            return Unreadable(text, f"is no date of the form {self._form}", "mend it, or leave the cell empty")
        order = _NUMERIC.match(text.strip())
        if order and max(int(order[1]), int(order[3])) > 12:
            first = "day" if self._day_first else "month"
            return Unreadable(text, f"is no date like 2026-11-22, nor one with the {first} first", "mend it")
        return Unreadable(text, "is no date like 2026-11-22 or 22.11.2026", "mend it, or leave the cell empty")


def is_date(text: str) -> bool:
    """Whether a text can be read as a date, with the day or the month first."""
    for day_first in (False, True):
        try:
            DateReader(None, day_first=day_first, zone=UTC)._any(text)
        except (ArithmeticError, ValueError):
            continue
        return True
    return False


def _loose(text: str, *, day_first: bool) -> datetime:
    """A time in any usual form that tells its day, its month and its year.

    Raises:
        ArithmeticError, ValueError: it tells less, or something else.
    """
    # Imported where it is used: a process that only waits for Slack needs no dates of other systems.
    from dateutil.parser import parse

    order = _NUMERIC.match(text)
    if len(text) > 60 or not _COMPLETE.search(text) or (order and int(order[3 if day_first else 1]) > 12):
        raise ValueError(text)
    year_first = bool(re.match(r"\d{4}", text))  # of 2026/11/12 nobody means a day in December
    readings = [
        parse(text, _words(), dayfirst=day_first and not year_first, default=default, tzinfos=_zone_of)
        for default in (datetime(2000, 1, 1), datetime(1999, 2, 2))  # noqa: DTZ001  zoned by the caller
    ]
    if readings[0].date() != readings[1].date():  # filled up from the default: no whole date
        raise ValueError(text)
    return readings[0]


def _zone_of(name: str | None, seconds: int | None) -> tzinfo | None:
    from dateutil.tz import tzoffset

    if name is None and seconds is None:
        return None
    if seconds is None and name not in _ZONES:
        raise ValueError(name)
    return tzoffset(name, timedelta(seconds=seconds if seconds is not None else _ZONES[str(name)] * 3600))


@cache
def _words() -> "parserinfo":
    """The words of dates, English and German."""
    from dateutil.parser import parserinfo

    months = [(*names, *_GERMAN.get(place, "").split()) for place, names in enumerate(parserinfo.MONTHS)]

    class Words(parserinfo):
        MONTHS = months
        JUMP = [*parserinfo.JUMP, "um", "uhr"]  # noqa: RUF012  read off the class

    return Words()
