"""The policy: one TOML file that says when a lead is an MQL, where it goes and what makes an SQL."""

import hashlib
import tomllib
from collections.abc import Iterator
from datetime import time, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, PrivateAttr, ValidationError, field_validator, model_validator

from funnel.bant import SqlGate
from funnel.conditions import Condition, known_field
from funnel.durations import LongDuration
from funnel.errors import Mistake, PolicyError
from funnel.form import Form
from funnel.people import DAYS, PersonRule, Team, UserId
from funnel.problems import mistakes
from funnel.roles import Roles
from funnel.rules import (
    LEAD_FIELDS,
    BehaviourRule,
    Exclusion,
    FitRule,
    Group,
    MqlRule,
    Name,
    Points,
    ProspectRule,
    Section,
    Segment,
)
from funnel.sla import Step

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Domain = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class RouteCondition(Condition):
    """A condition on a field of a lead, on its score, or on its segment."""

    @field_validator("field")
    @classmethod
    def _known(cls, field: str) -> str:
        return known_field(field, (*LEAD_FIELDS, "score", "segment"))


Mode = Literal["open", "round robin", "weighted", "account owner", "person"]
"""How a route finds an owner: open to whoever claims first, or given to somebody."""


class Route(Section):
    """Where cycles go: the first route of which every condition holds.

    `assign` are the ways an owner is found, tried in turn; `person` is who is meant by the way of that name. A `blind`
    card hides who it is until somebody owns it. Reminders stand in the thread, and in the channel too where
    `also_channel` says so. The steps are counted in the working hours of the team before a claim,
    of the owner after it.
    """

    name: Name
    channel: Annotated[str, Field(pattern=r"^(#[^\s#]{1,80}|[CG][A-Z0-9]{2,30})$")]
    when: list[RouteCondition] = []
    team: Name | None = None
    assign: list[Mode] = Field(default=["open"], min_length=1)
    person: UserId | None = None
    blind: bool = False
    claim_within: LongDuration | None = None
    outcome_within: LongDuration | None = None
    also_channel: bool = False
    step: list[Step] = []

    @model_validator(mode="after")
    def _has_whom_it_names(self) -> Self:
        if self.team is None and {"round robin", "weighted"} & set(self.assign):
            raise ValueError("needs a team to take turns: name a [[team]]")
        if self.person is None and "person" in self.assign:
            raise ValueError("needs a person to give leads to")
        if self.team is None and (self.step or self.claim_within or self.outcome_within):
            raise ValueError("needs a team: its working hours are what is counted")
        return self


class Identity(Section):
    """Which e-mail addresses are one person's: with or without a +tag, and dots or no dots at some providers."""

    ignore_plus_tags: bool = False
    ignore_dots_at: list[Domain] = []


class Announce(Section):
    """A lead whose newest activity is older than `within` enters the funnel but is not posted as news.

    More than `bundle` new MQLs of a channel at once are posted as one summary.
    """

    within: LongDuration = timedelta(days=3)
    bundle: Annotated[int, Field(ge=1, le=500)] = 10


def _end_of_week(text: str) -> str:
    if text != NEVER:
        day, _, clock = text.lower().partition(" ")
        if day not in DAYS:
            raise ValueError(f'{text!r} is no end of a week; write it like "Fri 16:00", or "never"')
        time.fromisoformat(_clock(clock))
    return text


def _clock(text: str) -> str:
    try:
        time.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f'{text!r} is no time of the day; write it like "08:30", or "never"') from error
    return text


NEVER = "never"


class Digests(Section):
    """When people are told of their morning, in their own zones, and teams of their week, in the team's."""

    morning: Annotated[str, AfterValidator(lambda text: text if text == NEVER else _clock(text))] = "08:30"
    week: Annotated[str, AfterValidator(_end_of_week)] = "Fri 16:00"

    @property
    def morning_at(self) -> time | None:
        """The local time; None for never."""
        return None if self.morning == NEVER else time.fromisoformat(self.morning)

    @property
    def week_at(self) -> tuple[int, time] | None:
        """The weekday (0 is Monday) and the local time; None for never."""
        if self.week == NEVER:
            return None
        day, _, clock = self.week.lower().partition(" ")
        return DAYS.index(day), time.fromisoformat(clock)


def _distinct(reasons: list[str]) -> list[str]:
    if len(set(reasons)) < len(reasons):
        raise ValueError("names a reason twice")
    return reasons


ReasonList = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=75)]],
    Field(min_length=1, max_length=99),
    AfterValidator(_distinct),
]
"""What one of Slack's lists can offer beside "Other"."""


