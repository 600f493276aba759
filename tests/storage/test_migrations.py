"""The schema and its versions."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Integer, Table, text

from storage import migrate
from storage.errors import BrokenKeys, NotMigrated
from storage.new_version import write_version
from storage.rebuilding import keys_unchecked
from storage.store import Store
from storage.tables import belongs_to, metadata
from tests.support.databases import Databases, opened
from tests.support.rows import contents, fill

VERSIONS = sorted(path.name[:4] for path in (migrate.MIGRATIONS / "versions").glob("0*.py"))
PARENTS = sorted({key.column.table.name for table in metadata.tables.values() for key in table.foreign_keys})
Contents = dict[str, list[dict[str, Any]]]


def test_the_newest_version_is_what_the_tables_say(databases: Databases, kind: str) -> None:
    with opened(databases.fresh(kind)) as store, store.begin() as tx:
        options = {"render_as_batch": True, "include_object": belongs_to(tx.connection.dialect.name)}
        context = MigrationContext.configure(tx.connection, opts=options)
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


def _read(store: Store) -> Contents:
    with store.read() as tx:
        return contents(tx.connection)


def _in_common(before: Contents, after: Contents) -> tuple[Contents, Contents]:
    """The two contents without the tables and columns that only one of them has."""
    shared = before.keys() & after.keys()
    columns = {table: before[table][0].keys() & after[table][0].keys() for table in shared if after[table]}

    def cut(whole: Contents) -> Contents:
        return {
            table: [{name: row[name] for name in columns.get(table, row)} for row in whole[table]] for table in shared
        }

    return cut(before), cut(after)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_row_of_every_version_comes_up_to_the_newest_and_back_down(
    databases: Databases, kind: str, version: str
) -> None:
    with opened(databases.empty(kind)) as store:
        migrate.upgrade(store, version)
        with store.begin() as tx:
            fill(tx.connection)
        before = _read(store)
        assert all(len(rows) == 3 for rows in before.values())
        migrate.upgrade(store)
        kept, here = _in_common(before, _read(store))
        assert here == kept
        assert kept.keys() == before.keys()
        for older in reversed([None, *VERSIONS[:-1]]):
            migrate.downgrade(store, older or "base")
            assert migrate.version(store) == older
            kept, here = _in_common(before, _read(store))
            assert here == kept
            if older and older >= version:
                assert kept.keys() == before.keys()


@pytest.mark.parametrize("table", PARENTS)
def test_a_table_that_others_refer_to_can_be_made_anew(databases: Databases, table: str) -> None:
    with opened(databases.fresh("sqlite")) as store:
        with store.begin() as tx:
            fill(tx.connection)
        before = _read(store)
        make_anew(store, table)
        assert _read(store) == before
        with store.read() as tx:
            assert tx.connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert tx.leads.count_by_stage() == {"raw": 1, "prospect": 1, "mql": 1}


def make_anew(store: Store, table: str) -> None:
    with migrate.changing_schema(store) as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table(table, recreate="always"):
            pass


def test_a_change_that_leaves_rows_without_those_they_refer_to_is_refused(databases: Databases) -> None:
    with opened(databases.fresh("sqlite")) as store:
        with store.begin() as tx:
            fill(tx.connection)
        before = _read(store)
        with (
            pytest.raises(BrokenKeys, match=r"3 of identity to lead.*baton migrate"),
            migrate.changing_schema(store) as it,
        ):
            it.exec_driver_sql("DELETE FROM lead")
        assert _read(store) == before


def test_a_database_with_lost_rows_is_not_changed(databases: Databases) -> None:
    with opened(databases.empty("sqlite")) as store:
        migrate.upgrade(store, "0004")
        with store.begin() as tx:
            fill(tx.connection)
        with store.engine.connect() as connection, keys_unchecked(connection), connection.begin():
            connection.exec_driver_sql("DELETE FROM cycle WHERE id = 3")
        with pytest.raises(BrokenKeys, match="1 of answer to cycle"):
            migrate.upgrade(store)
        assert migrate.version(store) == "0004"


def _numbered() -> list[Table]:
    """The tables whose ids the database gives."""
    return [
        table
        for table in metadata.tables.values()
        if table.primary_key.columns.keys() == ["id"]
        and isinstance(table.c.id.type, Integer)
        and table.name != "merged_lead"
    ]


def test_no_table_gives_an_id_twice(databases: Databases) -> None:
    """Alembic does not compare this."""
    with opened(databases.fresh("sqlite")) as store, store.read() as tx:
        made = text("SELECT name FROM sqlite_master WHERE sql LIKE '%PRIMARY KEY AUTOINCREMENT%'")
        assert set(tx.connection.scalars(made)) == {table.name for table in _numbered()}
    for table in _numbered():
        assert table.dialect_options["sqlite"]["autoincrement"], table.name


def test_the_next_version_is_written_from_what_the_tables_say(tmp_path: Path) -> None:
    """Here from versions without the newest, whose changes have to be seen again."""
    versions = shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations") / "versions"
    next(versions.glob(f"{VERSIONS[-1]}_*.py")).unlink()
    written = write_version("Count the leads", versions.parent)
    assert written == versions / f"{VERSIONS[-1]}_count_the_leads.py"
    content = written.read_text()
    assert content.startswith('"""Count the leads."""\n')
    assert f'revision = "{VERSIONS[-1]}"\ndown_revision = "{VERSIONS[-2]}"' in content
    assert '"stage_report",' in content
    checked = subprocess.run([sys.executable, "-m", "ruff", "format", "--check", written], capture_output=True)
    assert checked.returncode == 0
