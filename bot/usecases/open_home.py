"""A person opens their App Home."""

from datetime import datetime

from funnel.notices import RefreshHome
from storage.store import Store


def open_home(store: Store, user: str, now: datetime) -> None:
    """Have the home published, now and after every change from now on."""
    with store.begin() as tx:
        tx.members.mark_home(user, now)
        tx.outbox.add([RefreshHome(user=user)], now)
