"""What the doors answer, as JSON."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.intake.problem import FieldProblem
from funnel.bant import Answer, Criterion
from funnel.consent import State
from funnel.cycle import Cycle, Move
from funnel.lifecycle import Stage
from funnel.scoring import Reason


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LeadTaken(_Told):
    """A lead that was made, or found again; `remark` is about something odd that was kept all the same.

    `duplicate` says of a form that this submission of it was told before: it counts once.
    """

    id: int
    created: bool
    duplicate: bool = False
    remark: str = ""


class LeftAloneTold(_Told):
    """A body that was accepted, and of which nothing was made; `remark` says why."""

    remark: str


class EngagementTaken(_Told):
    """An engagement of this lead; `remark` says that no rule counts its kind.

    `duplicate` says that the event was told before, of this person, under this id and kind: nothing new was stored.
    """

    lead_id: int
    duplicate: bool = False
    remark: str = ""


class StageTaken(_Told):
    """A report of a CRM; `moved` is false when the lead was there already."""

    id: int
    stage: Stage
    moved: bool


class ItemRefused(_Told):
    """What is wrong with the item at `index`; nothing of it was stored."""

    index: int
    status: Literal[400, 403, 404, 422]
    errors: list[FieldProblem] = Field(min_length=1)


class LeadOfMany(LeadTaken):
    index: int
    status: Literal[200, 201]


class LeftAloneOfMany(LeftAloneTold):
    index: int
    status: Literal[202]


class EngagementOfMany(EngagementTaken):
    index: int
    status: Literal[200, 201]


class ManyLeads(_Told):
    """An answer for each item, in their order."""

    accepted: int
    refused: int
    results: list[LeadOfMany | ItemRefused]


class ManyForms(_Told):
    """An answer for each item, in their order."""

    accepted: int
    refused: int
    results: list[LeadOfMany | LeftAloneOfMany | ItemRefused]


class ManyEngagements(_Told):
    """An answer for each item, in their order."""

    accepted: int
    refused: int
    results: list[EngagementOfMany | ItemRefused]


class ProblemTold(_Told):
    """A refusal (RFC 9457): `detail` is one sentence, `errors` the fields it is about."""

    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


class ScoreShown(_Told):
    """A score with its reasons; `lacks` says why it is no MQL, `advice` what would change that soonest."""

    total: float
    fit: float
    behaviour: float
    reasons: list[Reason]
    threshold: float
    lacks: list[str]
    advice: list[str]
    policy: str


class RouteShown(_Told):
    name: str
    channel: str


class CycleShown(Cycle):
    bant: dict[Criterion, Answer]


class ConsentShown(_Told):
    """Whether somebody has opted out or in, since when (UTC), and who said so."""

    state: State
    at: datetime
    source: str


class LeadShown(_Told):
    """A lead with its score of now, its cycles (newest first) and its history (oldest first); times are UTC."""

    id: int
    email: str | None
    name: str | None
    company: str | None
    title: str | None
    phone: str | None
    country: str | None
    industry: str | None
    employees: int | None
    revenue: Annotated[int | None, Field(description="a year, in whole units of the company's currency")]
    website: str | None
    campaign: str | None
    account: str | None
    free_mail: bool | None
    attributes: dict[str, Any]
    source: str
    consent: ConsentShown | None
    names: list[str]
    stage: Stage
    first_seen_at: datetime
    score: ScoreShown
    route: RouteShown
    cycles: list[CycleShown]
    history: list[Move]


class Health(_Told):
    """`status` is “ok”, or what is not, in a sentence; `late` what waits for too long, which no restart would mend."""

    status: str
    late: str | None = None
