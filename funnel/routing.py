"""Where a new MQL goes."""

from typing import Any

from funnel.conditions import all_hold
from funnel.lead import Subject
from funnel.policy import Policy, Route


def choose_route(subject: Subject, score: float, policy: Policy) -> Route:
    """The first route of which every condition holds; the last one when none does, so that nobody is lost.

    Conditions may name any field of a lead, and its `score`.
    """
    known = subject.lookup()

    def lookup(field: str) -> Any:
        return score if field == "score" else known(field)

    matching = (route for route in policy.route if all_hold(route.when, lookup))
    return next(matching, policy.route[-1])
