"""A policy held against a history: when leads would have been MQLs, and what became of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.backtest import Trial
from funnel.decay import instant
from funnel.lead import Engagement, Facts, Subject
from funnel.lifecycle import Stage
from funnel.parts import Event
from funnel.policy import Policy
from funnel.replay import NEVER, Episode, Replay, replay
from funnel.scorer import scorer
from funnel.scoring import assess

START = datetime(2026, 8, 1, tzinfo=UTC)
END = START + timedelta(days=90)
DANA = Facts(email="dana@acme.example", title="VP Sales", employees=200, country="Germany")


def at(day: float) -> float:
    return instant(START + timedelta(days=day))


def did(kind: str, day: float, **properties: Any) -> Event:
    return kind, at(day), properties


def walked(policy: Policy, events: list[Event], episode: Episode = Episode(), facts: Facts = DANA) -> Replay:  # noqa: B008
    return replay(scorer(policy), Subject(facts).value, events, instant(START), instant(END), episode)


def test_a_lead_crosses_at_the_first_event_that_is_enough(policy: Policy) -> None:
    found = walked(policy, [did("webinar", 20), did("email_open", 10), did("webinar", 30)])
    assert (found.crossed_at, found.before) == (at(10), float("-inf"))
    assert found.within == pytest.approx(60 + 20 + 20 * 2 ** (-10 / 30) + 2 * 2 ** (-20 / 7))


def test_a_raised_hand_is_above_every_threshold_and_an_exclusion_below(policy: Policy) -> None:
    hand = [did("demo_request", 5)]
    assert walked(policy, hand, facts=Facts(email="a@b.example")).within == NEVER
    rival = walked(policy, hand, facts=Facts(email="a@rival.example"))
    assert (rival.crossed_at, rival.within) == (NEVER, float("-inf"))


def test_what_happened_after_a_person_took_the_lead_tells_nothing_of_the_hand_over(policy: Policy) -> None:
    episode = Episode(mql_at=at(4), taken_at=at(5), is_sql=True, is_settled=True)
    found = walked(policy, [did("email_open", 1), did("webinar", 8)], episode)
    assert found.known == pytest.approx(62)
    assert found.at_mql == pytest.approx(60 + 2 * 2 ** (-3 / 7))


times = st.floats(-60, 89)
kinds = st.sampled_from(["webinar", "email_open", "download", "unknown"])


@given(st.lists(st.builds(did, kinds, times), max_size=8))
def test_a_replay_crosses_where_a_count_from_scratch_first_does(policy: Policy, events: list[Event]) -> None:
    facts = Facts(email="a@b.example", title="VP Sales", employees=200)
    found = walked(policy, events, facts=facts)
    engagements = [
        Engagement(kind=kind, occurred_at=datetime.fromtimestamp(when, UTC), properties=told)
        for kind, when, told in sorted(events, key=lambda one: one[1])
    ]
    first = NEVER
    for place, one in enumerate(engagements):
        if assess(facts, engagements[: place + 1], policy, one.occurred_at).earned is Stage.MQL:
            first = instant(one.occurred_at)
            break
    assert found.crossed_at == pytest.approx(first, abs=1e-3)


SQL = Episode(mql_at=at(10), taken_at=at(11), is_sql=True, is_settled=True)
LOST = Episode(mql_at=at(10), taken_at=at(11), is_settled=True)
NOBODY = Episode()


def peak(height: float, crossed: bool, at_mql: float | None = None) -> Replay:
    return Replay(at(10) if crossed else NEVER, float("-inf"), height, height, at_mql, 60)


def a_trial() -> Trial:
    """New: 70 (SQL), 65 (lost), 62 (nobody worked on it), 50 (SQL). Old: the second, and one of its own (lost)."""
    trial = Trial(START, END)
    trial.take(peak(70, True, 64), peak(40, False), SQL)
    trial.take(peak(65, True, 62), peak(65, True), LOST)
    trial.take(peak(62, True), peak(40, False), NOBODY)
    trial.take(peak(50, False, 41), peak(40, False), SQL)
    trial.take(peak(30, False, 25), peak(61, True), LOST)
    return trial


def test_more_and_fewer_are_told_by_what_became_of_them() -> None:
    found = a_trial().result("new", "old", 60, None)
    assert (found.new.leads, found.new.sql, found.new.lost, found.new.unworked) == (3, 1, 1, 1)
    assert (found.more.leads, found.more.sql, found.fewer.leads, found.fewer.sql) == (2, 1, 1, 0)


def test_precision_is_of_those_decided_on_and_recall_of_the_sqls() -> None:
    found = a_trial().result("new", "old", 60, None)
    assert (found.precision.part, found.precision.whole) == (1, 2)
    assert (found.recall.part, found.recall.whole) == (1, 2)


def test_the_bands_count_every_cycle_once_by_its_score_on_that_day() -> None:
    bands = a_trial().result("new", "old", 60, None).bands
    assert [(band.low, band.high, band.sql.part, band.sql.whole) for band in bands] == [
        (20, 30, 0, 1),
        (40, 50, 1, 1),
        (60, 70, 1, 2),
    ]
    assert bands[2].sql.interval is not None


@pytest.mark.parametrize(("count", "threshold"), [(4, 31), (3, 51), (2, 63), (1, 66), (0, 71)])
def test_the_threshold_for_a_wished_volume_is_the_lowest_that_keeps_it(count: int, threshold: float) -> None:
    weeks = 90 / 7
    found = a_trial().result("new", "old", 60, count / weeks + 0.001)
    assert found.wished is not None
    assert (found.wished.threshold, round(found.wished.per_week * weeks)) == (threshold, count)


def test_who_was_an_mql_before_the_period_is_none_of_its_own() -> None:
    trial = Trial(START, END)
    trial.take(Replay(at(-5), 80, 90, 90, None, 60), Replay(at(-5), 80, 90, 90, None, 60), NOBODY)
    found = trial.result("new", "old", 60, None)
    assert (found.new.leads, found.choices[4].per_week) == (0, 0)
