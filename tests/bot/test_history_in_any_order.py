"""A lead's history is built from all that is known of it, whatever the order and the split in which it comes."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sqlalchemy import text

from bot.intake.csv_file import CsvFile
from bot.intake.doors import Doors
from bot.intake.import_file import import_file
from bot.intake.mapping import Mapping
from bot.usecases.announce_mqls import announce_mqls
from bot.usecases.claim_lead import claim_lead
from bot.usecases.draft import LeadIn, to_draft
from bot.usecases.keep_body import keep_body
from bot.usecases.manage_keys import check_key, create_key
from bot.usecases.merge_leads import merge_leads
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import Seen, record_engagements
from bot.usecases.report_stage import report_stage
from funnel.lead import EMAIL, Engagement
from funnel.lifecycle import CYCLE_STAGES, OUTCOMES, Stage
from funnel.notices import Click
from funnel.policy import Policy
from funnel.roles import Person
from storage.keys import Rights
from storage.store import Store
from tests.support.databases import Databases, emptied, opened
from tests.support.size import sized

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PEOPLE = ["ann@acme.example", "bo@acme.example", "cy@oak.example"]

_STAGES = st.sampled_from([None, Stage.PROSPECT, *CYCLE_STAGES, *OUTCOMES])


@st.composite
def rows(draw: st.DrawFn) -> LeadIn:
    """A row of an export: somebody, perhaps with a stage, on a day long past."""
    return LeadIn(
        email=draw(st.sampled_from(PEOPLE)),
        source=draw(st.sampled_from(["fair", "web"])),
        company=draw(st.sampled_from([None, "Acme", "Acme Ltd"])),
        attributes=draw(st.sampled_from([{}, {"plan": "free"}, {"plan": "paid"}])),
        stage=draw(_STAGES),
        occurred_at=FIRST + timedelta(days=draw(st.integers(0, 60))),
    )


@st.composite
def two_orders(draw: st.DrawFn) -> tuple[list[list[LeadIn]], list[list[LeadIn]]]:
    """The same rows in the order of their days at once, and in another order in several batches."""
    world = draw(st.lists(rows(), min_size=1, max_size=12))
    in_order = sorted(world, key=lambda row: (row.occurred_at or NOW, list(Stage).index(row.stage or Stage.RAW)))
    shuffled = draw(st.permutations(world))
    cuts = sorted(draw(st.sets(st.integers(1, len(world)), max_size=3)))
    edges = list(zip([0, *cuts], [*cuts, len(world)], strict=True))
    return [in_order], [shuffled[first:last] for first, last in edges if first < last]


def hand_in(store: Store, policy: Policy, batches: Sequence[Sequence[LeadIn]]) -> None:
    """In turn as a request over HTTP and as a CSV file; the first of all as what is common to both."""
    for number, batch in enumerate(batches):
        ENTRY_POINTS[number % len(ENTRY_POINTS)](store, policy, batch)


def by_use_case(store: Store, policy: Policy, batch: Sequence[LeadIn]) -> None:
    receive_leads(store, policy, [to_draft(row, NOW) for row in batch], NOW, "import")


def over_http(store: Store, policy: Policy, batch: Sequence[LeadIn]) -> None:
    caller = check_key(store, create_key(store, "import", NOW, Rights(any_source=True)))
    content = TypeAdapter(list[LeadIn]).dump_json(list(batch), exclude_none=True).decode()
    body = keep_body(store, caller, "leads", "application/json", None, content)
    answer = Doors(store, lambda: policy, lambda: NOW).work(body)
    assert answer.status == 200, answer.text


def as_a_file(store: Store, policy: Policy, batch: Sequence[LeadIn]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["email", "source", "company", "plan", "stage", "occurred_at"])
            writer.writerows(map(cells, batch))
        columns = {"email": "email", "source": "source", "company": "company", "stage": "stage"}
        mapping = Mapping(columns=columns | {"occurred_at": "occurred_at", "attributes.plan": "plan"})
        summary = import_file(
            CsvFile(path, mapping, UTC), store, policy, "import", NOW, path.with_suffix(".rejects"), lambda _: None
        )
        assert summary.refused == 0, summary.examples


def cells(row: LeadIn) -> list[str]:
    at = row.occurred_at.isoformat() if row.occurred_at else ""
    return [row.email or "", row.source, row.company or "", row.attributes.get("plan", ""), row.stage or "", at]


ENTRY_POINTS = [by_use_case, over_http, as_a_file]


TABLES = {
    "lead": "source, stage, first_seen_at, last_activity_at, company, attributes, filled, prospect_at",
    "cycle": "number, stage, reached, source, mql_at, accepted_at, sql_at, opportunity_at, customer_at, "
    "evangelist_at, closed_at, outcome_reason, owner, announced",
    "move": "old, new, at, actor, reason",
    "stage_report": "stage, at, is_dated",
}


def stored(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that is known of everybody, by their address instead of by ids."""
    with store.read() as tx:
        return {
            name: sorted(
                tuple(map(str, row))
                for row in tx.connection.execute(
                    text(
                        f"SELECT identity.key, {', '.join(f'{name}.{one}' for one in columns.split(', '))} FROM {name} "
                        f"JOIN identity ON identity.lead_id = {'lead.id' if name == 'lead' else f'{name}.lead_id'}"
                    )
                )
            )
            for name, columns in TABLES.items()
        }


