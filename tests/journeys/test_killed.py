"""kill -9 between any two statements of the way: nothing is lost and nothing is doubled."""

import pytest

from funnel.policy import Policy
from tests.journeys.killing import PARTS, PLAYED, check_points
from tests.support.databases import Databases


@pytest.mark.both_databases
@pytest.mark.parametrize("part", range(0, PARTS, PARTS // PLAYED))
def test_wherever_it_is_killed_nothing_is_lost_and_nothing_doubled(
    databases: Databases, policy: Policy, kind: str, part: int
) -> None:
    assert check_points(databases, kind, policy, part) > 80
