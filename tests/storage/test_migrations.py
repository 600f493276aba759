"""The schema and its versions."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from storage import migrate
from storage.errors import NotMigrated
from storage.tables import metadata
from tests.support.databases import Databases, opened


def test_the_newest_version_is_what_the_tables_say(databases: Databases, kind: str) -> None:
    with opened(databases.fresh(kind)) as store, store.begin() as tx:
        context = MigrationContext.configure(tx.connection, opts={"render_as_batch": True})
        assert compare_metadata(context, metadata) == []


def test_an_empty_database_is_brought_up_once(databases: Databases, kind: str) -> None:
    with opened(databases.empty(kind)) as store:
        assert migrate.version(store) is None
        assert migrate.upgrade(store)
        assert migrate.version(store) == migrate.head()
        assert not migrate.upgrade(store)


def test_upgrading_keeps_what_is_stored(databases: Databases, kind: str) -> None:
    """From the first version, with a lead in it, step by step to the newest."""
    with opened(databases.empty(kind)) as store:
        migrate.upgrade(store, "0001")
        with store.begin() as tx:
            columns = "id, email, domain, attributes, source, stage, first_seen_at, received_at, last_activity_at"
            at = "'2026-01-01 00:00:00.000000'"
            values = f"1, 'dana@acme.example', 'acme.example', '{{}}', 'web', 'raw', {at}, {at}, {at}"
            tx.connection.execute(text(f"INSERT INTO lead ({columns}, fit, behaviour) VALUES ({values}, 0, 0)"))
        assert migrate.upgrade(store)
        with store.read() as tx:
            lead = tx.leads.get(1)
        assert lead is not None
        assert (lead.facts.email, lead.facts.account, lead.filled) == ("dana@acme.example", "acme.example", {})


def test_a_database_of_a_newer_program_is_refused(databases: Databases, kind: str) -> None:
    with opened(databases.fresh(kind)) as store:
        with store.begin() as tx:
            tx.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(NotMigrated, match="install a newer Baton"):
            migrate.upgrade(store)
