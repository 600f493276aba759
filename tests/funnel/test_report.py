"""Numbers that are true."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.lifecycle import CYCLE_STAGES, OUTCOMES, Stage
from funnel.question import parse_question
from funnel.report import Share, Tally, as_json, build_report

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def tally(name: str, *reached: int, rejected: int = 0) -> Tally:
    counts = dict(zip(CYCLE_STAGES, reached, strict=True))
    return Tally(
        name=name,
        reached=counts,
        recorded=counts,
        mature=reached[0],
        in_time=counts,
        outcomes={Stage.REJECTED: rejected, Stage.DISQUALIFIED: 0, Stage.RECYCLED: 0},
    )


def test_the_wilson_interval_is_the_known_one() -> None:
    low, high = Share(part=271, whole=2296).interval or (0, 0)
    assert (round(low, 4), round(high, 4)) == (0.1055, 0.1319)


@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_an_interval_holds_its_share(whole: int, part: int) -> None:
    share = Share(part=min(part, whole), whole=whole)
    low, high = share.interval or (0, 0)
    assert 0 <= low <= (share.value or 0) + 1e-12
    assert (share.value or 0) - 1e-12 <= high <= 1


def test_nothing_has_no_share() -> None:
    assert (Share(part=0, whole=0).value, Share(part=0, whole=0).interval) == (None, None)


def test_the_disposition_sums_to_the_cohort() -> None:
    assert tally("web", 10, 6, 4, 2, 1, 0, rejected=3).disposition == {
        "sql": 4,
        "rejected": 3,
        "disqualified": 0,
        "recycled": 0,
        "open": 3,
    }


def test_the_total_is_the_sum_of_the_groups_and_the_largest_comes_first() -> None:
    question = parse_question("last month by source", NOW, UTC)
    report = build_report(question, [tally("a", 1, 1, 1, 1, 1, 0), tally("b", 9, 5, 3, 2, 1, 0)], 20, 12, NOW)
    assert [group.name for group in report.groups] == ["b", "a"]
    assert report.total.reached[Stage.MQL] == 10
    told = as_json(report)
    assert told["people"] == {"leads": 20, "prospects": 12}
    assert told["within_days"] == 30


@pytest.mark.parametrize(("asked", "final"), [("last month", False), ("2026-09", True)])
def test_a_cohort_is_final_when_its_window_is_past(asked: str, final: bool) -> None:
    report = build_report(parse_question(asked, NOW, UTC), [tally("all", 5, 1, 1, 0, 0, 0)], 0, 0, NOW)
    assert report.is_final is final


def test_outcomes_are_the_three_sides() -> None:
    assert set(OUTCOMES) == {Stage.REJECTED, Stage.DISQUALIFIED, Stage.RECYCLED}
