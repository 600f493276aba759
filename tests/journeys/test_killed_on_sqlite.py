"""kill -9 between any two statements of the way, on SQLite: nothing is lost and nothing is doubled."""

from funnel.policy import Policy
from tests.journeys.killing import check_every_point
from tests.support.databases import Databases


def test_wherever_it_is_killed_nothing_is_lost_and_nothing_doubled(databases: Databases, policy: Policy) -> None:
    assert check_every_point(databases, "sqlite", policy) > 80
