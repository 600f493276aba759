"""The bodies that were handed in, and what became of them."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, func, insert, or_, select, update

from storage.keys import ANY_SOURCE
from storage.tables import api_key, body


class Body(NamedTuple):
    """A body as it was handed in through `door`, by the key `api_key_id` made for `source`; times are UTC.

    `signed` is the key by which a signed body is known again; `any_source` says that its API key may speak for other
    sources.
    """

    id: int
    api_key_id: int
    source: str
    door: str
    media_type: str
    idempotency_key: str | None
    content: str
    received_at: datetime
    state: str
    reason: str
    signed: str | None
    any_source: bool


class Bodies:
    """The bodies of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(
        self,
        key_id: int,
        door: str,
        media_type: str,
        idempotency_key: str | None,
        content: str,
        now: datetime,
        signed: str | None = None,
    ) -> int:
        """Store a body before anything is made of it; its id."""
        row = {
            "api_key_id": key_id,
            "door": door,
            "media_type": media_type,
            "idempotency_key": idempotency_key,
            "content": content,
            "received_at": now,
            "state": "received",
            "reason": "",
            "signed": signed,
        }
        return int(self._connection.execute(insert(body).returning(body.c.id), row).scalar_one())

    def settle(self, body_id: int, state: str, reason: str, now: datetime) -> None:
        """Say what became of a body: done, or failed and why."""
        values = {"state": state, "reason": reason, "done_at": now}
        self._connection.execute(update(body).where(body.c.id == body_id).values(values))

    def get(self, body_id: int) -> Body | None:
        row = self._connection.execute(_ALL.where(body.c.id == body_id)).one_or_none()
        return Body(*row) if row else None

    def failed(self, limit: int = 1_000, after: int = 0) -> list[Body]:
        """Those that failed behind the id `after`, the oldest first."""
        asked = _ALL.where(body.c.state == "failed", body.c.id > after)
        rows = self._connection.execute(asked.order_by(body.c.id).limit(limit))
        return [Body(*row) for row in rows]

    def count_failed(self) -> int:
        return self._connection.scalar(select(func.count()).where(body.c.state == "failed")) or 0

    def left_behind(self, before: datetime, limit: int = 100) -> list[int]:
        """The ids of those whose process died before it had made anything of them."""
        statement = select(body.c.id).where(body.c.state == "received", body.c.received_at < before)
        return list(self._connection.scalars(statement.order_by(body.c.id).limit(limit)))

    def forget(self, done_before: datetime, failed_before: datetime) -> int:
        """Delete what was done, and what failed and was left alone, before these times; how many."""
        done = (body.c.state == "done") & (body.c.received_at < done_before)
        failed = (body.c.state == "failed") & (body.c.received_at < failed_before)
        return self._connection.execute(delete(body).where(or_(done, failed))).rowcount


_OF_KEY = {"source": api_key.c.source, "any_source": ANY_SOURCE.label("any_source")}
_ALL: Select[Any] = select(*(_OF_KEY[name] if name in _OF_KEY else body.c[name] for name in Body._fields)).join(
    api_key, api_key.c.id == body.c.api_key_id
)
