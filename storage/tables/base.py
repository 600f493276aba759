"""What all tables share."""

from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import JSON, Column, Index, Table
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata

NUMBERED = {"sqlite_autoincrement": True}
"""Of every table whose ids the database gives: without it, SQLite gives the id of a deleted row once more."""


def json_column(name: str, empty: str | None = None) -> Any:
    """A column of JSON that is never NULL; `empty` is what a row has that says nothing of it."""
    return Field(default=None, sa_column=Column(name, JSON, nullable=False, server_default=empty))


def index_of_one(dialect: str, name: str, *columns: str) -> Index:
    """An index that one database has, sqlite or postgresql."""
    return Index(name, *columns, info={"dialect": dialect}).ddl_if(dialect=dialect)


OPTIONAL_INDEX = "lead_trigrams"
"""An index that operators may make, and no version does (storage/searching.py)."""


def belongs_to(dialect: str) -> Callable[..., bool]:
    """What alembic asks of every part of the schema: whether a database has it."""
    return lambda part, name, *_: name != OPTIONAL_INDEX and part.info.get("dialect", dialect) == dialect


def table_of(model: type[SQLModel]) -> Table:
    """The Core table of a model: the hot paths speak Core, SQLModel gives them schema and types."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]
