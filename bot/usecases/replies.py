"""Idempotency-Keys: the same request again gets the same answer."""

from datetime import datetime, timedelta

from bot.usecases.errors import KeyReused, SignedElsewhere
from bot.usecases.manage_keys import Caller
from storage.keys import SIGNED_KEY
from storage.store import Store

KEPT_FOR = timedelta(days=2)
SIGNED_KEPT_FOR = timedelta(days=30)
"""How long a signed body is known again, by whoever sends it."""
SENT_KEPT_FOR = timedelta(days=30)
BODIES_KEPT_FOR = timedelta(days=30)
FAILED_KEPT_FOR = timedelta(days=90)
UPLOADS_KEPT_FOR = timedelta(days=30)


def given_reply(store: Store, who: Caller, key: str, request_hash: str) -> tuple[int, bytes] | None:
    """(status, body) of the answer given before; None for a new key.

    Raises:
        KeyReused: the key came with another request.
        SignedElsewhere: what was signed came to another door.
    """
    with store.read() as tx:
        found = tx.keys.given_reply(who.key_id, key)
    if found is None:
        return None
    if found[0] != request_hash:
        raise SignedElsewhere if key.startswith(SIGNED_KEY) else KeyReused
    return found[1], found[2].encode()


def forget_old(store: Store, now: datetime) -> int:
    """Delete answers nobody will ask for again, and messages, bodies and files settled long ago; how many."""
    with store.begin() as tx:
        bodies = tx.bodies.forget(now - BODIES_KEPT_FOR, now - FAILED_KEPT_FOR)
        files = tx.uploads.forget(now - UPLOADS_KEPT_FOR)
        tx.leads.fold_counts()
        replies = tx.keys.forget_replies(now - KEPT_FOR, now - SIGNED_KEPT_FOR)
        return bodies + files + replies + tx.outbox.forget(now - SENT_KEPT_FOR)
