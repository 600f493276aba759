"""What one replica learns, the others know within seconds."""

import pytest

from bot.slack.directory import Directory
from tests.support.world import ANA, BEN, World


@pytest.mark.both_databases
def test_who_became_a_guest_is_one_on_every_replica(world: World) -> None:
    here = world.baton.directory
    other = Directory(world.store, world.baton.gateway, world.clock)
    for directory in (here, other):
        directory.refresh()
    assert not other.member(ANA).outsider
    world.slack.workspace.users[ANA].guest = True
    world.clock.advance(-40)  # the clock of the replica that asks Slack is behind
    here.refresh()
    assert other.follow() == 1
    assert (other.member(ANA).outsider, other.member(BEN).outsider) == (True, False)
    assert other.follow() == 0


def test_a_replica_follows_by_a_job_of_its_own(sqlite_world: World) -> None:
    world = sqlite_world
    world.baton.directory.refresh()
    Directory(world.store, world.baton.gateway, world.clock).refresh()
    assert world.baton.scheduler.run_all()["follow_people"] == 1
