"""The index that PostgreSQL can search leads in: of trigrams, which only an extension has.

It is no part of any version of the schema. Not every server has the extension, and an import with the index takes a
quarter longer, which pays only where many leads are searched.
"""

from sqlalchemy import Connection, text

from storage.tables import OPTIONAL_INDEX, SEARCHED

MEND = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm; "
    f"CREATE INDEX CONCURRENTLY {OPTIONAL_INDEX} ON lead USING gin "
    f"({', '.join(f'lower({name}) gin_trgm_ops' for name in SEARCHED)})"
)
"""What makes the index; searches use it from then on."""
_IS_THERE = text("SELECT 1 FROM pg_indexes WHERE indexname = :name AND schemaname = current_schema()")


def has_search_index(connection: Connection) -> bool:
    """Whether a search reads an index; on SQLite it always does."""
    if connection.dialect.name == "sqlite":
        return True
    return connection.scalar(_IS_THERE, {"name": OPTIONAL_INDEX}) is not None
