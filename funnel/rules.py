"""The scoring rules of the policy: what counts, how much, how long, and what makes an MQL."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, field_validator, model_validator

from funnel.conditions import Condition, known_field
from funnel.durations import LongDuration
from funnel.lead import FACTS


class Section(BaseModel):
    """A table of the policy: what it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


LEAD_FIELDS = (*FACTS, "domain", "account", "free_mail", "source", "account_is_customer")
"""The fields a policy may name, beside attributes.ANYTHING."""

Name = Annotated[str, Field(min_length=1, max_length=100)]
Points = Annotated[FiniteFloat, Field(ge=-1_000_000, le=1_000_000)]
Cap = Annotated[FiniteFloat, Field(gt=0, le=1_000_000)]


class LeadCondition(Condition):
    """A condition on a field of a lead."""

    @field_validator("field")
    @classmethod
    def _known(cls, field: str) -> str:
        return known_field(field, LEAD_FIELDS)


class FitRule(Section):
    """Points for who somebody is. Never decays."""

    name: Name
    points: Points
    when: list[LeadCondition] = Field(min_length=1)


class Group(Section):
    """Behaviour rules that together give at most `cap` points, and take away at most as many."""

    name: Name
    cap: Cap


Frequency = Literal["once per hour", "once per day", "once per week", "once ever"]
"""How often a kind of engagement counts: in UTC hours, days, weeks from Monday on; the newest of each counts."""


class BehaviourRule(Section):
    """Points for one thing done, halved every `half_life`; all of a rule give, or take away, at most `cap`."""

    name: Name
    kind: Name
    points: Points
    half_life: LongDuration = timedelta(days=14)
    cap: Cap | None = None
    group: Name | None = None
    at_most: Frequency | None = None
    where: list[Condition] = []


class HandRaise(Section):
    """What makes an MQL at once: an engagement of `kind`, or a lead of which every `when` holds."""

    name: Name
    kind: Name | None = None
    where: list[Condition] = []
    when: list[LeadCondition] = []

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.kind is None and not self.when:
            raise ValueError("needs a kind of engagement, or conditions on the lead (when)")
        return self


class MqlRule(Section):
    threshold: Annotated[Points, Field(gt=0)]
    fit_minimum: Points = 0.0
    required: list[Annotated[str, AfterValidator(lambda field: known_field(field, LEAD_FIELDS))]] = []
    hand_raise: list[HandRaise] = []
    hand_raise_for: LongDuration = timedelta(days=30)


class Segment(Section):
    """Leads with a threshold of their own; what is left out is as for everybody."""

    name: Name
    when: list[LeadCondition] = Field(min_length=1)
    threshold: Annotated[Points, Field(gt=0)] | None = None
    fit_minimum: Points | None = None

    @model_validator(mode="after")
    def _differs(self) -> Self:
        if self.threshold is None and self.fit_minimum is None:
            raise ValueError("needs a threshold or a fit_minimum of its own: without either it changes nothing")
        return self


class ProspectRule(Section):
    fit_minimum: Points = 0.0
    behaviour_minimum: Points = 0.0


class Exclusion(Section):
    """Leads of which every condition holds are never made MQLs."""

    name: Name
    when: list[LeadCondition] = Field(min_length=1)