@pytest.fixture
def pair(databases: Databases, kind: str) -> Any:
    with opened(databases.fresh(kind)) as one, opened(databases.fresh(kind)) as other:
        yield one, other


@pytest.mark.both_databases
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=sized(50, 200))
@given(two_orders())
def test_rows_in_any_order_and_any_split_make_the_same_tables(
    pair: tuple[Store, Store], policy: Policy, orders: tuple[list[list[LeadIn]], list[list[LeadIn]]]
) -> None:
    for store, batches in zip(pair, orders, strict=True):
        emptied(store)
        hand_in(store, policy, batches)
    assert stored(pair[0]) == stored(pair[1])


@pytest.mark.both_databases
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=sized(50, 200))
@given(two_orders())
def test_what_is_handed_in_again_changes_nothing(
    pair: tuple[Store, Store], policy: Policy, orders: tuple[list[list[LeadIn]], list[list[LeadIn]]]
) -> None:
    store = pair[0]
    emptied(store)
    hand_in(store, policy, orders[0])
    before = stored(store)
    hand_in(store, policy, orders[1])
    assert stored(store) == before


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def row(stage: Stage, number: int) -> LeadIn:
    return LeadIn(email=PEOPLE[0], source="crm", stage=stage, occurred_at=day(number))


def test_deals_that_come_before_their_mqls_count_in_the_cohort_of_the_mql(store: Store, policy: Policy) -> None:
    hand_in(store, policy, [[row(Stage.CUSTOMER, 40)], [row(Stage.SQL, 30)], [row(Stage.MQL, 10)]])
    with store.read() as tx:
        (cycle,) = tx.cycles.of_lead(1)
        moves = [(move.old, move.new) for move in tx.history.of_lead(1)]
        lead = tx.leads.get(1)
    assert (cycle.mql_at, cycle.sql_at, cycle.customer_at) == (day(10), day(30), day(40))
    assert moves == [(Stage.RAW, Stage.MQL), (Stage.MQL, Stage.SQL), (Stage.SQL, Stage.CUSTOMER)]
    assert lead is not None
    assert lead.first_seen_at == day(10)


def test_an_export_from_the_newest_to_the_oldest_makes_both_episodes(store: Store, policy: Policy) -> None:
    told = [(Stage.SQL, 60), (Stage.MQL, 50), (Stage.RECYCLED, 20), (Stage.ACCEPTED, 12), (Stage.MQL, 10)]
    hand_in(store, policy, [[row(stage, number)] for stage, number in told])
    with store.read() as tx:
        newest, first = tx.cycles.of_lead(1)
    assert (first.number, first.mql_at, first.stage, first.closed_at) == (1, day(10), Stage.RECYCLED, day(20))
    assert (newest.number, newest.mql_at, newest.stage, newest.sql_at) == (2, day(50), Stage.SQL, day(60))


