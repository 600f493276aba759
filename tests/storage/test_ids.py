"""An id is given once: whoever wrote it down finds nobody else under it, whatever became of the row."""

from collections import defaultdict
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, func, inspect, select, text

from bot.usecases.draft import EngagementIn, LeadIn, to_draft, to_seen
from bot.usecases.merge_leads import merge_leads
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import record_engagements
from funnel.notices import RefreshHome
from funnel.policy import Policy
from funnel.roles import Person
from storage import migrate
from storage.rows import allocate_ids
from storage.store import Store
from storage.tables import metadata
from tests.storage.test_migrations import make_anew
from tests.support.clock import START
from tests.support.databases import Databases, opened
from tests.support.rows import row_for

NUMBERED = [table for table in metadata.sorted_tables if table.dialect_options["sqlite"]["autoincrement"]]


def _receive(store: Store, policy: Policy, name: str) -> int:
    draft = to_draft(LeadIn(source="web", email=f"{name}@{name}.example", name=name), START)
    return receive_leads(store, policy, [draft], START, "test")[0].lead_id


def test_a_merged_leads_id_is_never_given_again(store: Store, policy: Policy) -> None:
    one, other = _receive(store, policy, "dana"), _receive(store, policy, "dora")
    merge_leads(store, policy, Person(id="UADA"), one, other, START)
    third = _receive(store, policy, "carl")
    assert third not in {one, other}
    seen = to_seen(EngagementIn(lead_id=third, kind="demo_request"), START)
    assert [one.lead_id for one in record_engagements(store, policy, [seen], "test", START)] == [third]


def test_an_id_given_twice_by_an_older_version_is_that_of_the_living_lead(store: Store, policy: Policy) -> None:
    """And when that one is merged as well, its id leads to whom it became."""
    one, other = _receive(store, policy, "dana"), _receive(store, policy, "dora")
    merge_leads(store, policy, Person(id="UADA"), one, other, START)
    third, fourth = _receive(store, policy, "carl"), _receive(store, policy, "cora")
    with store.begin() as tx:
        tx.connection.execute(text(f"DELETE FROM identity WHERE lead_id = {third}"))
        tx.connection.execute(text(f"UPDATE lead SET id = {other} WHERE id = {third}"))
    with store.read() as tx:
        assert tx.leads.now_known_as([one, other]) == {one: one, other: other}
        lead = tx.leads.get(other)
        assert lead is not None
        assert lead.facts.name == "carl"
    merge_leads(store, policy, Person(id="UADA"), other, fourth, START)
    with store.read() as tx:
        assert len(set(tx.leads.now_known_as([other, fourth]).values())) == 1


def test_what_is_forgotten_gives_its_id_to_nobody(store: Store) -> None:
    with store.begin() as tx:
        tx.outbox.add([RefreshHome(user="U1")], START)
        [(_, first)] = tx.outbox.heads(START)
        tx.outbox.settle(first, "sent", START)
        assert tx.outbox.forget(START + timedelta(days=1)) == 1
        tx.outbox.add([RefreshHome(user="U1")], START)
        [(_, second)] = tx.outbox.heads(START)
    assert second > first


STEPS = ("insert", "allocate", "delete", "empty", "rebuild")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
@given(table=st.sampled_from(NUMBERED), steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=10))
def test_no_id_of_any_table_is_given_twice(everything: "Everything", table: Table, steps: list[str]) -> None:
    """Also none that an earlier example was given: all of them fill one database."""
    for step in steps:
        getattr(everything, step)(table)


class Everything:
    """A database that is filled and emptied at random; it fails at the first id that comes back."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._given: dict[str, set[int]] = defaultdict(set)
        self._numbers = count(1)

    def insert(self, table: Table) -> None:
        with self._store.begin() as tx:
            self._add(tx.connection, table)

    def allocate(self, table: Table) -> None:
        with self._store.begin() as tx:
            for new in allocate_ids(tx.connection, table, 3):
                self._add(tx.connection, table, new)

    def delete(self, table: Table) -> None:
        """The newest row goes, and all that refers to it."""
        with self._store.begin() as tx:
            newest = tx.connection.scalar(select(func.max(table.c.id)))
            self._remove(tx.connection, table, [newest])

    def empty(self, table: Table) -> None:
        with self._store.begin() as tx:
            self._remove(tx.connection, table, list(tx.connection.scalars(select(table.c.id))))

    def rebuild(self, table: Table) -> None:
        if self._store.is_sqlite:
            make_anew(self._store, table.name)

    def _add(self, connection: Connection, table: Table, new: int | None = None) -> int:
        row = row_for(table, next(self._numbers))
        for column in table.columns:
            for key in column.foreign_keys:
                row[column.name] = self._parent(connection, key.column.table, key.column.name)
        row.pop("id")
        if table.name == "cycle":
            row["closed_at"] = START
        added = table.insert().values(row if new is None else row | {"id": new}).returning(table.c.id)
        lead_id: int = connection.execute(added).scalar_one()
        assert lead_id not in self._given[table.name]
        self._given[table.name].add(lead_id)
        return lead_id

    def _parent(self, connection: Connection, table: Table, column: str) -> object:
        known = connection.scalar(select(func.max(table.c[column])))
        if known is not None:
            return known
        if column == "id":
            return self._add(connection, table)
        row = row_for(table, next(self._numbers))
        connection.execute(table.insert().values(row))
        return row[column]

    def _remove(self, connection: Connection, table: Table, ids: list[int]) -> None:
        for child in NUMBERED:
            for column in child.columns:
                if any(key.column is table.c.id for key in column.foreign_keys):
                    theirs = list(connection.scalars(select(child.c.id).where(column.in_(ids))))
                    if theirs:
                        self._remove(connection, child, theirs)
        connection.execute(table.delete().where(table.c.id.in_(ids)))


@pytest.fixture
def everything(store: Store) -> Everything:
    return Everything(store)


def test_an_older_database_gives_no_id_again_that_is_written_down_anywhere(databases: Databases) -> None:
    with opened(databases.empty("sqlite")) as store:
        migrate.upgrade(store, "0004")
        with store.begin() as tx:
            for table, row in (
                ("lead", {"id": 4}),
                ("merged_lead", {"id": 9, "into_id": 4}),
                ("outbox", {"id": 3, "payload": '{"kind": "refresh_upload", "upload_id": 20000}'}),
                ("upload", {"id": 2}),
            ):
                columns = row_for(metadata.tables[table], 1)
                there = {column["name"] for column in inspect(tx.connection).get_columns(table)}
                known = {name: columns[name] for name in there if not metadata.tables[table].c[name].foreign_keys}
                tx.connection.execute(metadata.tables[table].insert().values(known | row))
        migrate.upgrade(store)
        with store.begin() as tx:
            first = {
                name: allocate_ids(tx.connection, metadata.tables[name], 1)[0] for name in ("lead", "upload", "outbox")
            }
    assert first["lead"] == 10
    assert first["upload"] > 20_000
    assert first["outbox"] > 10_000, "those that were forgotten are left out as well"
