"""kill -9 between any two statements of the way, on PostgreSQL: nothing is lost and nothing is doubled."""

import pytest

from funnel.policy import Policy
from tests.journeys.killing import PARTS, check_every_point
from tests.support.databases import Databases


@pytest.mark.parametrize("part", range(PARTS))
def test_wherever_it_is_killed_nothing_is_lost_and_nothing_doubled(
    databases: Databases, policy: Policy, part: int
) -> None:
    assert check_every_point(databases, "postgresql", policy, part) > 80
