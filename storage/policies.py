"""The policies that were in force, and the one that is."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select

from storage.rows import insert_one
from storage.tables import policy, policy_change

_LOCK = 5_021_118  # any number that no other lock of ours has


class PolicyChange(NamedTuple):
    """A policy that was put in force: its text, by whom, when (UTC)."""

    hash: str
    version: str
    author: str
    at: datetime
    text: str

    @property
    def stamp(self) -> str:
        """As it stands with every decision made under it."""
        return f"{self.version}+{self.hash[:8]}"


class Policies:
    """The policies of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, version: str, text_hash: str, text: str, now: datetime) -> bool:
        """Store a policy once by its hash, so that every stamp on a decision can be read again; whether it was new."""
        row = {"hash": text_hash, "version": version, "text": text, "loaded_at": now}
        return insert_one(self._connection, policy, row)

    def put_in_force(self, text_hash: str, author: str, now: datetime) -> bool:
        """Put a stored policy in force, unless it is; whether it was not. Waits for those who score by the old one."""
        self._lock(func.pg_advisory_xact_lock)
        if self.hash_in_force() == text_hash:
            return False
        self._connection.execute(insert(policy_change), {"hash": text_hash, "author": author, "at": now})
        return True

    def counts(self, text_hash: str) -> bool:
        """Whether scores may be stored under this policy, which then stays in force until the transaction ends.

        A replica that has not yet heard of a change must not write what nobody would look at again.
        """
        self._lock(func.pg_advisory_xact_lock_shared)
        return self.hash_in_force() in (None, text_hash)

    def _lock(self, lock: Callable[[int], Any]) -> None:
        """A lock for the whole of policies; on SQLite, where one transaction writes at a time, there is no need."""
        if self._connection.dialect.name != "sqlite":
            self._connection.execute(select(lock(_LOCK)))

    def hash_in_force(self) -> str | None:
        """The hash of the policy in force; one look at an index, for it is asked every few seconds."""
        statement = select(policy_change.c.hash).order_by(policy_change.c.id.desc()).limit(1)
        found: str | None = self._connection.scalar(statement)
        return found

    def in_force(self) -> PolicyChange | None:
        """The policy in force; None when there never was one."""
        newest = self.changes(1)
        return newest[0] if newest else None

    def changes(self, limit: int) -> list[PolicyChange]:
        """The changes, the newest first."""
        columns = (policy.c.hash, policy.c.version, policy_change.c.author, policy_change.c.at, policy.c.text)
        statement = select(*columns).join(policy_change, policy_change.c.hash == policy.c.hash)
        rows = self._connection.execute(statement.order_by(policy_change.c.id.desc()).limit(limit))
        return [PolicyChange(*row) for row in rows]