def test_a_crm_that_reports_a_deal_late_gives_its_day_and_takes_nothing_back(store: Store, policy: Policy) -> None:
    hand_in(store, policy, [[row(Stage.MQL, 10)]])
    assert report_stage(store, policy, 1, Stage.CUSTOMER, day(40), "crm", NOW)
    assert not report_stage(store, policy, 1, Stage.OPPORTUNITY, day(30), "crm", NOW)
    with store.read() as tx:
        (cycle,) = tx.cycles.of_lead(1)
    assert (cycle.stage, cycle.opportunity_at, cycle.customer_at) == (Stage.CUSTOMER, day(30), day(40))


@pytest.mark.both_databases
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=sized(50, 200))
@given(st.lists(rows(), min_size=2, max_size=8), st.data())
def test_two_leads_that_become_one_have_the_history_they_had_been_one_with(
    pair: tuple[Store, Store], policy: Policy, world: list[LeadIn], data: st.DataObject
) -> None:
    """Rows of one person, who is handed in under two addresses, and then found out to be one."""
    addresses = data.draw(st.lists(st.sampled_from(PEOPLE[:2]), min_size=len(world), max_size=len(world)))
    for store in pair:
        emptied(store)
    world = [
        row.model_copy(update={"source": "crm"}) for row in world
    ]  # of one instant the lead handed in first counts
    hand_in(pair[0], policy, [[row.model_copy(update={"email": PEOPLE[0]}) for row in world]])
    halves = [row.model_copy(update={"email": address}) for row, address in zip(world, addresses, strict=True)]
    hand_in(pair[1], policy, [halves])
    with pair[1].read() as tx:
        known = set(tx.leads.resolve([(EMAIL, address) for address in PEOPLE[:2]]).values())
    if len(known) == 2:
        merge_leads(pair[1], policy, Person(id="UADA"), min(known), max(known), NOW)
    assert cycles_of(pair[0]) == cycles_of(pair[1])


def cycles_of(store: Store) -> list[tuple[Any, ...]]:
    with store.read() as tx:
        columns = TABLES["cycle"]
        return [tuple(map(str, one)) for one in tx.connection.execute(text(f"SELECT {columns} FROM cycle ORDER BY 1"))]


def test_after_a_merge_the_crm_speaks_to_the_cycle_that_lives(store: Store, policy: Policy) -> None:
    ids = [got.lead_id for got in receive_leads(store, policy, [to_draft(one, NOW) for one in TWINS], NOW, "web")]
    for lead_id in ids:
        record_engagements(store, policy, [Seen(event=demo(lead_id), lead_id=lead_id)], "web", NOW)
    announce_mqls(store, policy, NOW)
    with store.read() as tx:
        older, younger = (tx.cycles.of_lead(lead_id)[0] for lead_id in ids)
    claim_lead(store, policy, Person(id="UANA"), older.id, Click(user="UANA", channel="C1"), NOW)
    merge_leads(store, policy, Person(id="UADA"), *ids, NOW)
    later = NOW + timedelta(hours=1)
    assert report_stage(store, policy, ids[1], Stage.OPPORTUNITY, later, "crm", later)
    with store.read() as tx:
        living, ended = tx.cycles.get(older.id), tx.cycles.get(younger.id)
    assert living is not None
    assert ended is not None
    assert (living.stage, living.owner, living.opportunity_at) == (Stage.OPPORTUNITY, "UANA", later)
    assert (ended.stage, ended.outcome_reason) == (Stage.REJECTED, "Duplicate")
    assert {living.source, ended.source} == {"fair"}


TWINS = [
    LeadIn(email="dana@acme.example", source="fair", occurred_at=NOW - timedelta(days=2)),
    LeadIn(email="d.fields@acme.example", source="web", occurred_at=NOW - timedelta(days=1)),
]


def demo(number: int) -> Engagement:
    return Engagement(kind="demo_request", occurred_at=NOW, event_id=f"demo {number}")
