"""A cycle: one episode of a lead from MQL to its outcome, and the card that shows it."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from funnel.bant import Answers
from funnel.lead import Facts, Lead, Subject
from funnel.lifecycle import OUTCOMES, Stage
from funnel.policy import Policy
from funnel.routing import choose_route
from funnel.scoring import Assessment, Reason

BATON = "baton"
"""The actor of what nobody did by hand."""
DUPLICATE = "Duplicate"
"""The reason with which the lesser of two open cycles of one person ends."""


class Cycle(BaseModel):
    """One episode. Score, reasons and policy version are those of the moment it became an MQL; times are UTC.

    `claim_climbed` and `outcome_climbed` are the working seconds of the last step taken of each ladder, 0 for none;
    `climbed_at` is when the last of both was.
    """

    model_config = ConfigDict(frozen=True)

    id: int
    lead_id: int
    number: int
    stage: Stage
    source: str
    route: str
    channel: str
    score: float
    because: str
    reasons: list[Reason]
    policy_version: str
    announced: bool
    owner: str | None = None
    mql_at: datetime
    accepted_at: datetime | None = None
    sql_at: datetime | None = None
    opportunity_at: datetime | None = None
    customer_at: datetime | None = None
    evangelist_at: datetime | None = None
    closed_at: datetime | None = None
    outcome_reason: str | None = None
    wake_at: datetime | None = None
    offered_at: datetime | None = None
    owned_at: datetime | None = None
    attempted_at: datetime | None = None
    claim_climbed: int = 0
    outcome_climbed: int = 0
    climbed_at: datetime | None = None
    look_at: datetime | None = None

    def offered(self, now: datetime) -> "Cycle":
        """This cycle as it is once it is news, and offered to all."""
        return self.model_copy(update={"announced": True, "offered_at": now, "look_at": now})

    @property
    def clocks(self) -> dict[str, Any]:
        """Its stage, when it was offered and taken, and how far its ladders are climbed, as plain data."""
        kept = {"stage", "offered_at", "owned_at", "accepted_at", "claim_climbed", "outcome_climbed", "climbed_at"}
        return self.model_dump(mode="json", include=kept)

    @property
    def reached_at(self) -> datetime:
        """The newest day at which it went on along the way."""
        days = (self.accepted_at, self.sql_at, self.opportunity_at, self.customer_at, self.evangelist_at)
        return max(filter(None, days), default=self.mql_at)

    @property
    def was_given(self) -> bool:
        """Whether it had an owner from the first moment on, so that nobody had to claim it."""
        return self.accepted_at is not None and self.accepted_at == self.offered_at

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something: not ended at the side, and not won."""
        return self.stage not in OUTCOMES and self.stage not in {Stage.CUSTOMER, Stage.EVANGELIST}


class Card(BaseModel):
    """All a message about a cycle shows: the lead, the episode, the latest BANT answers, the last note."""

    model_config = ConfigDict(frozen=True)

    lead: Lead
    cycle: Cycle
    answers: Answers
    note: str = ""
    decided_by: str | None = None
    place_in_account: int = 0
    """1 for the first lead of its company, 2 for the second; 0 when it is not known."""
    colleague: str | None = None
    """The user id of who owns the first other lead of the same company."""
    alike: list[Lead] = []
    """Leads that may be the same person."""
    deadline: datetime | None = None
    """Until when it may wait for what it waits for (UTC); None when nothing was promised."""
    is_blind: bool = False
    """Whether who it is stays hidden until somebody owns it; `lead` holds nothing that tells it then."""


def blinded(lead: Lead, cycle: Cycle) -> tuple[Lead, Cycle]:
    """What may be seen of a lead before somebody owns it: what kind of person it is, not who."""
    told = {name: getattr(lead.facts, name) for name in ("title", "country", "industry", "employees", "revenue")}
    reasons = [reason.model_copy(update={"detail": ""}) for reason in cycle.reasons]
    return lead.model_copy(update={"facts": Facts(**told)}), cycle.model_copy(update={"reasons": reasons})


class Move(BaseModel):
    """A line of a lead's history. `at` is when it happened, `recorded_at` when Baton learned of it (UTC).

    `report_id` is the report of another system that makes it; None for what happened here.
    """

    model_config = ConfigDict(frozen=True)

    id: int
    lead_id: int
    cycle_id: int | None
    old: Stage
    new: Stage
    at: datetime
    recorded_at: datetime
    actor: str
    reason: str = ""
    note: str = ""
    policy_version: str = ""
    report_id: int | None = None


def open_cycle(
    cycle_id: int,
    number: int,
    lead_id: int,
    subject: Subject,
    stage: Stage,
    at: datetime,
    found: Assessment,
    policy: Policy,
) -> Cycle:
    """A new episode of a lead that reached `stage` at `at`, with the score frozen and the route chosen."""
    route = choose_route(subject, found.score, policy)
    milestone = {} if stage in OUTCOMES else {f"{stage.value}_at": at}
    return Cycle(
        id=cycle_id,
        lead_id=lead_id,
        number=number,
        stage=stage,
        source=subject.source,
        route=route.name,
        channel=route.channel,
        score=found.score,
        because=found.because,
        reasons=found.reasons,
        policy_version=policy.stamp,
        announced=False,
        closed_at=at if stage in OUTCOMES else None,
        **({"mql_at": at} | milestone),
    )


def is_news(last_activity: datetime, policy: Policy, now: datetime) -> bool:
    """Whether what happened at `last_activity` is recent enough to be told a channel."""
    return now - last_activity <= policy.announce.within
