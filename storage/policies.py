"""The policies that were in force."""

from datetime import datetime

from sqlalchemy import Connection

from storage.rows import insert_one
from storage.tables import policy


class Policies:
    """The policies of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, version: str, text_hash: str, text: str, now: datetime) -> None:
        """Store a policy once by its hash, so that every stamp on a decision can be read again."""
        row = {"hash": text_hash, "version": version, "text": text, "loaded_at": now}
        insert_one(self._connection, policy, row)
