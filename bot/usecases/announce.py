"""Have channels told of new MQLs: a card for each, or one summary of many."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from funnel.cycle import Cycle
from funnel.group_notices import PostBundle
from funnel.notices import PostCard
from funnel.policy import Policy
from storage.store import Transaction


def announce(tx: Transaction, policy: Policy, cycles: Sequence[Cycle], now: datetime) -> None:
    """Write what their channels are told of new cycles that are news; each is told of once."""
    by_channel: dict[str, list[Cycle]] = defaultdict(list)
    for cycle in cycles:
        if cycle.announced:
            by_channel[cycle.channel].append(cycle)
    for channel, news in by_channel.items():
        if len(news) > policy.announce.bundle:
            ids = [cycle.id for cycle in sorted(news, key=lambda one: (-one.score, one.id))]
            tx.outbox.add_once(f"bundle:{ids[0]}:{len(ids)}", PostBundle(channel=channel, cycle_ids=ids), now)
            continue
        for cycle in news:
            tx.outbox.add_once(f"card:{cycle.id}", PostCard(cycle_id=cycle.id, channel=channel), now)
