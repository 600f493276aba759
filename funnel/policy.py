"""The policy: one TOML file that says when a lead is an MQL, where it goes and what makes an SQL."""

import hashlib
import tomllib
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from funnel.bant import SqlGate
from funnel.conditions import Condition
from funnel.durations import Duration
from funnel.errors import PolicyError
from funnel.problems import sentences
from funnel.roles import Roles


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FitRule(_Section):
    """Points for who somebody is. Never decays."""

    name: str
    points: float
    when: list[Condition] = Field(min_length=1)


class BehaviourRule(_Section):
    """Points for one thing done, halved every `half_life`; all of a rule together give at most `cap`."""

    name: str
    kind: str
    points: float
    half_life: Duration = timedelta(days=14)
    cap: float | None = None
    where: list[Condition] = []


class HandRaise(_Section):
    """What makes an MQL at once: an engagement of `kind`, or a lead of which every `when` holds."""

    name: str
    kind: str | None = None
    where: list[Condition] = []
    when: list[Condition] = []


class MqlRule(_Section):
    threshold: float
    fit_minimum: float = 0.0
    required: list[str] = []
    hand_raise: list[HandRaise] = []
    hand_raise_for: Duration = timedelta(days=30)


class ProspectRule(_Section):
    fit_minimum: float = 0.0
    behaviour_minimum: float = 0.0


class Exclusion(_Section):
    """Leads of which every condition holds are never made MQLs."""

    name: str
    when: list[Condition] = Field(min_length=1)


class Route(_Section):
    """Where cycles go: the first route of which every condition holds."""

    name: str
    channel: str
    when: list[Condition] = []


class Announce(_Section):
    """A lead whose newest activity is older than `within` enters the funnel but is not posted as news."""

    within: Duration = timedelta(days=3)


class Reasons(_Section):
    """The reasons offered where a cycle ends; "Other" is always offered and needs a text."""

    rejected: list[str] = ["Wrong territory", "Bad data", "Not our market", "Duplicate", "Existing customer"]
    disqualified: list[str] = [
        "No need",
        "No authority",
        "Chose a competitor",
        "Personal use",
        "Left the company",
    ]
    recycled: list[str] = ["No budget", "Bad timing", "No response", "In a contract", "Evaluating"]


class Recycle(_Section):
    """A recycled lead wakes after `default` unless the rep says otherwise, and after `longest` at the latest."""

    default: Duration = timedelta(days=30)
    longest: Duration = timedelta(days=730)


class Policy(_Section):
    """Everything marketing and sales agreed on. Loaded with `parse_policy`."""

    version: str = Field(min_length=1, max_length=40)
    fit_cap: float = 100.0
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
    currencies: list[str] = Field(default=["EUR", "USD", "GBP"], min_length=1, max_length=100)
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
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([f"This is not TOML: {error}"]) from error
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        raise PolicyError(sentences(error, Policy)) from error
    policy._text = text
    return policy
