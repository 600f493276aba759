"""Who is the same person: what a lead learns from a newer draft, and what two leads are when they are one.

Of two values of a named field the one that was known first stays; of two of an attribute the one that was told last,
for attributes are how things stand (a plan, a message). Consent is neither: of two statements the younger counts, and
an opt-out is lifted by nothing but the person's own opt-in. All whatever the order in which they came: so merging is
associative and commutative.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from funnel.consent import UNSUBSCRIBED, Consent, strictest
from funnel.lead import Draft, Facts, Lead

_ATTRIBUTE = "attributes."
_SOURCE = "source"
_UNSUBSCRIBED = f"{_ATTRIBUTE}{UNSUBSCRIBED}"


def learned(lead: Lead, newer: Facts, at: datetime, *, is_dated: bool = True, consent: Consent | None = None) -> Lead:
    """A lead with its gaps filled, and its attributes replaced, by facts that were told at `at`.

    What is told again counts from then on, so that an older word that comes later changes nothing; but not if nobody
    said on which day it was so, for then a list that is read again would say it anew each time. `consent` is the
    opt-out that was told with them; without one, `unsubscribed` among the attributes lifts none.
    """
    if consent is None and newer.attributes.get(UNSUBSCRIBED) is True:
        consent = Consent("opted_out", at, lead.source)
    if consent:
        newer = newer._replace(
            attributes={name: value for name, value in newer.attributes.items() if name != UNSUBSCRIBED}
        )
    is_news = is_dated or (consent is not None and consent.at != at)
    return with_consent(_with_facts(lead, newer, at, is_dated=is_dated), consent, is_dated=is_news)


def with_consent(lead: Lead, told: Consent | None, *, is_dated: bool = True) -> Lead:
    """A lead of whom something was said of consent; without a day of its own, the same said again is nothing new."""
    before = lead.statement
    is_again = told is not None and before is not None and before.state == told.state and not is_dated
    return lead if is_again else _agreed(lead, strictest((before, told)))


def _agreed(lead: Lead, consent: Consent | None) -> Lead:
    """A lead with this statement on consent, which policies read in its attributes."""
    if consent is None or (consent == lead.statement and lead.consent):
        return lead
    attributes = lead.facts.attributes | {UNSUBSCRIBED: consent.is_out}
    filled = {name: at for name, at in lead.filled.items() if name != _UNSUBSCRIBED}
    if consent.at > lead.first_seen_at:
        filled[_UNSUBSCRIBED] = consent.at
    said = {"consent": consent.state, "consent_at": consent.at, "consent_source": consent.source}
    return lead.model_copy(update=said | {"facts": lead.facts._replace(attributes=attributes), "filled": filled})


def _with_facts(lead: Lead, newer: Facts, at: datetime, *, is_dated: bool) -> Lead:
    facts = lead.facts.filled_from(newer)
    told = {f"{_ATTRIBUTE}{name}": value for name, value in newer.attributes.items() if value is not None}
    told.pop(_UNSUBSCRIBED, None)
    news = {name for name, value in told.items() if value != lead.facts.value(name) and at >= _since(lead, name)}
    again = {name for name in told.keys() - news if is_dated and told[name] == lead.facts.value(name)}
    news |= {name for name in again if at > _since(lead, name)}
    attributes = facts.attributes | {name.removeprefix(_ATTRIBUTE): told[name] for name in news}
    facts = facts._replace(attributes=attributes)
    if facts == lead.facts and not news:
        return lead
    new = {name: at for name in (_names(facts) - _names(lead.facts)) | news if at > lead.first_seen_at}
    return lead.model_copy(update={"facts": facts, "filled": lead.filled | new})


def with_dated(lead: Lead, draft: Draft) -> Lead:
    """A lead with what a draft with a day of its own says of it.

    Whatever the order in which drafts come: the oldest gives the first day and the source, and of each fact the value
    stays that stays when two leads are merged.
    """
    whole = merged(lead, draft.as_lead(lead.id))
    names = (
        "facts",
        "filled",
        "first_seen_at",
        "source",
        "last_activity_at",
        "consent",
        "consent_at",
        "consent_source",
    )
    return lead.model_copy(update={name: getattr(whole, name) for name in names})


def merged(one: Lead, other: Lead) -> Lead:
    """Two leads as the one person they are: the older one's id and source, and of each fact the value that stays.

    Stage, score and wake-up date are the older lead's; what the history makes of them is for the caller. Of their
    statements on consent the one that counts for both counts.
    """
    older, younger = sorted((one, other), key=_age)
    source_since, source = _oldest_source(one, other)
    values: dict[str, Any] = {}
    filled: dict[str, datetime] = {_SOURCE: source_since} if source_since > older.first_seen_at else {}
    for name in sorted(_names(older.facts) | _names(younger.facts)):
        choose = max if name.startswith(_ATTRIBUTE) else min
        kept = choose(
            (fact for fact in (_fact(older, name), _fact(younger, name)) if fact.value is not None), key=_rank
        )
        values[name] = kept.value
        if kept.since > older.first_seen_at:
            filled[name] = kept.since
    attributes = {name.removeprefix(_ATTRIBUTE): value for name, value in values.items() if name.startswith(_ATTRIBUTE)}
    named = {name: value for name, value in values.items() if not name.startswith(_ATTRIBUTE)}
    one_person = older.model_copy(
        update={
            "facts": Facts(**named, attributes=attributes),
            "source": source,
            "filled": filled,
            "last_activity_at": max(one.last_activity_at, other.last_activity_at),
            "prospect_at": min(filter(None, (one.prospect_at, other.prospect_at)), default=None),
            "consent": None,
        }
    )
    return _agreed(one_person, strictest((one.statement, other.statement)))


def _oldest_source(one: Lead, other: Lead) -> tuple[datetime, str]:
    """The source that was known first, and since when; a blank one says nothing."""
    ranked = sorted((lead.source == "", _since(lead, _SOURCE), lead.id, lead.source) for lead in (one, other))
    _, since, _, source = ranked[0]
    return since, source


def oldest(leads: Iterable[Lead]) -> Lead:
    """The one that keeps its id and its source."""
    return min(leads, key=_age)


def _age(lead: Lead) -> tuple[datetime, int]:
    return lead.first_seen_at, lead.id


class _Fact(NamedTuple):
    """A value and since when it is known."""

    since: datetime
    value: Any


def _rank(fact: _Fact) -> tuple[datetime, str]:
    """Of two values of the same moment the lesser text comes first."""
    return fact.since, str(fact.value)


def _fact(lead: Lead, name: str) -> _Fact:
    return _Fact(_since(lead, name), lead.facts.value(name))


def _since(lead: Lead, name: str) -> datetime:
    """Since when a lead's value of a field is known."""
    return lead.filled.get(name, lead.first_seen_at)


def _names(facts: Facts) -> set[str]:
    """The fields that are known, attributes among them."""
    told = {f"{_ATTRIBUTE}{name}" for name, value in facts.attributes.items() if value is not None}
    return told | facts.known().keys()
