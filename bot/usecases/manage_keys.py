"""API keys: made once, shown once, kept as a hash; signing keys are kept as they are, to check signatures with."""

import hashlib
import secrets
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bot.usecases.errors import BadKey
from storage.keys import WRITES_ONLY, KeyHolder, Rights
from storage.store import Store

PREFIX = "baton_"


class Caller(BaseModel):
    """Who calls: the id of the key, the source it was made for, and what it may do beside writing for that source."""

    model_config = ConfigDict(frozen=True)

    key_id: int
    source: str
    rights: Rights = WRITES_ONLY


def create_key(store: Store, source: str, now: datetime, rights: Rights = WRITES_ONLY) -> str:
    """A new API key; it cannot be shown again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    with store.begin() as tx:
        tx.keys.add(source, hash_of(secret), now, rights)
    return secret


def create_signing_key(store: Store, source: str, now: datetime, *, any_source: bool = False) -> str:
    """A new secret with which a form tool signs what it sends; it opens no door as a bearer, and reads nothing."""
    secret = secrets.token_urlsafe(32)
    with store.begin() as tx:
        tx.keys.add(source, hash_of(secret), now, Rights(any_source=any_source), signing_secret=secret)
    return secret


def signing_keys(store: Store) -> list[tuple[Caller, str]]:
    """Whose signing keys are in force, each with its secret."""
    with store.read() as tx:
        return [(_caller(holder), secret) for holder, secret in tx.keys.signing()]


def check_key(store: Store, secret: str) -> Caller:
    """Who a key belongs to.

    Raises:
        BadKey: unknown or revoked.
    """
    with store.read() as tx:
        holder = tx.keys.find(hash_of(secret))
    if holder is None:
        raise BadKey
    return _caller(holder)


def _caller(holder: KeyHolder) -> Caller:
    return Caller(key_id=holder.id, source=holder.source, rights=holder.rights)


def hash_of(secret: str) -> str:
    """SHA-256 in hex; the secret has 256 random bits, so no slower hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
