"""Leads are found by any part of their name, company or address, and counted by stage, whatever became of them."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot import doctor
from bot.usecases.draft import LeadIn, to_draft
from bot.usecases.merge_leads import merge_leads
from bot.usecases.receive_leads import receive_leads
from funnel.lifecycle import Stage
from funnel.policy import Policy
from funnel.roles import Person
from storage import migrate
from storage.store import Store
from tests.storage.test_migrations import make_anew
from tests.support.clock import START
from tests.support.command_line import baton
from tests.support.databases import Databases, opened
from tests.support.rows import fill

PIECES = st.sampled_from(["a", "B", "ab", "%", "_", "\\", "'", "Ä", "ü", " x", "Z", "(", '"', "*"])
WORDS = st.lists(PIECES, min_size=1, max_size=4).map(lambda pieces: "w" + "".join(pieces))


def _receive(store: Store, policy: Policy, **lead: str) -> int:
    return receive_leads(store, policy, [to_draft(LeadIn(source="web", **lead), START)], START, "test")[0].lead_id


def _expected(store: Store, wanted: str, limit: int) -> list[int]:
    with store.read() as tx:
        leads = tx.leads.get_many(tx.connection.scalars(text("SELECT id FROM lead")))
    hits = [
        (lead.last_activity_at, lead.id)
        for lead in leads.values()
        if any(
            wanted.lower() in (said or "").lower() for said in (lead.facts.name, lead.facts.company, lead.facts.email)
        )
    ]
    return [lead_id for _, lead_id in sorted(hits, reverse=True)[:limit]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
@given(names=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4), wanted=PIECES, merge=st.booleans())
def test_a_search_finds_what_contains_the_text(
    store: Store, policy: Policy, names: list[tuple[str, str]], wanted: str, merge: bool
) -> None:
    """Whatever was received, filled in, merged, or emptied, also in earlier examples: they share a database."""
    with store.read() as tx:
        before = tx.connection.scalar(text("SELECT count(*) FROM lead")) or 0
    ids = [
        _receive(store, policy, name=name, company=company, email=f"n{before}x{place}@acme.example")
        for place, (name, company) in enumerate(names)
    ]
    if merge and len(ids) > 2:
        merge_leads(store, policy, Person(id="UADA"), ids[0], ids[1], START)
    with store.begin() as tx:
        tx.connection.execute(text(f"UPDATE lead SET name = NULL WHERE id = {ids[-1]}"))
        tx.engagements.touch({ids[0]: START + timedelta(minutes=before)})
    with store.read() as tx:
        for sought in (wanted, "w" + wanted, "acme.example"):
            assert [lead.id for lead in tx.leads.find(sought, 5)] == _expected(store, sought, 5)


def test_a_search_reads_an_index_alone(databases: Databases) -> None:
    with opened(databases.fresh("sqlite")) as store, store.read() as tx:
        asked: list[str] = []
        tx.connection.connection.driver_connection.set_trace_callback(asked.append)
        tx.leads.find("somebody")
        tx.connection.connection.driver_connection.set_trace_callback(None)
        search = next(statement for statement in asked if "any_contains" in statement)
        [plan, *_] = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {search}").all()
    assert "COVERING INDEX ix_lead_search" in plan.detail


def _truth(store: Store) -> dict[str, int]:
    with store.read() as tx:
        rows = tx.connection.execute(text("SELECT stage, count(*) AS leads FROM lead GROUP BY stage"))
        return {row.stage: row.leads for row in rows}


def _counted(store: Store) -> dict[str, int]:
    with store.read() as tx:
        return tx.leads.count_by_stage()


STAGES = st.sampled_from([*Stage])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
@given(steps=st.lists(st.tuples(st.sampled_from(["add", "move", "merge", "fold", "rebuild"]), STAGES), max_size=8))
def test_leads_are_counted_as_they_stand(store: Store, policy: Policy, steps: list[tuple[str, Stage]]) -> None:
    for step, stage in steps:
        with store.read() as tx:
            ids = list(tx.connection.scalars(text("SELECT id FROM lead ORDER BY id")))
        if step == "add":
            _receive(store, policy, email=f"n{len(ids)}{stage.value}@acme.example", name=f"n{len(ids)}")
        elif step == "move":
            with store.begin() as tx:
                tx.leads.set_stages(dict.fromkeys(ids[::2], stage))
        elif step == "merge" and len(ids) > 1:
            merge_leads(store, policy, Person(id="UADA"), ids[0], ids[-1], START)
        elif step == "fold":
            with store.begin() as tx:
                tx.leads.fold_counts()
        elif step == "rebuild" and store.is_sqlite:
            make_anew(store, "lead")
        assert _counted(store) == _truth(store)


def test_what_a_rolled_back_transaction_counted_is_gone(store: Store, policy: Policy) -> None:
    lead_id = _receive(store, policy, email="dana@acme.example")
    with store.engine.connect() as connection:
        connection.execute(text(f"UPDATE lead SET stage = 'mql' WHERE id = {lead_id}"))
        connection.rollback()
    assert _counted(store) == {"raw": 1}


def test_two_that_count_at_once_wait_for_each_other_nowhere(databases: Databases, policy: Policy) -> None:
    """On PostgreSQL, where two can write at once: each moves a lead while the other has not committed."""
    with opened(databases.fresh("postgresql")) as store:
        first, second = (_receive(store, policy, email=f"{name}@{name}.example") for name in ("dana", "carl"))
        with store.begin() as one, store.begin() as other:
            other.connection.execute(text("SET LOCAL lock_timeout = '1s'"))
            one.leads.set_stage(first, Stage.MQL)
            other.leads.set_stage(second, Stage.MQL)
            assert other.leads.count_by_stage() == {"raw": 1, "mql": 1}
        assert _counted(store) == _truth(store) == {"mql": 2}
        with store.begin() as tx:
            tx.leads.fold_counts()
            assert tx.connection.scalar(text("SELECT max(shard) FROM lead_count")) == 0
        assert _counted(store) == {"mql": 2}


def test_the_leads_of_an_older_database_are_counted(databases: Databases, kind: str) -> None:
    with opened(databases.empty(kind)) as store:
        migrate.upgrade(store, "0004")
        with store.begin() as tx:
            fill(tx.connection, 7)
        migrate.upgrade(store)
        assert _counted(store) == _truth(store) == {"raw": 2, "prospect": 3, "mql": 2}


def test_where_no_index_is_searched_the_doctor_says_how_to_make_it(
    databases: Databases, policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once there are many leads; nothing depends on them."""
    url = databases.fresh("postgresql")
    with opened(url) as store:
        _receive(store, policy, email="dana@acme.example")
    assert "Search" not in baton(tmp_path, "doctor", DATABASE_URL=url).stdout
    monkeypatch.setattr(doctor, "MANY_LEADS", 0)
    told = baton(tmp_path, "doctor", DATABASE_URL=url).stdout
    assert (
        "/lead find reads all 1 leads; to have them in an index, run in psql: CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE"
        in told
    )
