"""The schema's versions: alembic, driven from here."""

from functools import cache
from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.errors import NotMigrated
from storage.store import Store

_LOCK = 5_021_117  # any number of our own: two replicas that start together migrate one after the other


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("storage") / "migrations"))
    config.attributes["connection"] = connection
    return config


@cache
def head() -> str:
    """The newest version this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


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
    with store.begin() as tx:
        if not store.is_sqlite:
            tx.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(_config(tx.connection), to)
    return True


def check_known(store: Store) -> None:
    """Refuse a database that a newer program has changed.

    Raises:
        NotMigrated: with the mend.
    """
    current = version(store)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if current is not None and current not in known:
        raise NotMigrated(
            f"The database is at version {current}, which this program does not know: install a newer Baton."
        )
