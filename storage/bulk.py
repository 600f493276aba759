"""Many rows at once, by the shortest way each database has: the driver's executemany, COPY, or an array a column.

The ORM costs five times the database, and Core still twice, where thousands of rows go in (docs/benchmarks.md). The
values are those a repository would hand to Core; names of tables and columns come from the tables, never from outside.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from pydantic_core import to_json
from sqlalchemy import JSON, Connection, Table
from sqlalchemy.exc import DBAPIError
from sqlmodel.sql.sqltypes import UTCDateTime

Row = Sequence[Any]
Encoder = Callable[[Any], Any]


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows of values in the order of `columns`; what meets a unique key raises, as an INSERT does."""
    encoded = _encoded(connection, table, columns, rows)
    if connection.dialect.name == "sqlite":
        insert = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES "  # noqa: S608  our own names
        _insert_in_sqlite(connection, insert, encoded)
        return
    statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
    with _named_errors(connection, statement), connection.connection.cursor().copy(statement) as copy:
        for row in encoded:
            copy.write_row(row)


_AT_ONCE = 100
"""Rows of a statement: a fifth faster than one by one; SQLite takes 32,766 parameters."""


def _insert_in_sqlite(connection: Connection, insert: str, rows: Sequence[Row]) -> None:
    some = len(rows) - len(rows) % _AT_ONCE
    with _named_errors(connection, insert):
        cursor = connection.connection.cursor()
        if some:
            mark = f"({', '.join('?' * len(rows[0]))})"
            statement = insert + ", ".join([mark] * _AT_ONCE)
            for first in range(0, some, _AT_ONCE):
                cursor.execute(statement, tuple(chain.from_iterable(rows[first : first + _AT_ONCE])))
        if rows[some:]:
            cursor.executemany(f"{insert}({', '.join('?' * len(rows[0]))})", rows[some:])


def fetch_rows(connection: Connection, statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """What the driver itself returns for a statement in its own words: a third of the time that Core takes."""
    with _named_errors(connection, statement):
        cursor = connection.connection.cursor()
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
    return list(rows)


@contextmanager
def _named_errors(connection: Connection, statement: str) -> Iterator[None]:
    """Name what a driver raises past SQLAlchemy as that would have, for the store to translate."""
    driver: Any = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        raise DBAPIError.instance(statement, None, error, driver.Error, hide_parameters=True) from None


def update_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Update rows by `id`: each row holds its id, then the values of `columns`."""
    encoded = _encoded(connection, table, ["id", *columns], rows)
    if not encoded:
        return
    if connection.dialect.name == "sqlite":
        sets = ", ".join(f"{name} = ?{place}" for place, name in enumerate(columns, 2))
        connection.exec_driver_sql(f"UPDATE {table.name} SET {sets} WHERE id = ?1", encoded)  # noqa: S608  our own names
        return
    sets = ", ".join(f"{name} = given.{name}" for name in columns)
    arrays = ", ".join(f"%s::{_type(connection, table, name)}[]" for name in ("id", *columns))
    names = ", ".join(("id", *columns))
    statement = (
        f"UPDATE {table.name} SET {sets} FROM unnest({arrays}) AS given ({names}) WHERE {table.name}.id = given.id"  # noqa: S608
    )
    connection.exec_driver_sql(statement, tuple(list(values) for values in zip(*encoded, strict=True)))


def insert_new_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row], key: Sequence[str]
) -> set[tuple[Any, ...]]:
    """Insert the rows whose unique keys are not there yet; the values of the columns `key` in those that went in.

    For PostgreSQL alone, where another replica may be inserting the same rows at this moment.
    """
    encoded = _encoded(connection, table, columns, rows)
    if not encoded:
        return set()
    arrays = ", ".join(f"%s::{_type(connection, table, name)}[]" for name in columns)
    names = ", ".join(columns)
    statement = (
        f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays}) "  # noqa: S608  our own names
        f"ON CONFLICT DO NOTHING RETURNING {', '.join(key)}"
    )
    found = connection.exec_driver_sql(statement, tuple(list(values) for values in zip(*encoded, strict=True)))
    return {tuple(row) for row in found}


def _type(connection: Connection, table: Table, name: str) -> str:
    return str(table.c[name].type.compile(dialect=connection.dialect))


def _encoded(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]
) -> list[tuple[Any, ...]]:
    """The rows as the driver takes them: times and JSON as the texts that Core would have stored."""
    moment_text = _sqlite_text if connection.dialect.name == "sqlite" else _iso_text
    encoders: list[tuple[int, Encoder]] = []
    for place, name in enumerate(columns):
        kind = table.c[name].type
        if isinstance(kind, UTCDateTime):
            encoders.append((place, moment_text))
        elif isinstance(kind, JSON):
            encoders.append((place, json_text))
    return [_encode(row, encoders) for row in rows]


def _encode(row: Row, encoders: Sequence[tuple[int, Encoder]]) -> tuple[Any, ...]:
    cells = list(row)
    for place, encode in encoders:
        if cells[place] is not None:
            cells[place] = encode(cells[place])
    return tuple(cells)


@lru_cache(maxsize=10_000)
def _sqlite_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(" ", "microseconds")[:26]


@lru_cache(maxsize=10_000)
def _iso_text(at: datetime) -> str:
    return at.isoformat()


def json_text(value: Any) -> str:
    """JSON of plain data and of the times and enums in it."""
    if value == {}:
        return "{}"  # what most leads say
    return to_json(value).decode()
