"""Corners where a lead could be lost, counted by the wrong rules, or told wrongly."""

import re
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.policy_file import example_path, read_policy
from bot.usecases import merge_leads as merging
from bot.usecases.announce_mqls import announce_mqls
from bot.usecases.change_policy import put_in_force
from bot.usecases.draft import EngagementIn, LeadIn, to_draft, to_seen
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import record_engagements
from bot.usecases.report_stage import report_stage
from bot.usecases.rescore_leads import is_rescoring_due, rescore_leads
from bot.usecases.show_lead import show_lead
from funnel.cycle import Cycle
from funnel.lead import Lead
from funnel.lifecycle import Stage
from funnel.policy import Policy
from funnel.roles import Person
from storage.merging import Merging
from storage.store import Store
from tests.support.clock import START
from tests.support.databases import Databases, opened
from tests.support.world import World

EXAMPLE = example_path().read_text(encoding="utf-8")
POLICY = read_policy(EXAMPLE, [])
DEARER = read_policy(re.sub(r"(name = \"Senior title\"\npoints = )\d+", r"\g<1>5", EXAMPLE), [])
COLLEAGUE = """
[[fit]]
name = "Colleague of a customer"
points = 7
when = [{ field = "account_is_customer", equals = true }]
"""
DAY = timedelta(days=1)


def _lead(store: Store, policy: Policy, at: datetime = START, email: str = "d@acme.example", **more: Any) -> int:
    draft = to_draft(LeadIn(source="web", email=email, **more), at)
    return receive_leads(store, policy, [draft], at, "test")[0].lead_id


def _did(store: Store, policy: Policy, lead_id: int, kind: str, at: datetime) -> None:
    seen = to_seen(EngagementIn(lead_id=lead_id, kind=kind, occurred_at=at), at)
    record_engagements(store, policy, [seen], "test", at)


def _now(store: Store, lead_id: int) -> tuple[Lead, list[Cycle]]:
    with store.read() as tx:
        lead = tx.leads.get(lead_id)
        assert lead is not None
        return lead, tx.cycles.of_lead(lead_id)


def _end(store: Store, lead_id: int, stage: Stage, at: datetime, wake_at: datetime | None = None) -> None:
    with store.begin() as tx:
        assert tx.cycles.move(tx.cycles.of_lead(lead_id)[0], stage, at, wake_at=wake_at)
        tx.leads.set_aside(lead_id, stage, wake_at)


def test_a_policy_that_comes_back_scores_everybody_anew(store: Store) -> None:
    lead_id = _lead(store, POLICY, title="VP Sales")
    for policy, fit in ((POLICY, 25), (DEARER, 5), (POLICY, 25)):
        put_in_force(store, policy, "ada", START)
        assert is_rescoring_due(store, policy)
        rescore_leads(store, policy, lambda: START)
        assert _now(store, lead_id)[0].fit == fit


def test_who_has_not_heard_of_a_change_scores_nobody_by_the_old_policy(store: Store) -> None:
    put_in_force(store, POLICY, "ada", START)
    lead_id = _lead(store, POLICY, title="VP Sales")
    announce_mqls(store, POLICY, START)
    put_in_force(store, DEARER, "ada", START)
    rescore_leads(store, DEARER, lambda: START)
    _did(store, POLICY, lead_id, "webinar", START)
    assert announce_mqls(store, POLICY, START) == 0
    assert _now(store, lead_id)[0].scored_under == DEARER.stamp
    assert announce_mqls(store, DEARER, START) == 1
    assert _now(store, lead_id)[0].behaviour == 20


def test_a_policy_is_not_changed_under_those_who_score(databases: Databases) -> None:
    with opened(databases.fresh("postgresql")) as store:
        put_in_force(store, POLICY, "ada", START)
        with store.begin() as tx:
            assert tx.policies.counts(POLICY.hash)
            change = threading.Thread(target=put_in_force, args=(store, DEARER, "ada", START))
            change.start()
            change.join(0.2)
            assert change.is_alive()
        change.join()
        with store.read() as tx:
            assert tx.policies.hash_in_force() == DEARER.hash


def test_who_unsubscribes_later_is_excluded_and_may_come_back(store: Store) -> None:
    lead_id = _lead(store, POLICY, title="VP Sales", attributes={"unsubscribed": False})
    _lead(store, POLICY, START + DAY, attributes={"unsubscribed": True})
    _did(store, POLICY, lead_id, "demo_request", START + DAY)
    announce_mqls(store, POLICY, START + DAY)
    assert not _now(store, lead_id)[1]
    _lead(store, POLICY, START + 2 * DAY, attributes={"unsubscribed": False})  # a list lifts no opt-out
    announce_mqls(store, POLICY, START + 2 * DAY)
    assert not _now(store, lead_id)[1]
    _did(store, POLICY, lead_id, "opt_in", START + 3 * DAY)
    announce_mqls(store, POLICY, START + 3 * DAY)
    assert _now(store, lead_id)[1]


def test_a_recycled_lead_wakes_by_any_raised_hand(store: Store) -> None:
    lead_id = _lead(store, POLICY, title="VP Sales")
    _did(store, POLICY, lead_id, "demo_request", START)
    announce_mqls(store, POLICY, START)
    _end(store, lead_id, Stage.RECYCLED, START + DAY, wake_at=START + 60 * DAY)
    _did(store, POLICY, lead_id, "contact_request", START + 2 * DAY)
    announce_mqls(store, POLICY, START + 2 * DAY)
    cycles = _now(store, lead_id)[1]
    assert (len(cycles), cycles[0].because) == (2, "Asked to be contacted")


