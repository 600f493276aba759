"""Idempotency-Keys: the same request again gets the same answer."""

from datetime import datetime, timedelta

from bot.usecases.errors import KeyReused
from bot.usecases.manage_keys import Caller
from storage.store import Store

KEPT_FOR = timedelta(days=2)
SENT_KEPT_FOR = timedelta(days=30)


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


def keep_reply(store: Store, who: Caller, key: str, request_hash: str, status: int, body: bytes, now: datetime) -> None:
    with store.begin() as tx:
        tx.keys.keep_reply(who.key_id, key, request_hash, status, body.decode(), now)


def forget_old(store: Store, now: datetime) -> int:
    """Delete answers nobody will ask for again, and messages that were sent long ago; how many."""
    with store.begin() as tx:
        return tx.keys.forget_replies(now - KEPT_FOR) + tx.outbox.forget(now - SENT_KEPT_FOR)
