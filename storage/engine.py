"""How a database is opened: SQLite in WAL mode with full durability, PostgreSQL through psycopg."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic_core import to_json
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from storage.errors import BadAddress

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an acknowledged click survives a power cut
    "PRAGMA wal_autocheckpoint = 4000",  # pages, 16 MB: an import writes most of them many times over
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 10000",  # milliseconds another process (an import, say) may hold the file
    "PRAGMA cache_size = -32000",  # KiB
    "PRAGMA temp_store = MEMORY",
)

POOL_SIZE = 20
"""Connections a replica holds to PostgreSQL at most: four replicas fit under its usual limit of 100. More wait."""


PRIVATE = 0o600
"""The mode of files that hold people's data."""


def open_engine(url: str) -> Engine:
    """An engine for a SQLAlchemy URL; nothing is connected yet.

    Raises:
        BadAddress: when the URL is no address of a SQLite file or a PostgreSQL database.
    """
    address = _parse(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address)
    try:
        return create_engine(address, pool_size=POOL_SIZE, max_overflow=0, **_OPTIONS)
    except ModuleNotFoundError as error:
        raise BadAddress("DATABASE_URL names PostgreSQL, whose driver is missing: install baton[postgres].") from error


def _parse(url: str) -> URL:
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise BadAddress(
            "DATABASE_URL is no database address; write sqlite:///baton.db or postgresql://user@host/name."
        ) from error
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise BadAddress(f"DATABASE_URL names {backend}; Baton runs on sqlite and postgresql.")
    return address


def database_file(address: URL) -> Path | None:
    """The file of a SQLite database; None of one in memory, behind a URI, or on a server."""
    name = address.database
    if address.get_backend_name() != "sqlite" or not name or name == ":memory:" or name.startswith("file:"):
        return None
    return Path(name)


def files_of(file: Path) -> list[Path]:
    """All the files that belong to a SQLite file and are there."""
    return [path for end in ("", "-wal", "-shm", ".lock") if (path := Path(f"{file}{end}")).exists()]


def _make_private(file: Path) -> None:
    """Make a file that nobody else can read, unless there is one; SQLite gives its mode to the log beside it."""
    with suppress(OSError):  # what is wrong with the path, SQLite says itself
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))


def _open_sqlite(address: URL) -> Engine:
    engine = create_engine(address.set(drivername="sqlite"), pool_size=20, max_overflow=30, **_OPTIONS)
    file = database_file(address)

    @event.listens_for(engine, "do_connect")
    def _make(*_: Any) -> None:
        if file:
            _make_private(file)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # sqlite3's own BEGIN is deferred, which fails on the upgrade to a write; ours is written in _begin.
        connection.isolation_level = None
        # SQLite's own lower() knows ASCII alone; PostgreSQL's knows every letter.
        connection.create_function("lower", 1, _lower, deterministic=True)
        connection.create_function("any_contains", -1, _any_contains, deterministic=True)
        for pragma in SQLITE_PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.connection.driver_connection.execute(f"BEGIN {mode}")

    return engine


def _lower(text: str | None) -> str | None:
    return text.lower() if text is not None else None


def _any_contains(small: str, *texts: str | None) -> bool:
    """Whether any of these texts contains one that is in small letters: one call where LIKE of lower() needs six."""
    for text in texts:  # noqa: SIM110  it is called for every lead, and any() would take twice the time
        if text is not None and small in text.lower():
            return True
    return False


def _json_text(value: Any) -> str:
    """JSON of plain data and of the times and enums in it."""
    return to_json(value).decode()


_OPTIONS: dict[str, Any] = {"json_serializer": _json_text, "hide_parameters": True}
"""Parameters are people's data; no error that is logged may carry them."""
