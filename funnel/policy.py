"""The policy: one TOML file that says when a lead is an MQL, where it goes and what makes an SQL."""

import hashlib
import tomllib
from datetime import timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    PrivateAttr,
    ValidationError,
    field_validator,
)

from funnel.bant import SqlGate
from funnel.conditions import Condition, known_field
from funnel.durations import LongDuration
from funnel.errors import PolicyError
from funnel.lead import FACTS
from funnel.problems import sentences
from funnel.roles import Roles


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


LEAD_FIELDS = (*FACTS, "domain")
"""The fields a policy may name, beside attributes.ANYTHING."""

Name = Annotated[str, Field(min_length=1, max_length=100)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Points = Annotated[FiniteFloat, Field(ge=-1_000_000, le=1_000_000)]


class LeadCondition(Condition):
    """A condition on a field of a lead."""

    @field_validator("field")
    @classmethod
    def _known(cls, field: str) -> str:
        return known_field(field, LEAD_FIELDS)


class RouteCondition(Condition):
    """A condition on a field of a lead, its source or its score."""

    @field_validator("field")
    @classmethod
    def _known(cls, field: str) -> str:
        return known_field(field, (*LEAD_FIELDS, "source", "score"))


class FitRule(_Section):
    """Points for who somebody is. Never decays."""

    name: Name
    points: Points
    when: list[LeadCondition] = Field(min_length=1)


class BehaviourRule(_Section):
    """Points for one thing done, halved every `half_life`; all of a rule together give at most `cap`."""

    name: Name
    kind: Name
    points: Points
    half_life: LongDuration = timedelta(days=14)
    cap: Points | None = None
    where: list[Condition] = []


class HandRaise(_Section):
    """What makes an MQL at once: an engagement of `kind`, or a lead of which every `when` holds."""

    name: Name
    kind: Name | None = None
    where: list[Condition] = []
    when: list[LeadCondition] = []


class MqlRule(_Section):
    threshold: Annotated[Points, Field(gt=0)]
    fit_minimum: Points = 0.0
    required: list[Annotated[str, AfterValidator(lambda field: known_field(field, LEAD_FIELDS))]] = []
    hand_raise: list[HandRaise] = []
    hand_raise_for: LongDuration = timedelta(days=30)


class ProspectRule(_Section):
    fit_minimum: Points = 0.0
    behaviour_minimum: Points = 0.0


class Exclusion(_Section):
    """Leads of which every condition holds are never made MQLs."""

    name: Name
    when: list[LeadCondition] = Field(min_length=1)


class Route(_Section):
    """Where cycles go: the first route of which every condition holds."""

    name: Name
    channel: Annotated[str, Field(pattern=r"^(#[^\s#]{1,80}|[CG][A-Z0-9]{2,30})$")]
    when: list[RouteCondition] = []


class Announce(_Section):
    """A lead whose newest activity is older than `within` enters the funnel but is not posted as news."""

    within: LongDuration = timedelta(days=3)


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


class Reasons(_Section):
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


class Recycle(_Section):
    """A recycled lead wakes after `default` unless the rep says otherwise, and after `longest` at the latest."""

    default: LongDuration = timedelta(days=30)
    longest: LongDuration = timedelta(days=730)


class Policy(_Section):
    """Everything marketing and sales agreed on. Loaded with `parse_policy`."""

    version: str = Field(min_length=1, max_length=40)
    fit_cap: Points = 100.0
    fit: list[FitRule] = []
    behaviour: list[BehaviourRule] = []
    mql: MqlRule
    prospect: ProspectRule = ProspectRule()
    exclude: list[Exclusion] = []
    route: list[Route] = Field(min_length=1)
    announce: Announce = Announce()
    sql: SqlGate = SqlGate()
    reasons: Reasons = Reasons()
    recycle: Recycle = Recycle()
    roles: Roles = Roles()
    currencies: list[Currency] = Field(default=["EUR", "USD", "GBP"], min_length=1, max_length=99)
    _text: str = PrivateAttr(default="")

    @property
    def text(self) -> str:
        """The TOML this policy was read from."""
        return self._text

    @property
    def hash(self) -> str:
        """SHA-256 of the text, in hex."""
        return hashlib.sha256(self._text.encode()).hexdigest()

    @property
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
        raise PolicyError([f"This is not TOML: {error}"]) from error
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        raise PolicyError(sentences(error, Policy)) from error
    policy._text = text
    return policy
