"""A quarter of forty people in six zones and 20,000 leads, or three weeks of it, as it is known beforehand: who, when, and what they will do."""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from bot.usecases.rota import public_holidays
from funnel.business_hours import Calendar, Span, spans
from funnel.people import PersonRule, Team, calendar_of, country_of
from funnel.policy import Policy, Route, parse_policy
from tests.support.size import sized

SEED = "quarter"
TICK = timedelta(minutes=30)
START = datetime(
    2026, 10, 5, tzinfo=UTC
)  # a Monday; clocks change in four of the zones, and it is Christmas before END
WEEKS = sized(3, 13)
END = START + timedelta(weeks=WEEKS)

COUNTRIES = {
    "Europe/Berlin": "DE-BE",
    "America/New_York": "US-NY",
    "America/Los_Angeles": "US-CA",
    "America/Sao_Paulo": "BR-SP",
    "Asia/Kolkata": "IN-KA",
    "Australia/Sydney": "AU-NSW",
}
TEAMS = {
    "Atlantic": ("round robin", ["Europe/Berlin", "America/New_York", "America/Sao_Paulo"]),
    "Americas": ("weighted", ["America/New_York", "America/Los_Angeles", "America/Sao_Paulo"]),
    "Pacific": ("round robin", ["Australia/Sydney", "Asia/Kolkata"]),
    "World": ("weighted", ["Europe/Berlin", "Asia/Kolkata"]),
    "Inbound": ("open", ["Europe/Berlin", "America/New_York"]),
}
CAP = sized(1, 10)
"""Leads; the limits of people are so many times it. The small quarter has fewer leads a week."""
SPECIAL = {
    1: f"cap = {4 * CAP}",
    2: f"cap = {6 * CAP}",
    3: "weight = 0.5",
    4: f"cap = {5 * CAP}",
    5: f"weight = 2\ncap = {9 * CAP}",
    6: f'hours = ["Mon-Thu 09:00-13:00"]\ncap = {3 * CAP}',
    7: 'hours = ["Mon-Fri 07:00-11:00", "Mon-Fri 12:30-16:30"]',
}
"""What is special about each team's members, by their number; number 0 is the manager."""

LADDER = """
step = [
  {{ after = "30m", do = "remind" }},
  {{ after = "1h", do = "message" }},
  {{ after = "2h", do = "manager" }},
  {{ after = "4h", do = "assign", to = "{manager}" }},
  {{ after = "8h", do = "remind", waiting = "outcome" }},
  {{ after = "12h", do = "message", waiting = "outcome" }},
  {{ after = "16h", do = "manager", waiting = "outcome" }},
  {{ after = "20h", do = "assign", to = "{manager}", waiting = "outcome" }},
]
"""


def member(team: str, number: int) -> str:
    return f"U{team.upper()}{number}"


def _policy_text() -> str:
    # Told one by one, so that each step of each lead can be counted.
    text = ['version = "quarter"', "[announce]\nbundle = 500", '[roles]\neveryone = ["sdr"]', "[mql]\nthreshold = 1000"]
    text.append('[[mql.hand_raise]]\nname = "Asked for a demo"\nkind = "demo_request"')
    for name, (mode, zones) in TEAMS.items():
        members = [member(name, number) for number in range(8)]
        text.append(f'[[team]]\nname = "{name}"\nmembers = {members}\nmanagers = ["{members[0]}"]\nzone = "{zones[0]}"')
        for number, user in enumerate(members):
            country = COUNTRIES[zones[number % len(zones)]]
            text.append(f'[[person]]\nid = "{user}"\ncountry = "{country}"\n{SPECIAL.get(number, "")}')
        text.append(f'[[route]]\nname = "{name}"\nchannel = "#{name.lower()}"\nteam = "{name}"\nassign = ["{mode}"]')
        text.append(f'when = [{{ field = "source", equals = "{name}" }}]')
        text.append(LADDER.format(manager=members[0]))
    return "\n".join(text)


class Arrival(NamedTuple):
    """So many leads of one source at once."""

    at: datetime
    source: str
    leads: int


