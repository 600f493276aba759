"""Idempotency-Keys: the same request again gets the same answer."""

from datetime import datetime, timedelta

from bot.usecases.errors import KeyReused
from bot.usecases.manage_keys import Caller
from storage.store import Store

KEPT_FOR = timedelta(days=2)
SENT_KEPT_FOR = timedelta(days=30)
BODIES_KEPT_FOR = timedelta(days=30)
FAILED_KEPT_FOR = timedelta(days=90)
UPLOADS_KEPT_FOR = timedelta(days=30)


def given_reply(store: Store, who: Caller, key: str, request_hash: str) -> tuple[int, bytes] | None:
    """(status, body) of the answer given before; None for a new key.

    Raises:
        KeyReused: the key came with another request.
    """
    with store.read() as tx:
        found = tx.keys.given_reply(who.key_id, key)
    if found is None:
        return None
    if found[0] != request_hash:
        raise KeyReused
    return found[1], found[2].encode()


def forget_old(store: Store, now: datetime) -> int:
    """Delete answers nobody will ask for again, and messages, bodies and files settled long ago; how many."""
    with store.begin() as tx:
        bodies = tx.bodies.forget(now - BODIES_KEPT_FOR, now - FAILED_KEPT_FOR)
        files = tx.uploads.forget(now - UPLOADS_KEPT_FOR)
        tx.leads.fold_counts()
        return bodies + files + tx.keys.forget_replies(now - KEPT_FOR) + tx.outbox.forget(now - SENT_KEPT_FOR)