class Reasons(Section):
    """The reasons offered where a cycle ends; "Other" is always offered and needs a text."""

    rejected: ReasonList = ["Wrong territory", "Bad data", "Not our market", "Duplicate", "Existing customer"]
    disqualified: ReasonList = [
        "No need",
        "No authority",
        "Chose a competitor",
        "Personal use",
        "Left the company",
    ]
    recycled: ReasonList = ["No budget", "Bad timing", "No response", "In a contract", "Evaluating"]


class Snooze(Section):
    """An owner may put a lead off so many times, each for so long; then it is to be recycled or handed over."""

    most: Annotated[int, Field(ge=0, le=100)] = 3
    longest: LongDuration = timedelta(days=14)


class Recycle(Section):
    """A recycled lead wakes after `default` unless the rep says otherwise, and after `longest` at the latest."""

    default: LongDuration = timedelta(days=30)
    longest: LongDuration = timedelta(days=730)


class Policy(Section):
    """Everything marketing and sales agreed on. Loaded with `parse_policy`."""

    version: str = Field(min_length=1, max_length=40)
    fit_cap: Points = 100.0
    fit: list[FitRule] = []
    group: list[Group] = []
    behaviour: list[BehaviourRule] = []
    mql: MqlRule
    segment: list[Segment] = []
    prospect: ProspectRule = ProspectRule()
    exclude: list[Exclusion] = []
    route: list[Route] = Field(min_length=1)
    team: list[Team] = []
    person: list[PersonRule] = []
    form: list[Form] = []
    identity: Identity = Identity()
    announce: Announce = Announce()
    digest: Digests = Digests()
    sql: SqlGate = SqlGate()
    reasons: Reasons = Reasons()
    snooze: Snooze = Snooze()
    recycle: Recycle = Recycle()
    roles: Roles = Roles()
    currencies: list[Currency] = Field(default=["EUR", "USD", "GBP"], min_length=1, max_length=99)
    _text: str = PrivateAttr(default="")
    _scorer: Any = PrivateAttr(default=None)

    def team_named(self, name: str | None) -> Team | None:
        """The team of this name; None when there is none."""
        return next((team for team in self.team if team.name == name), None)

    def route_named(self, name: str) -> Route | None:
        """The route of this name; None when there is none, or none any more."""
        return next((route for route in self.route if route.name == name), None)

    def managers_of(self, team: Team | None) -> list[str]:
        """Who is told when nobody of a team acts: its managers, else all managers, else the admins."""
        return (team.managers if team else []) or self.roles.manager or self.roles.admin

    @property
    def text(self) -> str:
        """The TOML this policy was read from."""
        return self._text

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the text, in hex."""
        return hashlib.sha256(self._text.encode()).hexdigest()

    @cached_property
    def stamp(self) -> str:
        """The version and the head of the hash: what is stored with every decision."""
        return f"{self.version}+{self.hash[:8]}"


def parse_policy(text: str) -> Policy:
    """The policy a TOML text describes.

    Raises:
        PolicyError: one sentence for each mistake, with its key path.
    """
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PolicyError([Mistake((), f"This is not TOML: {error}")]) from error
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        raise PolicyError(mistakes(error, Policy)) from error
    found = [*_repeated_names(policy), *_unknown_groups(policy), *_unknown_teams(policy)]
    if found:
        raise PolicyError(found)
    policy._text = text
    return policy


def _repeated_names(policy: Policy) -> Iterator[Mistake]:
    """Reasons are told by the names of their rules, so no two may share one."""
    for kind in ("fit", "group", "behaviour", "segment", "exclude", "route", "team", "form"):
        seen = set()
        for place, rule in enumerate(getattr(policy, kind)):
            if rule.name in seen:
                yield Mistake((kind, place, "name"), f"{kind}[{place}].name: there are two called {rule.name!r}")
            seen.add(rule.name)


def _unknown_groups(policy: Policy) -> Iterator[Mistake]:
    known = [group.name for group in policy.group]
    for place, rule in enumerate(policy.behaviour):
        if rule.group is not None and rule.group not in known:
            there = f"there are {', '.join(known)}" if known else "write a [[group]] with this name and its cap"
            path = ("behaviour", place, "group")
            yield Mistake(path, f"behaviour[{place}].group: there is no group {rule.group!r}; {there}")


def _unknown_teams(policy: Policy) -> Iterator[Mistake]:
    known = [team.name for team in policy.team]
    for place, route in enumerate(policy.route):
        if route.team is not None and route.team not in known:
            there = f"there are {', '.join(known)}" if known else "write a [[team]] with this name and its members"
            yield Mistake(("route", place, "team"), f"route[{place}].team: there is no team {route.team!r}; {there}")
