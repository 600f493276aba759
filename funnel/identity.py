"""Who is the same person: what a lead learns from a newer draft, and what two leads are when they are one.

Of two values of a fact the one that was known first stays, whatever the order in which they came: so merging is
associative and commutative, and a value that a lead learned late gives way to one its double had before.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from funnel.lead import DERIVED, FACTS, Facts, Lead

_ATTRIBUTE = "attributes."


def learned(lead: Lead, newer: Facts, at: datetime) -> Lead:
    """A lead with its gaps filled from facts that became known at `at`; what is known already stays."""
    facts = lead.facts.filled_from(newer)
    if facts == lead.facts:
        return lead
    new = {name: at for name in _names(facts) - _names(lead.facts) if at > lead.first_seen_at}
    return lead.model_copy(update={"facts": facts, "filled": lead.filled | new})


def merged(one: Lead, other: Lead) -> Lead:
    """Two leads as the one person they are: the older one's id and source, every fact as it was known first.

    Stage, score and wake-up date are the older lead's; what the history makes of them is for the caller.
    """
    older, younger = sorted((one, other), key=_age)
    values: dict[str, Any] = {}
    filled: dict[str, datetime] = {}
    for name in sorted(_names(older.facts) | _names(younger.facts)):
        first = min(fact for fact in (_fact(older, name), _fact(younger, name)) if fact.value is not None)
        values[name] = first.value
        if first.since > older.first_seen_at:
            filled[name] = first.since
    attributes = {name.removeprefix(_ATTRIBUTE): value for name, value in values.items() if name.startswith(_ATTRIBUTE)}
    named = {name: value for name, value in values.items() if not name.startswith(_ATTRIBUTE)}
    return older.model_copy(
        update={
            "facts": Facts(**named, attributes=attributes),
            "filled": filled,
            "last_activity_at": max(one.last_activity_at, other.last_activity_at),
            "prospect_at": min(filter(None, (one.prospect_at, other.prospect_at)), default=None),
        }
    )


def oldest(leads: Iterable[Lead]) -> Lead:
    """The one that keeps its id and its source."""
    return min(leads, key=_age)


def _age(lead: Lead) -> tuple[datetime, int]:
    return lead.first_seen_at, lead.id


class _Fact(NamedTuple):
    """A value and since when it is known; of two of the same moment the lesser text comes first."""

    since: datetime
    text: str
    value: Any

    def __lt__(self, other: tuple[Any, ...]) -> bool:
        return self[:2] < other[:2]


def _fact(lead: Lead, name: str) -> _Fact:
    value = lead.facts.value(name)
    return _Fact(lead.filled.get(name, lead.first_seen_at), str(value), value)


def _names(facts: Facts) -> set[str]:
    """The fields that are known, attributes among them."""
    told = {f"{_ATTRIBUTE}{name}" for name, value in facts.attributes.items() if value is not None}
    return told | {name for name in (*FACTS, *DERIVED) if getattr(facts, name) is not None}
