"""What people filled in, read from a submitted view."""

from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import get_currency_precision

from bot.slack import ids
from bot.slack.payloads import Malformed
from bot.usecases.qualify_lead import Decision
from funnel.bant import Answer, Criterion, Status
from funnel.errors import FunnelError
from funnel.lifecycle import Stage
from funnel.policy import Policy

MORNING = time(9)
"""When a day that somebody chose begins."""


class FieldErrors(FunnelError):
    """Some fields need another look; `errors` holds a sentence by block id."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


def value_of(view: dict[str, Any], block_id: str) -> str:
    """The text, choice, date or time of a field; "" when it is empty or not there."""
    element = _element(view, block_id)
    choice = element.get("selected_option") or {}
    found = element.get("value") or element.get("selected_date") or element.get("selected_time") or choice.get("value")
    return str(found or "").strip()


def chosen_user(view: dict[str, Any], block_id: str) -> str:
    """The user id picked in a field."""
    return str(_element(view, block_id).get("selected_user") or "")


def _element(view: dict[str, Any], block_id: str) -> dict[str, Any]:
    """What is filled into the one element of a block."""
    filled: dict[str, dict[str, Any]] = view["state"]["values"].get(block_id) or {}
    return next(iter(filled.values()), {})


def date_of(view: dict[str, Any], block_id: str) -> date | None:
    """The day picked in a field; None when there is none.

    Raises:
        Malformed: it is no day.
    """
    picked = value_of(view, block_id)
    try:
        return date.fromisoformat(picked) if picked else None
    except ValueError:
        raise Malformed(f"{block_id} is no day") from None


def checked(view: dict[str, Any], block_id: str) -> list[str]:
    """The values of the ticked boxes of a field."""
    return [option["value"] for option in _element(view, block_id).get("selected_options") or []]


def read_answers(view: dict[str, Any]) -> list[Answer]:
    """The four BANT answers as they stand in the modal.

    Raises:
        FieldErrors: an amount or a date that cannot be.
    """
    return [_answer(view, criterion) for criterion in Criterion]


def _answer(view: dict[str, Any], criterion: Criterion) -> Answer:
    name = criterion.value
    answer = Answer(criterion=criterion, status=_status(value_of(view, name)))
    match criterion:
        case Criterion.BUDGET:
            return answer.model_copy(update=_money(view))
        case Criterion.TIMELINE:
            return answer.model_copy(update={"due": date_of(view, "timeline_due")})
    return answer.model_copy(update={"detail": value_of(view, f"{name}_detail")})


def _status(chosen: str) -> Status:
    try:
        return Status(chosen or Status.UNKNOWN)
    except ValueError:
        raise Malformed("a criterion has no such status") from None


def _money(view: dict[str, Any]) -> dict[str, Any]:
    typed = value_of(view, "budget_amount")
    if not typed:
        return {}
    currency = value_of(view, "budget_currency") or "EUR"
    try:
        minor = Decimal(typed).scaleb(get_currency_precision(currency))
        if not 0 <= minor < 10**15:
            raise InvalidOperation
    except ArithmeticError as error:
        raise FieldErrors(
            {"budget_amount": "Write the amount as a number from zero up, like 20000 or 1999.50."}
        ) from error
    return {"amount_minor": int(minor), "currency": currency}


def read_decision(view: dict[str, Any], policy: Policy, now: datetime, zone: tzinfo) -> Decision:
    """The outcome chosen in the modal, with its reason and wake-up time (09:00 of that day in `zone`).

    Raises:
        FieldErrors: a reason or a date is missing or cannot be.
    """
    match value_of(view, ids.OUTCOME):
        case ids.OUTCOME_SQL:
            return Decision(stage=Stage.SQL)
        case ids.OUTCOME_RECYCLED:
            return Decision(
                stage=Stage.RECYCLED,
                reason=read_reason(view, "recycled"),
                wake_at=_wake_at(date_of(view, ids.WAKE_ON), policy, now, zone),
            )
        case ids.OUTCOME_DISQUALIFIED:
            return Decision(stage=Stage.DISQUALIFIED, reason=read_reason(view, "disqualified"))
    return Decision()


def read_reason(view: dict[str, Any], kind: str) -> str:
    """The chosen reason, or the text that stands for "Other".

    Raises:
        FieldErrors: nothing is chosen, or "Other" has no text.
    """
    reason, other = value_of(view, f"{ids.REASON}:{kind}"), value_of(view, f"{ids.OTHER_REASON}:{kind}")
    if not reason:
        raise FieldErrors({f"{ids.REASON}:{kind}": "Choose a reason."})
    if reason != ids.OTHER:
        return reason
    if not other:
        raise FieldErrors({f"{ids.OTHER_REASON}:{kind}": "Say in a few words what the other reason is."})
    return other


def _wake_at(day: date | None, policy: Policy, now: datetime, zone: tzinfo) -> datetime:
    if day is None:
        raise FieldErrors({ids.WAKE_ON: "Choose the day on which this lead comes back."})
    today = now.astimezone(zone).date()
    if day <= today:
        raise FieldErrors({ids.WAKE_ON: "Choose a day after today."})
    latest = today + policy.recycle.longest
    if day > latest:
        raise FieldErrors({ids.WAKE_ON: f"Choose a day not later than {latest:%-d %B %Y}."})
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def zone_or(name: str | None, other: tzinfo) -> tzinfo:
    """The time zone of this name; `other` when there is none."""
    try:
        return ZoneInfo(name or "")
    except (ValueError, ZoneInfoNotFoundError):
        return other
