"""Rows and what they become: shared by the repositories."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, text
from sqlalchemy.dialects import postgresql, sqlite

from funnel.bant import Answer
from funnel.cycle import Cycle, Move
from funnel.lead import DERIVED, FACTS, Facts, Lead

T = TypeVar("T")


def to_facts(row: RowMapping) -> Facts:
    return Facts(**{name: row[name] for name in _FACTS})


_FACTS = [*FACTS, *DERIVED, "attributes"]


def to_lead(row: RowMapping) -> Lead:
    return Lead(facts=to_facts(row), **{name: row[name] for name in _LEAD_FIELDS})


_LEAD_FIELDS = [name for name in Lead.model_fields if name != "facts"]


def to_cycle(row: RowMapping) -> Cycle:
    return Cycle(**{name: row[name] for name in Cycle.model_fields})


def to_move(row: RowMapping) -> Move:
    return Move(**row)


def to_answer(row: RowMapping) -> Answer:
    return Answer(**{name: row[name] for name in Answer.model_fields})


def batched(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """The values in lists of at most `size`: a statement holds only so many parameters."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some


def allocate_ids(connection: Connection, table: Table, count: int) -> list[int]:
    """`count` new primary keys of a table, ours alone; none was ever given before, not even to a row that is gone.

    Knowing the keys before the insert lets several tables be filled with one statement each.
    """
    if connection.dialect.name == "sqlite":
        last = _advance(connection, table.name, count)
        return list(range(last - count + 1, last + 1))
    step = text("SELECT nextval(:sequence) FROM generate_series(1, :count)")
    return list(connection.scalars(step, {"sequence": f"{table.name}_id_seq", "count": count}))


def _advance(connection: Connection, name: str, count: int) -> int:
    """Move the mark up to which SQLite has given the ids of a table; where it stands then.

    SQLite has a single writer, so nobody else moves it before the rows are in.
    """
    last: int | None = connection.scalar(_ADVANCE, {"name": name, "count": count})
    if last is None:  # nothing was ever inserted
        connection.execute(_MARK, {"name": name, "count": count})
    return last or count


_ADVANCE = text("UPDATE sqlite_sequence SET seq = seq + :count WHERE name = :name RETURNING seq")
_MARK = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :count)")


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert the rows whose unique keys are not there yet."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)


def insert_one(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless its unique key is there; whether it went in."""
    statement = _insert(connection, table).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(statement, row).first() is not None


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows, or bring those with the same primary key up to date."""
    if not rows:
        return
    statement = _insert(connection, table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def upsert_if(connection: Connection, table: Table, row: dict[str, Any], condition: ColumnElement[bool]) -> bool:
    """Insert a row, or overwrite the one with its primary key if that meets the condition; whether it did."""
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in row.items() if name not in keys}
    statement = _insert(connection, table).values(row)
    statement = statement.on_conflict_do_update(index_elements=keys, set_=changed, where=condition)
    return connection.execute(statement.returning(*table.primary_key)).first() is not None
