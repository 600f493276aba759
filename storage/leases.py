"""Leases: one holder a name, for a time. They keep the work of several replicas single.

Their times are those of the transaction's `now`: a replica whose clock is fast must not believe a lease over.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select

from storage.rows import upsert_if
from storage.tables import lease

PROBE_CHARACTERS = 20_000
"""Some pages of a SQLite file, which is full when it has none to spare."""


class Leases:
    """The leases of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take or renew a lease; False while somebody else holds it."""
        row = {"name": name, "holder": holder, "until": until}
        # The race ends in this condition: the lease is ours already, or it has run out.
        return upsert_if(self._connection, lease, row, or_(lease.c.holder == holder, lease.c.until < now))

    def give_back(self, name: str, holder: str) -> None:
        """Give back a lease, if it is the holder's still."""
        self._connection.execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))

    def release(self, holder: str) -> None:
        """Give back everything a holder has."""
        self._connection.execute(delete(lease).where(lease.c.holder == holder))

    def clear(self) -> None:
        """Forget all leases; for the one process that holds a SQLite file."""
        self._connection.execute(delete(lease))

    def probe(self, holder: str, now: datetime) -> None:
        """Write a row that takes some room, and take it away again: where nothing can be written, this fails."""
        name = f"probe:{holder}"
        self._connection.execute(insert(lease).values(name=name, holder="x" * PROBE_CHARACTERS, until=now))
        self._connection.execute(delete(lease).where(lease.c.name == name))

    def all(self) -> list[tuple[str, str, datetime]]:
        """(name, holder, until) of every lease."""
        rows = self._connection.execute(select(lease).order_by(lease.c.name))
        return [(row.name, row.holder, row.until) for row in rows]
