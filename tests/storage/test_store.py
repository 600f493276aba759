"""The memory, on each database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.usecases import advance_leads as advancing
from bot.usecases.announce_mqls import announce_mqls
from bot.usecases.draft import EngagementIn, LeadIn, to_draft, to_seen
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import record_engagements
from bot.usecases.report_funnel import report_funnel
from funnel.lead import Subject
from funnel.lifecycle import Stage
from funnel.notices import RefreshHome
from funnel.period import parse_period
from funnel.policy import Policy
from funnel.question import Dimension, FunnelQuestion
from funnel.scoring import Assessment
from funnel.text import visible_data, visible_line
from storage.errors import Conflict
from storage.store import Store
from tests.support.clock import START
from tests.support.databases import Databases, opened


def _receive(store: Store, policy: Policy, **lead: str) -> int:
    return receive_leads(store, policy, [to_draft(LeadIn(source="web", **lead), START)], START, "test")[0].lead_id


def test_what_a_block_did_is_gone_when_it_raises(store: Store) -> None:
    def half_done() -> None:
        with store.begin() as tx:
            tx.outbox.add([RefreshHome(user="U1")], START)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_done()
    with store.read() as tx:
        assert tx.outbox.count()["pending"] == 0


def test_the_dispatcher_is_woken_after_the_commit_and_only_when_there_is_something(store: Store) -> None:
    woken = []
    store.on_outbox = lambda: woken.append(1)
    with store.begin() as tx:
        tx.leases.acquire("x", "me", START, START)
    assert woken == []
    with store.begin() as tx:
        tx.outbox.add([RefreshHome(user="U1")], START)
        assert woken == []
    assert woken == [1]


def test_a_letter_with_a_key_is_written_once(store: Store) -> None:
    for new in (True, False):
        with store.begin() as tx:
            assert tx.outbox.add_once("k", RefreshHome(user="U1"), START) is new


def test_a_letter_is_taken_by_one(store: Store) -> None:
    with store.begin() as tx:
        tx.outbox.add([RefreshHome(user="U1")], START)
        [(_, letter_id)] = tx.outbox.heads(START)
    start = Barrier(8)

    def take(_: int) -> bool:
        start.wait()
        with store.begin() as tx:
            return tx.outbox.take(letter_id, START) is not None

    with ThreadPoolExecutor(8) as takers:
        assert sum(takers.map(take, range(8))) == 1


def test_a_lease_has_one_holder_until_it_runs_out(store: Store) -> None:
    later = START + timedelta(seconds=10)
    with store.begin() as tx:
        assert tx.leases.acquire("x", "a", START, later)
        assert not tx.leases.acquire("x", "b", START, later)
        assert tx.leases.acquire("x", "a", START, later)
        assert tx.leases.acquire("x", "b", later + timedelta(seconds=1), later)


def test_the_same_person_from_many_doors_at_once_is_one_lead(store: Store, policy: Policy) -> None:
    start = Barrier(16)

    def receive(_: int) -> int:
        start.wait()
        return _receive(store, policy, email="dana@acme.example")

    with ThreadPoolExecutor(16) as doors:
        assert len(set(doors.map(receive, range(16)))) == 1


def test_a_conflict_is_named_so_that_the_use_case_can_run_again(store: Store, policy: Policy) -> None:
    _receive(store, policy, email="dana@acme.example")
    with pytest.raises(Conflict), store.begin() as tx:
        tx.leads.name({("@", "dana@acme.example"): 1})


def test_an_mql_that_does_more_stays_one_cycle(store: Store, policy: Policy) -> None:
    lead_id = _receive(store, policy, email="dana@acme.example")
    for number in range(3):
        seen = to_seen(EngagementIn(lead_id=lead_id, kind="demo_request", event_id=str(number)), START)
        record_engagements(store, policy, [seen], "web", START)
        announce_mqls(store, policy, START)
    with store.read() as tx:
        assert len(tx.cycles.of_lead(lead_id)) == 1
        assert tx.outbox.count()["pending"] == 1


def test_only_what_is_due_is_scored(store: Store, policy: Policy) -> None:
    _receive(store, policy, email="dana@acme.example")
    assert announce_mqls(store, policy, START) == 1
    assert announce_mqls(store, policy, START) == 0


@pytest.mark.parametrize("sign", ["50%", "a_b", "\\", "'; DROP TABLE lead; --", "Ünï"])
def test_a_search_takes_every_sign_literally(store: Store, policy: Policy, sign: str) -> None:
    _receive(store, policy, email="dana@acme.example", company=f"x {sign} y")
    _receive(store, policy, email="kim@acme.example", company="something else")
    with store.read() as tx:
        assert [lead.facts.company for lead in tx.leads.find(sign)] == [f"x {sign} y"]


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), min_size=1, max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=words, key=words, value=st.one_of(words, st.integers(-(2**53), 2**53), st.booleans(), st.none()))
def test_whatever_text_comes_in_comes_out(store: Store, policy: Policy, name: str, key: str, value: object) -> None:
    """But for what nobody can see of it."""
    lead = LeadIn(source="web", external_id=uuid4().hex, name=name, attributes={key: value})
    received = receive_leads(store, policy, [to_draft(lead, START)], START, "test")[0]
    with store.read() as tx:
        stored = tx.leads.get(received.lead_id)
    assert stored is not None
    seen = visible_line(lead.name or "") or None, visible_data(lead.attributes)
    assert (stored.facts.name, stored.facts.attributes) == seen


def test_two_who_fill_gaps_of_one_lead_at_once_lose_nothing(store: Store, policy: Policy) -> None:
    lead_id = _receive(store, policy, email="dana@acme.example")
    start = Barrier(8)

    def fill(number: int) -> None:
        lead = LeadIn(source="web", email="dana@acme.example", attributes={f"a{number}": number})
        start.wait()
        receive_leads(store, policy, [to_draft(lead, START)], START, "test")

    with ThreadPoolExecutor(8) as doors:
        list(doors.map(fill, range(8)))
    with store.read() as tx:
        stored = tx.leads.get(lead_id)
    assert stored is not None
    assert stored.facts.attributes == {f"a{number}": number for number in range(8)}


def test_who_decides_on_an_older_state_changes_nothing(store: Store, policy: Policy) -> None:
    lead_id = _receive(store, policy, email="dana@acme.example")
    seen = to_seen(EngagementIn(lead_id=lead_id, kind="demo_request"), START)
    record_engagements(store, policy, [seen], "web", START)
    announce_mqls(store, policy, START)
    with store.begin() as tx:
        tx.cycles.claim(1, "U1", START)
        anas = tx.cycles.get(1)
        assert anas is not None
        assert tx.cycles.move(anas, Stage.MQL, START, owner=None)
        tx.cycles.claim(1, "U2", START)
        assert not tx.cycles.move(anas, Stage.MQL, START, owner=None)  # released twice: the second comes too late


def test_a_lead_with_impossible_values_holds_up_no_other(
    store: Store, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [_receive(store, policy, email=f"p{number}@acme.example") for number in range(3)]
    seen = [to_seen(EngagementIn(lead_id=lead_id, kind="demo_request"), START) for lead_id in ids]
    record_engagements(store, policy, seen, "web", START)
    real = advancing.assess

    def assess(subject: Subject, *rest: Any) -> Assessment:
        if subject.facts.email == "p1@acme.example":
            raise OverflowError
        return real(subject, *rest)

    monkeypatch.setattr(advancing, "assess", assess)
    announce_mqls(store, policy, START)
    with store.read() as tx:
        assert [len(tx.cycles.of_lead(lead_id)) for lead_id in ids] == [1, 0, 1]
    monkeypatch.undo()
    announce_mqls(store, policy, START + timedelta(hours=2))
    with store.read() as tx:
        assert len(tx.cycles.of_lead(ids[1])) == 1


@pytest.mark.parametrize("by", list(Dimension))
def test_the_funnel_splits_by_every_dimension(store: Store, policy: Policy, by: Dimension) -> None:
    drafts = [
        LeadIn(
            source=country,
            external_id=str(number),
            name=f"P {number}",
            stage="mql",
            country=country,
            industry=country,
            campaign=country,
        )
        for number, country in enumerate(["Germany", "Germany", "France"])
    ]
    receive_leads(store, policy, [to_draft(lead, START) for lead in drafts], START, "test")
    asked = FunnelQuestion(period=parse_period("this week", START, UTC), by=by)
    groups = {group.name: group.cycles for group in report_funnel(store, asked, START).groups}
    if by is Dimension.OWNER:
        assert groups == {"nobody yet": 3}
    elif by is Dimension.ROUTE:
        assert groups == {"Inbound": 3}
    else:
        assert groups == {"Germany": 2, "France": 1}


@pytest.mark.parametrize("outcome", ["rejected", "disqualified", "recycled"])
def test_imported_outcomes_are_part_of_their_cohort(store: Store, policy: Policy, outcome: str) -> None:
    drafts = [LeadIn(source="web", external_id=str(number), stage="mql") for number in range(3)]
    drafts.append(LeadIn(source="web", external_id="9", stage=outcome))  # type: ignore[arg-type]
    receive_leads(store, policy, [to_draft(lead, START) for lead in drafts], START, "test")
    total = report_funnel(store, FunnelQuestion(period=parse_period("this week", START, UTC)), START).total
    assert (total.cycles, total.disposition["open"], total.disposition[outcome], total.skipped) == (4, 3, 1, {})


def test_an_excluded_lead_does_not_wake(store: Store, policy: Policy) -> None:
    lead = LeadIn(source="web", email="a@a.example", attributes={"unsubscribed": True}, stage="recycled")  # type: ignore[arg-type]
    lead_id = receive_leads(store, policy, [to_draft(lead, START)], START, "test")[0].lead_id
    with store.begin() as tx:
        tx.leads.set_aside(lead_id, Stage.RECYCLED, START)
    announce_mqls(store, policy, START + timedelta(days=1))
    with store.read() as tx:
        assert len(tx.cycles.of_lead(lead_id)) == 1


def test_two_leads_that_turn_out_to_be_one_are_told_and_neither_takes_the_others_address(
    store: Store, policy: Policy
) -> None:
    by_id = _receive(store, policy, external_id="42")
    by_mail = _receive(store, policy, email="dana@acme.example")
    both = LeadIn(source="web", external_id="42", email="dana@acme.example")
    told = receive_leads(store, policy, [to_draft(both, START)], START, "test")[0]
    assert told.lead_id == by_mail
    assert "both are kept" in told.remark
    with store.read() as tx:
        other = tx.leads.get(by_id)
    assert other is not None
    assert other.facts.email is None


def test_a_database_that_was_restarted_is_met_again_at_the_first_try(databases: Databases, policy: Policy) -> None:
    with opened(databases.fresh("postgresql")) as store, opened(databases.fresh("postgresql")) as operator:
        _receive(store, policy, email="dana@acme.example")
        cut = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        with operator.begin() as tx:
            tx.connection.execute(cut, {"name": store.engine.url.database})
        assert _receive(store, policy, email="dana@acme.example") == 1