class Hours:
    """Somebody's working time over the whole quarter, or a team's, laid out once to be asked often."""

    def __init__(self, calendar: Calendar | list[Calendar]) -> None:
        found = list(spans(calendar, START - timedelta(days=2), END + timedelta(days=90)))
        self._starts = [span.start for span in found]
        lengths = [(span.end - span.start).total_seconds() for span in found]
        self._spans, self._before = found, [0.0, *accumulate(lengths)]

    def until(self, at: datetime) -> float:
        """Seconds worked until an instant."""
        place = bisect_right(self._starts, at) - 1
        if place < 0:
            return 0.0
        return self._before[place] + (min(at, self._spans[place].end) - self._starts[place]).total_seconds()

    def between(self, start: datetime, end: datetime) -> float:
        return self.until(end) - self.until(start)

    def after(self, start: datetime, seconds: float) -> datetime:
        """When so many seconds will have been worked since an instant."""
        wanted = self.until(start) + seconds
        place = bisect_left(self._before, wanted) - 1
        return self._starts[place] + timedelta(seconds=wanted - self._before[place])


class Quarter:
    """All that is known beforehand, out of one seed."""

    def __init__(self, leads: int = 20_000) -> None:
        self.leads = leads
        self.policy: Policy = parse_policy(_policy_text())
        self.teams = {team.name: team for team in self.policy.team}
        self.routes: dict[str, Route] = {route.name: route for route in self.policy.route}
        self.rules: dict[str, PersonRule] = {rule.id: rule for rule in self.policy.person}
        self.zones = {
            member(name, number): zones[number % len(zones)]
            for name, (_, zones) in TEAMS.items()
            for number in range(8)
        }
        self.pauses = {user: self._pause(user) for user in sorted(self.zones)[::4]}
        self.absences = {user: self._absences(user) for user in self.zones}

    @staticmethod
    def chance(*about: object) -> random.Random:
        """Chance that is the same whenever it is asked about the same."""
        return random.Random(f"{SEED}:{about}")

    def _absences(self, user: str) -> list[Span]:
        """A vacation of one to three weeks, and a day here and there."""
        chance = self.chance("away", user)
        lengths = [chance.choice([5, 12, 19]), 1, 1, 2]
        starts = [
            START + timedelta(days=chance.randrange(3, 7 * WEEKS - 6), hours=chance.randrange(24)) for _ in lengths
        ]
        return [Span(at, at + timedelta(days=days)) for at, days in zip(starts, lengths, strict=True)]

    def _pause(self, user: str) -> Span:
        at = START + TICK * self.chance("pause", user).randrange(48 * 7, 48 * (7 * WEEKS - 11))
        return Span(at, at + timedelta(days=2))

    @cached_property
    def hours(self) -> dict[str, Hours]:
        return {user: Hours(calendar) for user, calendar in self._calendars.items()}

    @cached_property
    def team_hours(self) -> dict[str, Hours]:
        return {name: Hours([self._calendars[user] for user in team.members]) for name, team in self.teams.items()}

    @cached_property
    def _calendars(self) -> dict[str, Calendar]:
        return {user: self._calendar(team, user) for team in self.policy.team for user in team.members}

    def _calendar(self, team: Team, user: str) -> Calendar:
        rule = self.rules[user]
        country = country_of(team, rule) or ""
        free: frozenset[date] = frozenset().union(*(public_holidays(country, year) for year in (2026, 2027)))
        away = [*self.absences[user], *([self.pauses[user]] if user in self.pauses else [])]
        return calendar_of(team, rule, self.zones[user], free, tuple(away))

    def arrivals(self) -> list[Arrival]:
        """Imports of 500 at once, Monday mornings, and the rest at any time, mostly on working days."""
        found = [*self._imports(), *self._mondays()]
        left = self.leads - sum(one.leads for one in found)
        chance = self.chance("arrivals")
        while left > 0:
            at = START + TICK * chance.randrange(48 * 7 * WEEKS)
            if at.weekday() < 5 or chance.random() < 0.3:
                found.append(Arrival(at, chance.choice(list(TEAMS)), min(left, chance.randint(1, 20))))
                left -= found[-1].leads
        return sorted(found)

    def _imports(self) -> Iterator[Arrival]:
        chance = self.chance("imports")
        for week in range(0, WEEKS, 2):
            at = START + timedelta(weeks=week, days=chance.randrange(7)) + TICK * chance.randrange(48)
            if week % 4:
                yield Arrival(at, chance.choice(list(TEAMS)), self.leads // 40)
            else:
                yield from (Arrival(at, name, self.leads // 200) for name in TEAMS)

    def _mondays(self) -> Iterator[Arrival]:
        for week in range(WEEKS):
            for name in TEAMS:
                opening = self.hours[member(name, 0)].after(START + timedelta(weeks=week), 1)
                first = START - TICK * ((START - opening) // TICK)
                yield from (Arrival(first + TICK * place, name, self.leads // 2000) for place in range(4))
