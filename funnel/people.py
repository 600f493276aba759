"""Who leads are given to: teams, and what is special about a person; their hours as people write them."""

import re
from datetime import date, time
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from funnel.business_hours import Calendar, Shift, Span, known_zone
from funnel.rules import Name, Section

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

UserId = Annotated[str, StringConstraints(pattern="^[UW][A-Z0-9]{2,30}$")]
Zone = Annotated[str, AfterValidator(known_zone)]
Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
"""ISO 3166: a country, or a part of one that has holidays of its own, like DE-BY."""

_HOURS = re.compile(r"\s*([a-z]{3})(?:\s*[-–]\s*([a-z]{3}))?\s+(\d\d?):(\d\d)\s*[-–]\s*(\d\d?):(\d\d)\s*")


def read_hours(text: str) -> dict[int, Shift]:
    """The shift of each weekday (0 is Monday) in a text like “Mon-Fri 09:00-17:30”; 24:00 is midnight.

    Raises:
        ValueError: it is no such text.
    """
    found = _HOURS.fullmatch(text.lower())
    if not found or {found[1], found[2] or found[1]} - set(DAYS):
        raise ValueError(f'{text!r} are no hours; write them like "Mon-Fri 09:00-17:30"')
    if found[3] == "24":
        raise ValueError(f"{text!r}: a shift begins at 00:00 of the next day, not at 24:00")
    first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
    shift = Shift(_clock(found[3], found[4]), _clock(found[5], found[6]))
    return {day % 7: shift for day in range(first, last + 1 if last >= first else last + 8)}


def _clock(hour: str, minute: str) -> time:
    if (hour, minute) == ("24", "00"):
        return time()
    try:
        return time(int(hour), int(minute))
    except ValueError as error:
        raise ValueError(f"{hour}:{minute} is no time of the day") from error


def _readable(text: str) -> str:
    read_hours(text)
    return text


Hours = Annotated[list[Annotated[str, AfterValidator(_readable)]], Field(min_length=1, max_length=50)]
"""A line each; several for a day are several shifts, and one that ends before it begins goes over midnight."""

OFFICE: list[str] = ["Mon-Fri 09:00-17:00"]


class Team(Section):
    """Who a route's leads are given to, and who is told when nobody acts. `zone` counts where Slack knows none."""

    name: Name
    members: list[UserId] = Field(min_length=1, max_length=500)
    managers: list[UserId] = Field(default=[])
    hours: Hours = OFFICE
    zone: Zone = "UTC"
    country: Country | None = None


class PersonRule(Section):
    """What is special about one person; what is left out is as for their team.

    `weight` is their share of a rotation against a colleague's 1; `cap` the most leads they may hold undecided.
    """

    id: UserId
    hours: Hours | None = None
    zone: Zone | None = None
    country: Country | None = None
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    cap: Annotated[int, Field(ge=1, le=10_000)] | None = None


def country_of(team: Team, rule: PersonRule | None) -> str | None:
    """Whose public holidays a member has: their own country's before the team's."""
    return (rule.country if rule else None) or team.country


def calendar_of(
    team: Team, rule: PersonRule | None, slack_zone: str | None, holidays: frozenset[date], away: tuple[Span, ...]
) -> Calendar:
    """When a member works: their own hours before the team's, their own zone before Slack's before the team's.

    `away` is when they are absent or have paused. A zone of Slack's that is not known here is as none.
    """
    week: dict[int, list[Shift]] = {}
    for line in (rule.hours if rule else None) or team.hours:
        for day, shift in read_hours(line).items():
            week.setdefault(day, []).append(shift)
    return Calendar(
        zone=(rule.zone if rule else None) or _if_known(slack_zone) or team.zone,
        week=week,
        holidays=holidays,
        absences=away,
    )


def _if_known(zone: str | None) -> str | None:
    try:
        return known_zone(zone) if zone else None
    except ValueError:
        return None
