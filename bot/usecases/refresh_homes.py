"""Keep the App Homes that people have before them true, also when colleagues act."""

from datetime import datetime, timedelta

from funnel.notices import RefreshHome
from storage.store import Store

WATCHED_FOR = timedelta(hours=1)
"""How long after somebody opened their home, or acted in it, it is kept up to date; then until they open it again."""
EVERY = timedelta(seconds=30)


def has_moved(store: Store, now: datetime) -> bool:
    """Whether any lead moved lately, so that a home may show yesterday's truth; one look into an index."""
    with store.read() as tx:
        return tx.history.has_any_since(now - 2 * EVERY)


def refresh_homes(store: Store, now: datetime) -> int:
    """Have the homes published that somebody may be looking at; how many. Each at most once in a while."""
    turn = int(now.timestamp() // EVERY.total_seconds())
    with store.begin() as tx:
        watched = tx.members.with_home_since(now - WATCHED_FOR)
        return sum(tx.outbox.add_once(f"home:{user}:{turn}", RefreshHome(user=user), now) for user in watched)