@pytest.mark.both_databases
@pytest.mark.parametrize("stage", [Stage.REJECTED, Stage.DISQUALIFIED])
def test_who_asks_again_after_a_no_is_told_in_the_thread_once(world: World, stage: Stage) -> None:
    card = world.posted_card()
    _end(world.store, 1, stage, world.clock())
    advice = show_lead(world.store, world.baton.policy(), "1", world.clock()).advice
    assert advice == [
        f"It was {stage.label}, and no score changes that. If it raises its hand again, its thread is told."
    ]
    world.clock.advance(days=1)
    world.http.post("/v1/engagements", json={"lead_id": 1, "kind": "demo_request"})
    for _ in range(2):
        world.run()
        world.http.post("/v1/engagements", json={"lead_id": 1, "kind": "page_view"})
    told = [message.text for message in world.replies(card)]
    assert len(told) == 1
    assert "Dana Fields, Acme asks for us again (Asked for a demo), after it was" in told[0]


def test_what_a_fading_loss_lifts_is_news_of_the_day_it_is_lifted(store: Store) -> None:
    text = EXAMPLE + '\n[[behaviour]]\nname = "Complained"\nkind = "complaint"\npoints = -40\nhalf_life = "10d"\n'
    policy = read_policy(text, [])
    lead_id = _lead(store, policy, title="VP", employees=200, country="Germany")
    for kind in ("webinar", "complaint"):
        _did(store, policy, lead_id, kind, START)
    announce_mqls(store, policy, START)
    now = START
    while not _now(store, lead_id)[1]:
        now += timedelta(hours=1)
        announce_mqls(store, policy, now)
    cycle = _now(store, lead_id)[1][0]
    assert now - START > 3 * DAY
    assert (cycle.mql_at, cycle.announced) == (now, True)


def test_history_that_comes_late_is_no_news(store: Store) -> None:
    lead_id = _lead(store, POLICY, START - 90 * DAY, title="VP", employees=200, country="Germany")
    announce_mqls(store, POLICY, START)
    seen = to_seen(EngagementIn(lead_id=lead_id, kind="demo_request", occurred_at=START - 20 * DAY), START)
    record_engagements(store, POLICY, [seen], "test", START)
    announce_mqls(store, POLICY, START)
    cycle = _now(store, lead_id)[1][0]
    assert (cycle.mql_at, cycle.announced) == (START - 20 * DAY, False)


@pytest.mark.parametrize("by_import", [True, False])
def test_a_customer_changes_what_its_colleagues_are(store: Store, by_import: bool) -> None:
    policy = read_policy(EXAMPLE + COLLEAGUE, [])
    colleague = _lead(store, policy, email="colleague@acme.example")
    announce_mqls(store, policy, START)
    assert _now(store, colleague)[0].fit == 0
    if by_import:
        _lead(store, policy, email="first@acme.example", stage="customer", occurred_at=START)
    else:
        first = _lead(store, policy, email="first@acme.example", stage="opportunity", occurred_at=START)
        assert report_stage(store, policy, first, Stage.CUSTOMER, START, "crm", START)
    announce_mqls(store, policy, START)
    assert _now(store, colleague)[0].fit == 7


def test_a_lead_of_a_customer_may_have_a_route_of_its_own(store: Store) -> None:
    own = '[[route]]\nname = "Upsell"\nchannel = "#enterprise"\nwhen = [{ field = "account_is_customer", equals = true }]\n'
    no_exclusion = re.sub(r'\[\[exclude\]\]\nname = "Existing customer"\nwhen = .*\n', "", EXAMPLE)
    policy = read_policy(no_exclusion.replace("[[route]]", f"{own}\n[[route]]", 1), [])
    _lead(store, policy, email="first@acme.example", stage="customer", occurred_at=START)
    lead_id = _lead(store, policy, email="colleague@acme.example")
    _did(store, policy, lead_id, "demo_request", START)
    announce_mqls(store, policy, START)
    assert _now(store, lead_id)[1][0].route == "Upsell"


def test_a_lead_that_is_let_go_while_it_is_due_is_scored_all_the_same(store: Store) -> None:
    lead_id = _lead(store, POLICY, title="VP Sales", employees=100)
    _did(store, POLICY, lead_id, "demo_request", START)
    announce_mqls(store, POLICY, START)
    later = START + timedelta(seconds=5)
    _did(store, POLICY, lead_id, "webinar", later)
    _end(store, lead_id, Stage.REJECTED, later)
    announce_mqls(store, POLICY, later)
    counted = show_lead(store, POLICY, str(lead_id), later).now.behaviour
    assert _now(store, lead_id)[0].behaviour == pytest.approx(counted)


def test_a_lead_that_comes_in_while_it_is_merged_is_kept(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(databases.fresh("postgresql")) as store:
        one, other = _lead(store, POLICY), _lead(store, POLICY, START + DAY, email="e@acme.example")
        merged, go_on, bury = threading.Event(), threading.Event(), Merging.bury

        def slowly(*args: Any) -> Any:
            merged.set()
            go_on.wait(10)
            return bury(*args)

        monkeypatch.setattr(Merging, "bury", slowly)
        merge = threading.Thread(
            target=merging.merge_leads, args=(store, POLICY, Person(id="UADA"), one, other, START + DAY)
        )
        merge.start()
        assert merged.wait(10)
        taken: list[int] = []
        take = threading.Thread(
            target=lambda: taken.append(_lead(store, POLICY, START + DAY, email="e@acme.example", title="CEO"))
        )
        take.start()
        take.join(0.3)
        go_on.set()
        merge.join(10)
        take.join(10)
        assert taken == [one]
        assert _now(store, one)[0].facts.title == "CEO"
