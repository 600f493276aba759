"""Rows for any table, made of nothing but its columns."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, DateTime, Float, Integer, LargeBinary, MetaData, Table
from sqlmodel.sql.sqltypes import UTCDateTime

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def reflected(connection: Connection) -> MetaData:
    """The tables that a database has, but for those of the tools."""
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: name not in {"alembic_version", "sqlite_sequence", "lead_count"})
    return metadata


def fill(connection: Connection, rows: int = 3) -> None:
    """Put some rows into every table; the nth of each refers to the nth of the others."""
    for table in reflected(connection).sorted_tables:
        connection.execute(table.insert(), [row_for(table, n) for n in range(1, rows + 1)])
        if connection.dialect.name == "postgresql" and "id" in table.c and table.c.id.server_default is not None:
            connection.exec_driver_sql(f"SELECT setval('{table.name}_id_seq', {rows})")


def row_for(table: Table, n: int) -> dict[str, Any]:
    """A row that no other number makes."""
    return {column.name: _value(column, n) for column in table.columns}


def _value(column: Column[Any], n: int) -> Any:
    for key in column.foreign_keys:
        return _value(key.column, n)
    if column.name == "stage":
        return ("raw", "prospect", "mql")[n % 3]
    kind = column.type
    if isinstance(kind, JSON):
        return {"n": n}
    if isinstance(kind, Boolean):
        return n % 2 == 0
    if isinstance(kind, UTCDateTime):
        return DAY + timedelta(days=n)
    if isinstance(kind, DateTime):
        return (DAY + timedelta(days=n)).replace(tzinfo=UTC if kind.timezone else None)
    if isinstance(kind, Integer | Float):
        return n
    if isinstance(kind, LargeBinary):
        return f"bytes {n}".encode()
    return f"{column.name} {n}"


def contents(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, each table in one order."""
    return {
        table.name: [dict(row) for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()]
        for table in reflected(connection).sorted_tables
    }
