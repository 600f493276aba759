"""Kills the bot at points of the way, one after the other, and looks at what is left."""

from concurrent.futures import ThreadPoolExecutor

from funnel.lifecycle import Stage
from funnel.policy import Policy, parse_policy
from tests.journeys.killed import KilledWay
from tests.support.databases import Databases
from tests.support.size import sized
from tests.support.world import ANA, MAYA

AT_ONCE = 6
"""Ways played side by side: each mostly waits for processes to start and to die."""


PARTS, PLAYED = 24, sized(1, 24)
"""The points are gone through in so many parts, each in a test of its own; a small run plays some of the parts."""


def check_points(databases: Databases, kind: str, policy: Policy, part: int) -> int:
    """Play the way once unharmed, then once for each point of a part of those it passed; how many there are in all."""
    points = _play(databases.fresh(kind), policy, None)
    fresh = {point: databases.fresh(kind) for point in range(part, points, PARTS)}
    with ThreadPoolExecutor(AT_ONCE) as ways:
        list(ways.map(lambda point: _play(fresh[point], policy, point), fresh))
    return points


def _play(database_url: str, policy: Policy, kill_at: int | None) -> int:
    by_id = parse_policy(policy.text.replace('"#inbound"', '"C0001"'))
    way = KilledWay(database_url, by_id)
    try:
        points = way.play(kill_at)
        assert way.deaths == (0 if kill_at is None else 1), f"point {kill_at} was not passed"
        _check(way, f"killed at point {kill_at}")
    finally:
        way.close()
    return points


def _check(way: KilledWay, when: str) -> None:
    cards = way.slack.bot_messages("#inbound")
    assert len(cards) == 1, when
    assert "SQL, owned by <@UANA>" in str(cards[0].blocks), when
    channel = way.slack.workspace.channel("#inbound")
    replies = [message.text for message in channel.messages.values() if message.thread_ts]
    assert len(replies) == 1, (when, replies)
    assert "promoted this lead to *SQL*" in replies[0], when
    assert "1 so far became SQL" in str(way.slack.whispers(MAYA)[-1].blocks), when
    with way.store.read() as tx:
        lead = tx.leads.find("dana@acme.example")[0]
        cycles = tx.cycles.of_lead(lead.id)
        moves = [move.new.value for move in tx.history.of_lead(lead.id)]
        answers = tx.calls.answers(cycles[0].id)
        waiting = tx.outbox.count()
    assert [cycle.owner for cycle in cycles] == [ANA], when
    assert lead.stage is Stage.SQL, when
    assert moves == ["mql", "accepted", "sql"], when
    assert sorted(one.criterion.value for one in answers) == ["authority", "budget", "need"], when
    assert waiting == {"pending": 0, "sending": 0, "failed": 0}, when
