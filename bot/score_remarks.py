"""What is no mistake in the scoring rules of a policy, and probably not meant."""

import tomllib
from collections import deque
from collections.abc import Iterator
from math import inf
from typing import Any

from bot.policy_lines import Location
from bot.team_remarks import Remark
from funnel.policy import Policy
from funnel.rules import BehaviourRule

_NUMBERS = frozenset(
    {"points", "cap", "threshold", "fit_minimum", "behaviour_minimum", "fit_cap", "weight", "at_least", "at_most"}
)


def score_remarks(policy: Policy) -> Iterator[Remark]:
    """An oddity each, with where it stands."""
    yield from _yes_for_a_number(policy)
    yield from _fit_out_of_reach(policy)
    yield from _threshold_out_of_reach(policy)
    named = {rule.group for rule in policy.behaviour}
    for place, group in enumerate(policy.group):
        if group.name not in named:
            yield ("group", place), f"no rule is of the group “{group.name}”, so its cap holds for nothing"


def _yes_for_a_number(policy: Policy) -> Iterator[Remark]:
    """In the text alone: once it is read, true has become 1."""
    waiting: deque[tuple[Location, Any]] = deque([((), tomllib.loads(policy.text))])
    while waiting:
        place, value = waiting.popleft()
        if isinstance(value, dict):
            waiting += [((*place, key), one) for key, one in value.items()]
        elif isinstance(value, list):
            waiting += [((*place, number), one) for number, one in enumerate(value)]
        elif isinstance(value, bool) and place[-1] in _NUMBERS:
            yield place, f"{str(value).lower()} counts as {int(value)}; write the number"


def most_fit(policy: Policy) -> float:
    """The most points for who somebody is that anybody can have."""
    return min(policy.fit_cap, sum(rule.points for rule in policy.fit if rule.points > 0))


def _fit_out_of_reach(policy: Policy) -> Iterator[Remark]:
    most = most_fit(policy)
    asked: list[tuple[Location, float | None]] = [
        (("mql", "fit_minimum"), policy.mql.fit_minimum),
        (("prospect", "fit_minimum"), policy.prospect.fit_minimum),
        *((("segment", place, "fit_minimum"), one.fit_minimum) for place, one in enumerate(policy.segment)),
    ]
    for place, wanted in asked:
        if wanted is not None and wanted > most:
            yield place, f"nobody has {wanted:g} points for who they are: the fit rules give at most {most:g}"


def most_interest(policy: Policy) -> float:
    """The most points for what somebody did; infinite where any rule that counts has no bound."""
    groups = {group.name: group.cap for group in policy.group}
    sums: dict[str | None, float] = {}
    for rule in policy.behaviour:
        if rule.points > 0:
            sums[rule.group] = sums.get(rule.group, 0.0) + _most(rule)
    return sum(min(most, groups.get(name or "", inf)) for name, most in sums.items())


def _most(rule: BehaviourRule) -> float:
    bound = inf if rule.cap is None else rule.cap
    return min(bound, rule.points) if rule.at_most == "once ever" else bound


def _threshold_out_of_reach(policy: Policy) -> Iterator[Remark]:
    fit, interest = most_fit(policy), most_interest(policy)
    asked: list[tuple[Location, float | None]] = [
        (("mql", "threshold"), policy.mql.threshold),
        *((("segment", place, "threshold"), one.threshold) for place, one in enumerate(policy.segment)),
    ]
    for place, wanted in asked:
        if wanted is not None and wanted > fit + interest:
            told = f"nobody reaches {wanted:g}: there are at most {fit:g} points for who they are and {interest:g} for"
            yield place, f"{told} what they did; only a raised hand makes an MQL"
