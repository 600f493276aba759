"""Conditions and spans of the policy in words."""

from collections.abc import Sequence
from datetime import timedelta

from funnel.conditions import Condition


def condition_text(condition: Condition) -> str:
    """What a condition asks for: “employees at least 50 and at most 5,000”."""
    tests = []
    if condition.present is not None:
        tests.append("is known" if condition.present else "is not known")
    if condition.equals is not None:
        tests.append(f"is {_value(condition.equals)}")
    if condition.one_of is not None:
        tests.append(f"is {'one of ' if len(condition.one_of) > 1 else ''}{', '.join(condition.one_of)}")
    if condition.at_least is not None:
        tests.append(f"is at least {condition.at_least:,.10g}")
    if condition.at_most is not None:
        tests.append(f"is at most {condition.at_most:,.10g}")
    if condition.matches is not None:
        tests.append(f"matches {condition.matches}")
    return f"{condition.field.removeprefix('attributes.')} {' and '.join(tests)}"


def _value(value: str | float | bool) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def conditions_text(conditions: Sequence[Condition]) -> str:
    """All conditions in one clause; “everybody” when there are none."""
    return " and ".join(condition_text(one) for one in conditions) or "everybody"


def span_text(span: timedelta) -> str:
    """A span as people say it: “14 days”, “36 hours”."""
    for name, unit in (("week", timedelta(weeks=1)), ("day", timedelta(days=1)), ("hour", timedelta(hours=1))):
        count = span / unit
        if count == int(count) and (name != "week" or count > 4):
            return f"{count:.0f} {name}{'' if count == 1 else 's'}"
    minutes = span / timedelta(minutes=1)
    return f"{minutes:g} minute{'' if minutes == 1 else 's'}"
