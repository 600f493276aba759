"""What is no mistake in a policy, and probably not meant."""

from collections.abc import Iterator

from bot.usecases.normal import normal_country
from funnel.conditions import Condition
from funnel.policy import Policy


def policy_remarks(policy: Policy) -> list[str]:
    """A sentence for each oddity, with its key path."""
    return [*_countries(policy), *_unreachable_routes(policy)]


def _countries(policy: Policy) -> Iterator[str]:
    """Countries are stored by one name each; a condition that asks for another meets nobody."""
    for path, condition in _conditions(policy):
        if condition.field != "country":
            continue
        asked = [*(condition.one_of or []), *([condition.equals] if isinstance(condition.equals, str) else [])]
        for name in asked:
            if normal_country(name) != name:
                yield f"{path}: “{name}” is stored as “{normal_country(name)}”; write that"


def _conditions(policy: Policy) -> Iterator[tuple[str, Condition]]:
    for kind in ("fit", "segment", "exclude", "route"):
        for place, rule in enumerate(getattr(policy, kind)):
            for number, condition in enumerate(rule.when):
                yield f"{kind}[{place}].when[{number}]", condition


def _unreachable_routes(policy: Policy) -> Iterator[str]:
    for place, route in enumerate(policy.route[:-1]):
        if not route.when:
            yield f"route[{place}]: “{route.name}” takes everybody, so the routes after it get nobody"
            return
