"""BANT: budget, authority, need, timeline, and when they make an SQL."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Criterion(StrEnum):
    BUDGET = "budget"
    AUTHORITY = "authority"
    NEED = "need"
    TIMELINE = "timeline"


class Status(StrEnum):
    CONFIRMED = "confirmed"
    PARTIAL = "partial"
    NO = "no"
    UNKNOWN = "unknown"


class Answer(BaseModel):
    """What is known of one criterion. Money is in minor units of `currency` (ISO 4217)."""

    model_config = ConfigDict(frozen=True)

    criterion: Criterion
    status: Status = Status.UNKNOWN
    detail: str = ""
    amount_minor: int | None = None
    currency: str | None = None
    due: date | None = None
    actor: str | None = None
    at: datetime | None = None

    def says_same(self, other: "Answer") -> bool:
        """Whether both tell the same facts, whoever logged them and when."""
        return self._facts() == other._facts()

    def _facts(self) -> tuple[object, ...]:
        return (self.criterion, self.status, self.detail, self.amount_minor, self.currency, self.due)


Answers = dict[Criterion, Answer]


class SqlGate(BaseModel):
    """What an SQL needs: every criterion of `must` confirmed, and `at_least` of the four confirmed or partial."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    must: list[Criterion] = [Criterion.NEED]
    at_least: int = Field(default=3, ge=0, le=4)


def latest(answers: list[Answer]) -> Answers:
    """The four criteria with the last answer of each; a criterion nobody logged is unknown.

    Args:
        answers: oldest first.
    """
    known = {answer.criterion: answer for answer in answers}
    return {criterion: known.get(criterion, Answer(criterion=criterion)) for criterion in Criterion}


def missing_for_sql(answers: Answers, gate: SqlGate) -> dict[Criterion, str]:
    """What stands between these answers and an SQL: a sentence for each criterion; empty when nothing does."""
    missing = {
        criterion: f"{criterion.value.capitalize()} must be confirmed before this is an SQL."
        for criterion in gate.must
        if answers[criterion].status is not Status.CONFIRMED
    }
    good = sum(answer.status in {Status.CONFIRMED, Status.PARTIAL} for answer in answers.values())
    for criterion, answer in answers.items():
        if good < gate.at_least and answer.status in {Status.NO, Status.UNKNOWN}:
            missing.setdefault(criterion, f"An SQL needs {gate.at_least} of 4 confirmed or partial; there are {good}.")
    return missing
