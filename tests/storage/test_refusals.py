"""What the database refuses is named for what it is: a race is run again, a broken rule is told."""

import gc
import threading
from typing import Any

import pytest
from sqlalchemy import text

from bot.usecases.again import again_on_conflict
from bot.usecases.draft import EngagementIn, LeadIn, to_draft, to_seen
from bot.usecases.merge_leads import merge_leads
from bot.usecases.quiet import rare_collections
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import record_engagements
from funnel.policy import Policy
from funnel.roles import Person
from storage.errors import RowRefused
from storage.leads import Leads
from storage.store import Store
from tests.support.clock import START
from tests.support.databases import Databases, opened

BROKEN = {
    "refers to a row that is not there": "INSERT INTO identity (namespace, key, lead_id) VALUES ('@', 'x', 99)",
    "lacks a value": "INSERT INTO identity (namespace, key, lead_id) VALUES ('@', 'secret', NULL)",
    "has a value that cannot be": "INSERT INTO checked (number) VALUES (-4711)",
}


def _receive(store: Store, policy: Policy, name: str) -> int:
    draft = to_draft(LeadIn(source="web", email=f"{name}@{name}.example"), START)
    return receive_leads(store, policy, [draft], START, "test")[0].lead_id


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_told_and_not_tried_again(store: Store, rule: str) -> None:
    with store.begin() as tx:
        tx.connection.execute(text("CREATE TABLE checked (number INTEGER CHECK (number > 0))"))
    tries = []

    @again_on_conflict
    def use_case() -> None:
        tries.append(1)
        with store.begin() as tx:
            tx.connection.execute(text(BROKEN[rule]))

    with pytest.raises(RowRefused, match=rule) as refusal:
        use_case()
    assert len(tries) == 1
    assert "secret" not in str(refusal.value)
    assert "4711" not in str(refusal.value)


def test_values_that_met_are_tried_again(store: Store, policy: Policy) -> None:
    lead_id = _receive(store, policy, "dana")
    tries = []

    @again_on_conflict
    def use_case() -> None:
        tries.append(1)
        with store.begin() as tx:
            tx.leads.name({("@", "dana@dana.example" if len(tries) < 3 else "dora@dana.example"): lead_id})

    use_case()
    assert len(tries) == 3


def test_an_engagement_of_a_lead_that_is_merged_at_this_moment_goes_to_whom_it_became(
    databases: Databases, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(databases.fresh("postgresql")) as store:
        one, other = _receive(store, policy, "dana"), _receive(store, policy, "dora")
        look, looks = Leads.now_known_as, []

        def look_and_be_too_late(leads: Leads, lead_ids: Any) -> dict[int, int]:
            known = look(leads, lead_ids)
            looks.append(1)
            if len(looks) == 1:
                merge_leads(store, policy, Person(id="UADA"), one, other, START)
            return known

        monkeypatch.setattr(Leads, "now_known_as", look_and_be_too_late)
        seen = to_seen(EngagementIn(lead_id=other, kind="demo_request"), START)
        assert [got.lead_id for got in record_engagements(store, policy, [seen], "test", START)] == [one]


def test_the_collector_goes_on_for_others_and_comes_back_as_it_was() -> None:
    """Two stretches of work overlap, and the one that began first ends first."""
    usual = gc.get_threshold()
    began, goes_on = threading.Event(), threading.Event()

    def second() -> None:
        with rare_collections():
            began.set()
            goes_on.wait()

    other = threading.Thread(target=second)
    with rare_collections():
        other.start()
        began.wait()
    try:
        assert gc.isenabled()
        assert gc.get_threshold()[0] > usual[0]
    finally:
        goes_on.set()
        other.join()
    assert gc.get_threshold() == usual
