"""A person says how they want to be told of leads."""

from datetime import datetime

from funnel.preference import Preference
from storage.store import Store


def prefer(store: Store, user: str, chosen: Preference, now: datetime) -> None:
    """Keep what somebody chose; it counts from the next message on."""
    with store.begin() as tx:
        tx.preferences.save(user, chosen, now)


def preference_of(store: Store, user: str) -> Preference:
    """What somebody chose."""
    with store.read() as tx:
        return tx.preferences.of([user])[user]
