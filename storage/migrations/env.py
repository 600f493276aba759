"""How alembic reaches the database: over the connection it is handed."""

import sqlmodel  # noqa: F401  (generated versions name its column types)
from alembic import context

from storage.tables import belongs_to, metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    include_object=belongs_to(connection.dialect.name),
)
with context.begin_transaction():
    context.run_migrations()
