"""A lead: who somebody is, where they came from, and what they did."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SkipValidation

from funnel.consent import UNSUBSCRIBED, Consent, State
from funnel.lifecycle import Stage

FACTS = (
    "email",
    "name",
    "company",
    "title",
    "phone",
    "country",
    "industry",
    "employees",
    "revenue",
    "website",
    "campaign",
)
"""The named fields of a lead; everything else is an attribute."""

DERIVED = ("account", "free_mail")
"""What is found from the named fields when a lead comes in."""


class Facts(NamedTuple):
    """What is known of a person and their company: the named fields, in order, what is derived, and attributes.

    Absent is None, never an empty text. `revenue` is a year's, in whole units of the company's currency. `account` is
    the company's registrable domain, by which its people are known as colleagues; `free_mail` says that the e-mail
    address is of a provider anybody can use. Both follow from the other facts and are found at the doors.
    """

    email: str | None = None
    name: str | None = None
    company: str | None = None
    title: str | None = None
    phone: str | None = None
    country: str | None = None
    industry: str | None = None
    employees: int | None = None
    revenue: int | None = None
    website: str | None = None
    campaign: str | None = None
    account: str | None = None
    free_mail: bool | None = None
    attributes: dict[str, Any] = {}  # noqa: RUF012  no fact is changed in place

    @property
    def domain(self) -> str | None:
        """The part of the e-mail address after the @, in lower case."""
        return _domain(self.email)

    def value(self, field: str) -> Any:
        """The value of a named field, of `domain`, or of `attributes.NAME`; None when it is not known."""
        if field.startswith("attributes."):
            return self.attributes.get(field.removeprefix("attributes."))
        return getattr(self, field) if field in _ASKED else None

    def known(self) -> dict[str, Any]:
        """The named and derived fields that are known, by name, in their order."""
        told = zip((*FACTS, *DERIVED), self, strict=False)
        return {name: value for name, value in told if value is not None}

    def filled_from(self, newer: "Facts") -> "Facts":
        """These facts with their gaps filled from newer ones; what is known already stays."""
        told = {name: value for name, value in self.attributes.items() if value is not None}
        return Facts(**newer.known() | self.known(), attributes=newer.attributes | told)


_ASKED = {*FACTS, *DERIVED, "domain", "attributes"}


class Subject(NamedTuple):
    """What conditions are held against: the facts of a lead, where it came from, and whom its company is to us."""

    facts: Facts
    source: str = ""
    account_is_customer: bool = False

    def value(self, field: str) -> Any:
        """The value of a field the policy may name; None when it is not known."""
        return self.lookup()(field)

    def lookup(self) -> Callable[[str], Any]:
        """`value`, made ready to be asked often."""
        return lookup(self.facts._asdict(), self.source, account_is_customer=self.account_is_customer)


def lookup(facts: Mapping[str, Any], source: str, *, account_is_customer: bool) -> Callable[[str], Any]:
    """What returns the value of any field the policy may name, None when it is not known; from bare facts."""
    known = {**facts, "source": source, "account_is_customer": account_is_customer, "domain": _domain(facts["email"])}
    if attributes := facts["attributes"]:
        known |= {f"attributes.{name}": value for name, value in attributes.items()}
    return known.get


def _domain(email: str | None) -> str | None:
    return email.rpartition("@")[2].lower() if email else None


class Draft(NamedTuple):
    """A lead as it was handed in, checked, before it has an identity here.

    `system` and `external_id` name the same person in the system they came from; where the id is a guess, an e-mail
    address knows better. A draft with a `stage` reports history: the lead reached that stage at `occurred_at`, which is
    the day the draft came in if it has none of its own. `consent` is the opt-out it tells of, `remark` a
    sentence on something odd about it.
    """

    source: str
    system: str
    facts: Facts
    occurred_at: datetime
    external_id: str | None = None
    stage: Stage | None = None
    is_dated: bool = True
    is_guess: bool = False
    consent: Consent | None = None
    remark: str = ""

    def as_lead(self, lead_id: int) -> "Lead":
        """The lead that a first draft makes."""
        state, at, source = self.consent or (None, None, None)
        return Lead(
            id=lead_id,
            facts=self.facts,
            source=self.source,
            stage=Stage.RAW,
            first_seen_at=self.occurred_at,
            last_activity_at=self.occurred_at,
            consent=state,
            consent_at=at,
            consent_source=source,
        )


EMAIL = "@"
"""The namespace of identities by e-mail address; no source system can have this name."""


class Engagement(BaseModel):
    """One thing a lead did: a form sent, a page seen, a mail opened."""

    model_config = ConfigDict(frozen=True)

    kind: str
    occurred_at: datetime
    properties: dict[str, Any] = Field(default_factory=dict)
    event_id: str | None = None


class Lead(BaseModel):
    """A stored lead. `first_seen_at` is the day of its first trace (UTC) and, like `source`, never changes.

    `filled` says since when a fact is known (UTC), by the name of its field, if not from the first day. `consent` is
    what counts of all that was said of consent, with its day (UTC) and who said so; None when nothing was.
    """

    model_config = ConfigDict(frozen=True)

    id: int
    facts: SkipValidation[Facts]
    source: str
    stage: Stage
    first_seen_at: datetime
    last_activity_at: datetime
    filled: dict[str, datetime] = Field(default_factory=dict)
    fit: float = 0.0
    behaviour: float = 0.0
    scored_at: datetime | None = None
    wake_at: datetime | None = None
    prospect_at: datetime | None = None
    scored_under: str | None = None
    hot_until: datetime | None = None
    consent: State | None = None
    consent_at: datetime | None = None
    consent_source: str | None = None

    @property
    def statement(self) -> Consent | None:
        """The statement on consent that counts; an attribute that says unsubscribed is one, too."""
        if self.consent and self.consent_at:
            return Consent(self.consent, self.consent_at, self.consent_source or "")
        if self.facts.attributes.get(UNSUBSCRIBED) is not True:
            return None
        return Consent("opted_out", self.filled.get(f"attributes.{UNSUBSCRIBED}", self.first_seen_at), self.source)

    @property
    def label(self) -> str:
        """The shortest text a colleague would recognise this lead by; foreign text, to be escaped."""
        return self.facts.name or self.facts.email or f"lead {self.id}"
