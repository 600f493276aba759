"""What all tables share."""

from typing import Any, cast

from sqlalchemy import JSON, Column, Table
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata


def json_column(name: str, empty: str | None = None) -> Any:
    """A column of JSON that is never NULL; `empty` is what a row has that says nothing of it."""
    return Field(default=None, sa_column=Column(name, JSON, nullable=False, server_default=empty))


def table_of(model: type[SQLModel]) -> Table:
    """The Core table of a model: the hot paths speak Core, SQLModel gives them schema and types."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]
