"""The answer of a backtest holds together: its shares, its table of thresholds, its rates."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.backtest import InFact
from funnel.replay import Episode, Replay
from funnel.trial import Trial
from tests.funnel.test_backtest import (
    END,
    LOST,
    NOBODY,
    SQL,
    START,
    at,
    at_threshold,
    course,
    courses,
    crowd,
    did,
    wish,
)

fates = st.sampled_from(
    [
        NOBODY,
        SQL,
        LOST,
        Episode(mql_at=at(10)),
        Episode(mql_at=at(-10), taken_at=at(-9), is_sql=True, is_settled=True),
        Episode(mql_at=at(-10), taken_at=at(5), is_settled=True),
    ]
)


@given(st.lists(st.tuples(courses, fates), max_size=6))
def test_precision_is_of_those_who_became_sqls_and_those_who_did_not(
    leads: list[tuple[tuple[int, Replay], Episode]],
) -> None:
    trial = Trial(START, END)
    for (count, one), episode in leads:
        for _ in range(count):
            trial.take(one, one, episode)
    found = trial.result("new", "old", 60, None)
    assert (found.precision.part, found.precision.whole) == (found.new.sql, found.new.sql + found.new.lost)


@given(st.lists(courses, max_size=6), st.sampled_from([0.5, 23, 60, 5000]))
def test_no_row_of_the_table_gives_the_same_as_the_one_above_it(
    leads: list[tuple[int, Replay]], threshold: float
) -> None:
    rows = crowd(*leads).result("new", "old", threshold, None).choices
    assert threshold in [row.threshold for row in rows]
    assert len(rows) <= 9
    thresholds = [row.threshold for row in rows]
    assert thresholds == sorted(set(thresholds))
    assert not any(one.is_like(other) for one, other in itertools.pairwise(rows))


def test_a_threshold_out_of_reach_is_shown_beside_those_within_it() -> None:
    trial = crowd(*((1, course(0, height)) for height in (12, 33, 34, 58, 71)))
    rows = trial.result("new", "old", 5000, None).choices
    assert [row.threshold for row in rows] == [10, 30, 55, 70, 5000]
    assert [round(row.per_week * 90 / 7) for row in rows] == [5, 4, 2, 1, 0]
    assert [row.threshold for row in trial.result("new", "old", 1, None).choices] == [1, 16, 36, 61, 76]


def test_rates_are_over_the_days_that_anything_is_known_of() -> None:
    """Ten MQLs in three weeks are three and a third a week, however long the period is."""
    trial = crowd((10, course(0, 62)))
    trial.trace(at(75), [did("webinar", 72)])
    trial.trace(at(69), [did("webinar", 80)])
    found = trial.result("new", "old", 60, 3)
    assert (found.since, found.days) == (START + timedelta(days=69), 21)
    assert at_threshold(trial, 60).per_week == pytest.approx(10 / 3)
    assert wish(trial, 3.3).best == at_threshold(trial, 63)
    assert wish(trial, 3.4).best == at_threshold(trial, 1)


def test_what_is_known_of_before_the_period_makes_it_whole_and_a_day_is_the_least() -> None:
    old, new = crowd((1, course(0, 62))), crowd((1, course(0, 62)))
    old.trace(at(-3), [])
    new.trace(at(89.9), [])
    assert old.result("new", "old", 60, None).since == START
    assert new.result("new", "old", 60, None).days == pytest.approx(1)


def test_who_became_an_mql_in_fact_is_told_apart() -> None:
    trial = Trial(START, END)
    for one, episode, later in (
        (course(0, 62), SQL, False),
        (course(0, 62), NOBODY, True),
        (course(0, 62), NOBODY, False),
        (course(0, 50), LOST, True),
    ):
        trial.take(one, one, episode, later_customer=later)
    found = trial.result("one", "one", 60, None)
    assert found.in_fact == InFact(among=1, others=1, later_customers=1)
