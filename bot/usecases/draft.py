"""Leads, engagements and stages as they are handed in at any door: checked field by field, and made drafts."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    WithJsonSchema,
    model_validator,
)

from bot.usecases.address import normal_email
from bot.usecases.consent import stated
from bot.usecases.damaged import DAMAGED_ID, DAMAGED_PHONE, NO_ID, is_damaged, remark_on
from bot.usecases.normal import account_of, is_free_mail, normal_country, normal_phone
from bot.usecases.record_engagements import Seen
from funnel.lead import EMAIL, FACTS, Draft, Engagement, Facts
from funnel.lifecycle import Stage
from funnel.text import visible_data, visible_line

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
SKEW = timedelta(minutes=10)
"""How far a sender's clock may be ahead of ours."""
LARGEST_ID = 2**31 - 1
"""An id has 32 bits in PostgreSQL, which refuses to look for a larger one."""


def _count(value: Any) -> Any:
    """A yes is no number, though Python counts it as 1."""
    if isinstance(value, bool):
        raise ValueError("must be a whole number")
    return value


def _written(value: Any) -> Any:
    """A bare number is no moment: nobody says whether it counts seconds or milliseconds."""
    if isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise ValueError("must be a date and a time like 2026-11-22T09:30:00+01:00, not a number")
    return value


_NUMBER = re.compile(r"[-+]?[\d.]+")


def _possible(at: datetime | None) -> datetime | None:
    if at is not None and at < EARLIEST:
        raise ValueError(f"{at:%Y-%m-%d} is before 1970")
    return at


def _clean(value: Any) -> Any:
    """JSON without the NUL character, which no database text can hold, and without numbers that JSON cannot write."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, float) and not isfinite(value):  # 1e400 is JSON, and read it is infinite
        raise ValueError("holds a number that is too large")
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value


_SAID = {"type": ["string", "integer"], "pattern": r"[^\s\x00]"}
"""JSON Schema for what is more than blanks."""


def _says_one(*ways: str) -> dict[str, Any]:
    """JSON Schema for an object that says everything one of these ways names."""
    named = [way.split() for way in ways]
    return {"anyOf": [{"required": names, "properties": dict.fromkeys(names, _SAID)} for names in named]}


Word = Annotated[str, Field(max_length=100)] | None
Line = Annotated[str, Field(max_length=500)] | None
Email = Annotated[str, Field(max_length=320, json_schema_extra={"format": "email"}), AfterValidator(normal_email)]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_written),
    AfterValidator(_possible),
    Field(description="ISO 8601 with a UTC offset, like 2026-11-22T09:30:00+01:00"),
]


def _whole(least: int, most: int, digits: str) -> WithJsonSchema:
    """JSON Schema for a number, which may also come as a text, as forms and spreadsheets send it; "" is not known."""
    number = {"type": "integer", "minimum": least, "maximum": most}
    return WithJsonSchema({"anyOf": [number, {"type": "string", "pattern": digits}, {"type": "null"}]})


Whole = Annotated[
    Annotated[int, Field(ge=0, le=10**15)] | None, BeforeValidator(_count), _whole(0, 10**15, "^[0-9]{0,15}$")
]
LeadId = Annotated[
    Annotated[int, Field(ge=1, le=LARGEST_ID)] | None,
    BeforeValidator(_count),
    _whole(1, LARGEST_ID, "^([1-9][0-9]{0,8})?$"),
]
Json = Annotated[dict[str, Any], BeforeValidator(_clean)]

_SOMEBODY = _says_one("email", "external_id")
_SOMEBODY_KNOWN = _says_one("lead_id", "email", "external_id source", "external_id system")


class _HandedIn(BaseModel):
    """What somebody else's program says: its texts lose their margins and what no database can store.

    Done for all fields at once, before they are checked: a call for each would cost more than the check.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    _texts: ClassVar[dict[str, str | None]]
    """The fields that are texts, and what each is when it is blank."""

    @model_validator(mode="before")
    @classmethod
    def _tidy(cls, said: Any) -> Any:
        if not isinstance(said, dict):
            return said
        texts = cls._texts
        return {
            name: (value.replace("\x00", "").strip() or texts[name])
            if isinstance(value, str) and name in texts
            else value
            for name, value in said.items()
        }


_ATTRIBUTES = (
    "Whatever else is known. `unsubscribed`, or what other systems call it, is an opt-out if it is true; nothing but "
    "an engagement of the person itself (`opt_in`) lifts one"
)


