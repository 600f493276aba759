"""API keys, and the answers given to idempotent requests."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, delete, insert, select, update

from storage.rows import insert_one
from storage.tables import api_key, reply


class ApiKey(BaseModel):
    """A key as it is listed; times are UTC. A signing key signs bodies and is no bearer."""

    model_config = ConfigDict(frozen=True)

    id: int
    source: str
    signs: bool
    created_at: datetime
    revoked_at: datetime | None


class Keys:
    """The keys of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, source: str, secret_hash: str, now: datetime, signing_secret: str | None = None) -> None:
        row = {"source": source, "hash": secret_hash, "created_at": now, "signing_secret": signing_secret}
        self._connection.execute(insert(api_key), row)

    def signing(self) -> list[tuple[int, str, str]]:
        """(id, source, secret) of the signing keys that are not revoked."""
        statement = select(api_key.c.id, api_key.c.source, api_key.c.signing_secret).where(
            api_key.c.signing_secret.is_not(None), api_key.c.revoked_at.is_(None)
        )
        return [(row.id, row.source, row.signing_secret) for row in self._connection.execute(statement)]

    def find(self, secret_hash: str) -> tuple[int, str] | None:
        """(id, source) of the key with this hash that is not revoked."""
        row = self._connection.execute(
            select(api_key.c.id, api_key.c.source).where(
                api_key.c.hash == secret_hash, api_key.c.revoked_at.is_(None), api_key.c.signing_secret.is_(None)
            )
        ).first()
        return (row.id, row.source) if row else None

    def all(self) -> list[ApiKey]:
        """Every key ever made."""
        signs = api_key.c.signing_secret.is_not(None).label("signs")
        statement = select(api_key.c.id, api_key.c.source, signs, api_key.c.created_at, api_key.c.revoked_at)
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

    def forget_replies(self, before: datetime) -> int:
        """Delete answers given before a time; how many."""
        return self._connection.execute(delete(reply).where(reply.c.at < before)).rowcount
