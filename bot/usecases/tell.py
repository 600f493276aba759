"""Hand a notice to the outbox when nothing else changes."""

from datetime import datetime

from funnel.notices import Notice
from storage.store import Store


def tell(store: Store, notice: Notice, now: datetime) -> None:
    """Have Slack told."""
    with store.begin() as tx:
        tx.outbox.add([notice], now)


def tell_once(store: Store, key: str, notice: Notice, now: datetime) -> bool:
    """Have Slack told once for this key, however often it is asked; whether it was the first time."""
    with store.begin() as tx:
        return tx.outbox.add_once(key, notice, now)
