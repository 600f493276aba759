"""Changing tables that others refer to: what SQLite would lose on the way is kept, and what it lets pass is seen."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, event, text

from storage.errors import BrokenKeys


@contextmanager
def keys_unchecked(connection: Connection) -> Iterator[None]:
    """Have SQLite look at no foreign key within the block; to be entered before the transaction begins.

    It changes a table by making a new one and dropping the old, which children's keys forbid. The pragma does nothing
    inside a transaction.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def check_keys(connection: Connection) -> None:
    """Look at every foreign key of a SQLite database.

    Raises:
        BrokenKeys: some rows refer to others that are not there; with the mend.
    """
    if connection.dialect.name != "sqlite":
        return
    violations = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    lost = Counter((table, parent) for table, _, parent, _ in violations)
    if lost:
        rows = "; ".join(f"{count} of {table} to {parent}" for (table, parent), count in sorted(lost.items()))
        raise BrokenKeys(
            f"Rows of the database refer to rows that are not there ({rows}), so its tables were left as they were. "
            "Delete those rows (PRAGMA foreign_key_check lists them) or go back to a copy, then run: baton migrate"
        )


@contextmanager
def marks_kept(connection: Connection) -> Iterator[None]:
    """Keep tables from giving ids twice that are made anew, and the marks up to which SQLite has given ids.

    A table that is made anew knows but the rows that are left, and alembic but what SQLAlchemy sees of the old one.
    """
    before = _marks(connection)
    event.listen(Table, "before_create", _keep_numbered)
    try:
        yield
    finally:
        event.remove(Table, "before_create", _keep_numbered)
    for name in before.keys() & _numbered(connection):
        raise_mark(connection, name, before[name])


def _keep_numbered(table: Table, connection: Connection, **_: Any) -> None:
    """What alembic is about to make for the place of a table is numbered as that one is, unless it says how."""
    place = table.name.removeprefix("_alembic_tmp_")
    said = set(table.kwargs)  # its own test of membership knows defaults, too
    if place != table.name and "sqlite_autoincrement" not in said and place in _numbered(connection):
        table.kwargs["sqlite_autoincrement"] = True


def raise_mark(connection: Connection, name: str, last: int) -> None:
    """Have a SQLite table give no id up to `last` any more; a mark that is higher stays."""
    row = {"name": name, "last": last}
    raised = connection.execute(text("UPDATE sqlite_sequence SET seq = max(seq, :last) WHERE name = :name"), row)
    if raised.rowcount == 0:
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), row)


def _marks(connection: Connection) -> dict[str, int]:
    if connection.dialect.name != "sqlite" or not _numbered(connection):
        return {}
    return {row.name: row.seq for row in connection.execute(text("SELECT name, seq FROM sqlite_sequence"))}


def _numbered(connection: Connection) -> set[str]:
    """The tables of a SQLite database that never give an id twice."""
    if connection.dialect.name != "sqlite":
        return set()
    asked = text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
    return set(connection.scalars(asked))
