"""API keys, and the answers given to idempotent requests."""

from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Row, and_, delete, func, insert, not_, or_, select, true, update

from storage.rows import insert_one
from storage.tables import api_key, reply


class Rights(NamedTuple):
    """What a key may do beside handing in what is of its own source: read leads, and speak for any source."""

    reads: bool = False
    any_source: bool = False


WRITES_ONLY = Rights()


class ApiKey(BaseModel):
    """A key as it is listed; times are UTC. A signing key signs bodies and is no bearer.

    `has_given_rights` is false for a key that was made before keys had rights: it may do all a key of its kind can.
    """

    model_config = ConfigDict(frozen=True)

    id: int
    source: str
    signs: bool
    reads: bool
    any_source: bool
    has_given_rights: bool
    created_at: datetime
    revoked_at: datetime | None


class KeyHolder(NamedTuple):
    """Whom a key that is in force belongs to, and what it may do."""

    id: int
    source: str
    rights: Rights


SIGNED_KEY = "signed:"
"""How the key begins under which the answer to a signed body is kept."""
SIGNS = api_key.c.signing_secret.is_not(None)
READS = and_(api_key.c.signing_secret.is_(None), func.coalesce(api_key.c.reads, true()))
ANY_SOURCE = func.coalesce(api_key.c.any_source, true())


class Keys:
    """The keys of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, source: str, secret_hash: str, now: datetime, rights: Rights, signing_secret: str | None = None
    ) -> None:
        row = {"source": source, "hash": secret_hash, "created_at": now, "signing_secret": signing_secret}
        self._connection.execute(insert(api_key), row | rights._asdict())

    def signing(self) -> list[tuple[KeyHolder, str]]:
        """The signing keys that are not revoked, each with its secret."""
        statement = select(*_HOLDER, api_key.c.signing_secret).where(SIGNS, api_key.c.revoked_at.is_(None))
        return [(_holder(row), row.signing_secret) for row in self._connection.execute(statement)]

    def find(self, secret_hash: str) -> KeyHolder | None:
        """Whose the bearer key with this hash is, if it is not revoked."""
        in_force = api_key.c.hash == secret_hash, api_key.c.revoked_at.is_(None), not_(SIGNS)
        row = self._connection.execute(select(*_HOLDER).where(*in_force)).first()
        return _holder(row) if row else None

    def all(self) -> list[ApiKey]:
        """Every key ever made."""
        statement = select(
            *_HOLDER,
            SIGNS.label("signs"),
            api_key.c.any_source.is_not(None).label("has_given_rights"),
            api_key.c.created_at,
            api_key.c.revoked_at,
        )
        rows = self._connection.execute(statement.order_by(api_key.c.id)).mappings()
        return [ApiKey(**row) for row in rows]

    def revoke(self, key_id: int, now: datetime) -> bool:
        """Take a key out of force; False when there is none."""
        in_force = api_key.c.id == key_id, api_key.c.revoked_at.is_(None)
        return self._connection.execute(update(api_key).where(*in_force).values(revoked_at=now)).rowcount == 1

    def any(self) -> bool:
        return self._connection.scalar(select(api_key.c.id).limit(1)) is not None

    def given_reply(self, key_id: int, idempotency_key: str) -> tuple[str, int, str] | None:
        """(hash of the request, status, body) of the answer given before."""
        row = self._connection.execute(
            select(reply).where(reply.c.api_key_id == key_id, reply.c.key == idempotency_key)
        ).first()
        return (row.request_hash, row.status, row.body) if row else None

    def keep_reply(
        self, key_id: int, idempotency_key: str, request_hash: str, status: int, body: str, now: datetime
    ) -> None:
        row = {
            "api_key_id": key_id,
            "key": idempotency_key,
            "request_hash": request_hash,
            "status": status,
            "body": body,
            "at": now,
        }
        insert_one(self._connection, reply, row)

    def forget_replies(self, before: datetime, signed_before: datetime) -> int:
        """Delete answers given before a time, to signed bodies before another one; how many."""
        is_signed = reply.c.key.startswith(SIGNED_KEY, autoescape=True)
        old = or_(and_(not_(is_signed), reply.c.at < before), and_(is_signed, reply.c.at < signed_before))
        return self._connection.execute(delete(reply).where(old)).rowcount


_HOLDER = (api_key.c.id, api_key.c.source, READS.label("reads"), ANY_SOURCE.label("any_source"))


def _holder(row: Row[Any]) -> KeyHolder:
    return KeyHolder(row.id, row.source, Rights(reads=bool(row.reads), any_source=bool(row.any_source)))
