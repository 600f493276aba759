"""The schema's versions: alembic, driven from here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.errors import NotMigrated
from storage.lead_counts import start_counting, stop_counting
from storage.store import Store

_LOCK = 5_021_117  # any number of our own: two replicas that start together migrate one after the other


MIGRATIONS = Path(str(files("storage"))) / "migrations"


def config_of(connection: Connection | None = None, migrations: Path = MIGRATIONS) -> Config:
    """What alembic needs to know: where the versions are, and the connection to use."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["connection"] = connection
    return config


@cache
def head(migrations: Path = MIGRATIONS) -> str:
    """The newest version this program knows."""
    return ScriptDirectory.from_config(config_of(migrations=migrations)).get_current_head() or ""


def version(store: Store) -> str | None:
    """The version the database is at; None when it is empty."""
    with store.read() as tx:
        return MigrationContext.configure(tx.connection).get_current_revision()


def upgrade(store: Store, to: str = "head") -> bool:
    """Bring the database to a version, the newest unless said otherwise; whether there was anything to do.

    Raises:
        NotMigrated: when a newer program has been here.
    """
    if version(store) == head():
        return False
    check_known(store)
    _run(store, command.upgrade, to)
    return True


def downgrade(store: Store, to: str) -> None:
    """Take the database back to an older version, or to "base", which is none. What that cannot keep is lost."""
    _run(store, command.downgrade, to)


def _run(store: Store, step: Callable[[Config, str], None], to: str) -> None:
    with changing_schema(store) as connection:
        step(config_of(connection), to)


@contextmanager
def changing_schema(store: Store) -> Iterator[Connection]:
    """A transaction in which tables may change; all of it is done or nothing.

    Raises:
        BrokenKeys: rows would refer, or referred before, to others that are not there.
    """
    with store.rebuild() as tx:
        if not store.is_sqlite:
            tx.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        stop_counting(tx.connection)
        yield tx.connection
        start_counting(tx.connection)


def check_known(store: Store) -> None:
    """Refuse a database that a newer program has changed.

    Raises:
        NotMigrated: with the mend.
    """
    current = version(store)
    known = {script.revision for script in ScriptDirectory.from_config(config_of()).walk_revisions()}
    if current is not None and current not in known:
        raise NotMigrated(
            f"The database is at version {current}, which this program does not know: install a newer Baton."
        )
