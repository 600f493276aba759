"""The counts behind the funnel, on each database."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.usecases.draft import LeadIn, to_draft
from bot.usecases.receive_leads import receive_leads
from funnel.lifecycle import Stage
from funnel.period import parse_period
from funnel.policy import Policy
from funnel.question import FunnelQuestion
from funnel.report import Tally
from storage.store import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OCTOBER = parse_period("2026-10", NOW, UTC)


def _tell(store: Store, policy: Policy, who: str, stage: str, at: datetime) -> None:
    lead = LeadIn(source="web", external_id=who, stage=Stage(stage), occurred_at=at)
    receive_leads(store, policy, [to_draft(lead, NOW)], NOW, "test")


def _count(store: Store, within: int = 30) -> Tally | None:
    with store.read() as tx:
        found = tx.report.tallies(FunnelQuestion(period=OCTOBER, within=within), NOW)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("at", "counted"),
    [
        (OCTOBER.start - timedelta(microseconds=1), False),
        (OCTOBER.start, True),
        (OCTOBER.end - timedelta(microseconds=1), True),
        (OCTOBER.end, False),
    ],
)
def test_a_period_holds_its_start_and_not_its_end(store: Store, policy: Policy, at: datetime, counted: bool) -> None:
    _tell(store, policy, "a", "mql", at)
    assert (_count(store) is not None) is counted


@pytest.mark.parametrize(
    ("after", "in_time"),
    [
        (timedelta(days=10), 1),
        (timedelta(days=10, seconds=1), 0),
        (timedelta(days=-2), 1),
    ],
)
def test_a_window_ends_with_its_last_day(store: Store, policy: Policy, after: timedelta, in_time: int) -> None:
    became = OCTOBER.start + timedelta(days=5)
    _tell(store, policy, "a", "mql", became)
    _tell(store, policy, "a", "customer", became + after)
    found = _count(store, within=10)
    assert found is not None
    assert (found.in_time[Stage.CUSTOMER], found.in_time[Stage.SQL], found.reached[Stage.CUSTOMER]) == (
        in_time,
        in_time,
        1,
    )


def test_only_those_whose_window_has_passed_are_mature(store: Store, policy: Policy) -> None:
    for who, days in (("old", 31), ("young", 29)):
        _tell(store, policy, who, "mql", NOW - timedelta(days=days))
    found = _count(store)
    assert found is not None
    assert (found.cycles, found.mature) == (2, 1)


def test_a_stage_nobody_recorded_is_reached_and_named_as_skipped(store: Store, policy: Policy) -> None:
    _tell(store, policy, "a", "mql", OCTOBER.start)
    _tell(store, policy, "a", "opportunity", OCTOBER.start + timedelta(days=1))
    found = _count(store)
    assert found is not None
    assert found.reached[Stage.SQL] == 1
    assert found.skipped == {Stage.ACCEPTED: 1, Stage.SQL: 1}


def test_a_released_lead_is_no_accepted_one(store: Store, policy: Policy) -> None:
    _tell(store, policy, "a", "mql", OCTOBER.start)
    with store.begin() as tx:
        tx.cycles.claim(1, "U1", NOW)
        claimed = tx.cycles.get(1)
        assert claimed is not None
        tx.cycles.move(claimed, Stage.MQL, NOW, owner=None)
    found = _count(store)
    assert found is not None
    assert (found.reached[Stage.ACCEPTED], found.recorded[Stage.ACCEPTED]) == (0, 0)


def test_nothing_is_no_group(store: Store) -> None:
    assert _count(store) is None
