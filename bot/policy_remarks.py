"""What is no mistake in a policy, and probably not meant."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.usecases.normal import normal_country
from funnel.conditions import Among, Condition, as_number
from funnel.policy import Policy

_YES_OR_NO = ("free_mail", "account_is_customer")
_NUMBERS = ("employees", "revenue", "score")


def policy_remarks(policy: Policy) -> list[str]:
    """A sentence for each oddity, with its key path."""
    asked = [
        f"{path}: {remark}"
        for path, condition in _conditions(policy)
        for text in _texts(condition)
        if (remark := _remark(condition.field, text))
    ]
    return [*asked, *_unreachable_routes(policy)]


def _conditions(policy: Policy) -> Iterator[tuple[str, Condition]]:
    """Every condition on a lead, with its key path."""
    for kind in ("fit", "segment", "exclude", "route"):
        yield from _of_rules(kind, getattr(policy, kind))
    yield from _of_rules("mql.hand_raise", policy.mql.hand_raise)


def _of_rules(path: str, rules: Sequence[Any]) -> Iterator[tuple[str, Condition]]:
    for place, rule in enumerate(rules):
        for number, condition in enumerate(rule.when):
            yield f"{path}[{place}].when[{number}]", condition


def _texts(condition: Condition) -> list[str]:
    """The texts that a condition asks for."""
    return [*(condition.one_of or []), *([condition.equals] if isinstance(condition.equals, str) else [])]


def _remark(field: str, text: str) -> str:
    """Why a text meets nobody, though it may be written; "" when it can.

    Countries are stored by one name each, and some fields hold no texts at all.
    """
    if field == "country" and (name := normal_country(text)).casefold() != text.casefold():
        return f"“{text}” is stored as “{name}”; write that"
    if field in _YES_OR_NO and not any(map(Among([text]), (True, False))):
        return f"{field} is yes or no, never “{text}”"
    if field in _NUMBERS and as_number(text) is None:
        return f"{field} is a number, never “{text}”"
    return ""


def _unreachable_routes(policy: Policy) -> Iterator[str]:
    for place, route in enumerate(policy.route[:-1]):
        if not route.when:
            yield f"route[{place}]: “{route.name}” takes everybody, so the routes after it get nobody"
            return