class LeadIn(_HandedIn):
    """A lead. Known by its `email`, or by its `external_id` in `system` (the source, unless said otherwise)."""

    model_config = ConfigDict(json_schema_extra=_SOMEBODY)
    _texts: ClassVar[dict[str, str | None]] = dict.fromkeys([*FACTS, "system", "external_id"]) | {"source": ""}

    source: Annotated[str, Field(max_length=100, description="Without it, the source the key was made for")] = ""
    system: Word = None
    external_id: Line = None
    email: Email | None = None
    name: Line = None
    company: Line = None
    title: Line = None
    phone: Word = None
    country: Word = None
    industry: Line = None
    employees: Whole = None
    revenue: Whole = None
    website: Line = None
    campaign: Line = None
    occurred_at: Moment | None = None
    stage: Stage | None = None
    attributes: Annotated[Json, Field(description=_ATTRIBUTES)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        check_somebody(self.email, self.external_id, self.system or self.source)
        return self


class EngagementIn(_HandedIn):
    """Something a lead did. Whose it is: `lead_id`, `email`, or `external_id` with its `source` or `system`."""

    model_config = ConfigDict(json_schema_extra=_SOMEBODY_KNOWN)
    _texts: ClassVar[dict[str, str | None]] = dict.fromkeys(
        ["lead_id", "email", "external_id", "source", "system", "kind", "event_id"]
    )

    lead_id: LeadId = None
    email: Email | None = None
    external_id: Line = None
    source: Word = None
    system: Word = None
    kind: Annotated[str, Field(max_length=100, json_schema_extra={"pattern": _SAID["pattern"]})]
    occurred_at: Moment | None = None
    event_id: Line = None
    properties: Json = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_of_somebody(self) -> Self:
        by_external_id = self.external_id and (self.source or self.system)
        if not (self.lead_id or self.email) and is_damaged(self.external_id):
            raise ValueError(NO_ID)
        if not (self.lead_id or self.email or by_external_id):
            raise ValueError("needs an email, a lead_id, or an external_id with its source")
        return self


class StageIn(_HandedIn):
    """What a CRM reports; `lost` ends the cycle."""

    _texts: ClassVar[dict[str, str | None]] = {"reason": None}

    stage: Literal["opportunity", "customer", "evangelist", "lost"]
    occurred_at: Moment | None = None
    reason: Line = None


def check_of(field: str) -> Callable[[list[Any]], list[Any]]:
    """LeadIn's check of one field, for many leads at once: their values from what they say, None for nothing.

    What they say has no margins. It raises pydantic's ValidationError.
    """
    told = LeadIn.model_fields[field]
    one: Any = Annotated[told.annotation, told] | None
    return TypeAdapter(list[one]).validate_python


def check_somebody(email: str | None, external_id: str | None, where_from: str | None) -> None:
    """Let pass a lead that can be known again; `where_from` is its system or its source.

    Raises:
        ValueError: with the sentence for the sender.
    """
    if email is None and _seen(external_id) is None:  # an id of characters that nobody sees is none
        raise ValueError("needs an email or an external_id, so that the person is known again")
    if email is None and is_damaged(external_id):
        raise ValueError(NO_ID)
    if not _seen(where_from):
        raise ValueError("needs a source")
    if where_from == EMAIL:
        raise ValueError(f"“{EMAIL}” is no name of a source or a system")


def check_not_future(at: datetime | None, now: datetime) -> None:
    """Let pass what can have happened by `now`.

    Raises:
        ValueError: with the sentence for the sender.
    """
    if at is not None and at > now + SKEW:
        raise ValueError(f"{at.isoformat()} is in the future")


def to_draft(lead: LeadIn, now: datetime) -> Draft:
    """The draft of a checked lead; without a date of its own it happened now."""
    facts = facts_of(lead.attributes, *(getattr(lead, name) for name in FACTS))
    return draft_of(facts, now, lead.source, lead.system, lead.external_id, lead.occurred_at, lead.stage)


def draft_of(
    facts: Facts,
    now: datetime,
    source: str | None,
    system: str | None,
    external_id: str | None,
    at: datetime | None,
    stage: Stage | None,
    is_guess: bool = False,
) -> Draft:
    """The draft of checked values; without a date of its own it happened `now`."""
    when = min(at.astimezone(UTC), now) if at else now
    source, system, external_id = _seen(source) or "", _seen(system), _seen(external_id)
    stage = None if stage is Stage.RAW else stage
    if external_id and is_damaged(external_id):
        facts = facts._replace(attributes=facts.attributes | {DAMAGED_ID: external_id})
        external_id = None
    attributes, consent = stated(facts.attributes, when, now, source or system or "")
    if attributes is not facts.attributes:
        facts = facts._replace(attributes=attributes)
    system, dated, remark = system or source, at is not None, remark_on(facts.attributes) if facts.attributes else ""
    return Draft(source, system, facts, when, external_id, stage, dated, is_guess, consent, remark)


def facts_of(attributes: dict[str, Any], *named: Any) -> Facts:
    """Checked values of all FACTS, in their order, brought into their normal forms, and what follows from them."""
    email, name, company, title, phone, country, *between, website, campaign = map(_seen, named)
    country = normal_country(country) if country else None
    if phone and is_damaged(phone):
        attributes, phone = attributes | {DAMAGED_PHONE: phone}, None
    phone = normal_phone(phone, country) if phone else None
    found = (account_of(email, website), is_free_mail(email.rpartition("@")[2]) if email else None)
    kept = visible_data(attributes) if attributes else attributes
    return Facts._make((email, name, company, title, phone, country, *between, website, campaign, *found, kept))


def _seen(value: Any) -> Any:
    """A text as it can be seen, on one line; None when there is nothing to see."""
    return visible_line(value) or None if isinstance(value, str) and not value.isprintable() else value


def to_seen(engagement: EngagementIn, now: datetime) -> Seen:
    """The engagement as a use case takes it; without a date of its own it happened now."""
    at = engagement.occurred_at
    event = Engagement(
        kind=visible_line(engagement.kind),
        occurred_at=min(at.astimezone(UTC), now) if at else now,
        properties=visible_data(engagement.properties),
        event_id=engagement.event_id,
    )
    return Seen(
        event=event,
        lead_id=engagement.lead_id,
        email=engagement.email,
        system=_seen(engagement.system or engagement.source),
        external_id=None if is_damaged(engagement.external_id) else _seen(engagement.external_id),
    )
