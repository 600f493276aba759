"""A policy held against a history: when leads would have been MQLs, and what became of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from funnel.backtest import Choice, Wish
from funnel.decay import instant
from funnel.lead import Engagement, Facts, Subject
from funnel.lifecycle import Stage
from funnel.parts import Event
from funnel.policy import Policy
from funnel.replay import NEVER, Episode, Replay, replay
from funnel.rules import HandRaise, LeadCondition
from funnel.scorer import scorer
from funnel.scoring import assess
from funnel.trial import Trial

START = datetime(2026, 8, 1, tzinfo=UTC)
END = START + timedelta(days=90)
DANA = Facts(email="dana@acme.example", title="VP Sales", employees=200, country="Germany")


def at(day: float) -> float:
    return instant(START + timedelta(days=day))


def did(kind: str, day: float, **properties: Any) -> Event:
    return kind, at(day), properties


def walked(
    policy: Policy,
    events: list[Event],
    episode: Episode = Episode(),  # noqa: B008
    facts: Facts = DANA,
    since: float = -100,
    account_is_customer: bool = False,
) -> Replay:
    """What a policy makes of a lead that was first seen on the day `since`."""
    known = Subject(facts, account_is_customer=account_is_customer).lookup()
    return replay(scorer(policy), known, events, at(since), instant(START), instant(END), episode)


def with_mql(policy: Policy, **changes: Any) -> Policy:
    return policy.model_copy(update={"mql": policy.mql.model_copy(update=changes)})


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


def test_who_lacks_a_required_field_never_crosses_by_points_but_by_a_raised_hand(policy: Policy) -> None:
    asks = with_mql(policy, required=["email", "industry"])
    webinars = [did("webinar", 20), did("webinar", 21)]
    lacks = walked(asks, webinars)
    assert (lacks.crossed_at, lacks.within, lacks.known) == (NEVER, float("-inf"), float("-inf"))
    assert walked(asks, webinars, facts=DANA._replace(industry="Software")).crossed_at == at(20)
    assert walked(asks, [*webinars, did("demo_request", 30)]).crossed_at == at(30)


def test_a_segment_has_its_own_threshold_and_its_own_minimum_of_fit(policy: Policy) -> None:
    """Each has 40 points of fit and 50 in all; everybody's threshold is 60, everybody's minimum 20."""
    large = Facts(email="a@acme.example", title="VP Sales", country="Germany", employees=9000)
    looked = [did("page_view", 20, path="/pricing")]

    def under(facts: Facts = large, **changes: float | None) -> tuple[float, float, float | None]:
        segment = policy.segment[0].model_copy(update=changes)
        found = walked(policy.model_copy(update={"segment": [segment]}), looked, facts=facts)
        return found.crossed_at, found.within, found.own_threshold

    assert under() == (at(20), 50, 50)
    assert under(large._replace(employees=9)) == (NEVER, 50, None)
    assert under(threshold=51) == (NEVER, 50, 51)
    assert under(threshold=None) == (NEVER, 50, None)
    assert under(fit_minimum=40) == (at(20), 50, 50)
    assert under(fit_minimum=41) == (NEVER, float("-inf"), 50)


def test_whoever_is_of_a_customer_stays_out(policy: Policy) -> None:
    webinar = [did("webinar", 20)]
    assert walked(policy, webinar, account_is_customer=True).within == float("-inf")
    assert walked(policy, webinar).crossed_at == at(20)


PARTNERS = HandRaise(name="From a partner", when=[LeadCondition(field="campaign", equals="partner")])


def test_who_raises_a_hand_by_what_they_are_does_so_on_the_first_day(policy: Policy) -> None:
    partners = with_mql(policy, hand_raise=[PARTNERS])
    sent = Facts(email="a@b.example", campaign="partner")
    episode = Episode(mql_at=at(5), taken_at=at(6), is_sql=True, is_settled=True)
    silent = walked(partners, [], episode, sent, since=5)
    assert (silent.crossed_at, silent.before, silent.within, silent.known) == (at(5), float("-inf"), NEVER, NEVER)
    assert walked(partners, [did("webinar", 20)], episode, sent, since=5).crossed_at == at(5)
    assert walked(partners, [], episode, sent, since=7).known == float("-inf")
    old = walked(partners, [did("webinar", 20)], Episode(), sent, since=-5)
    assert (old.crossed_at, old.before, old.within) == (at(-5), NEVER, float("-inf"))
    assert walked(partners, [], facts=sent, since=90).crossed_at == NEVER
    assert walked(partners, [], facts=Facts(email="a@rival.example", campaign="partner")).crossed_at == NEVER
    assert walked(partners, [], facts=Facts(email="a@b.example")).crossed_at == NEVER


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
    return Replay(at(10) if crossed else NEVER, float("-inf"), height, height, at_mql)


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
    wished = wish(a_trial(), count / weeks + 0.001)
    assert wished.best is not None
    assert (wished.best.threshold, round(wished.best.per_week * weeks)) == (threshold, count)


def at_threshold(trial: Trial, threshold: float) -> Choice:
    """The table's row of the threshold it was made for."""
    rows = trial.result("new", "old", threshold, None).choices
    return next(row for row in rows if row.threshold == threshold)


def wish(trial: Trial, per_week: float) -> Wish:
    wished = trial.result("new", "old", 60, per_week).wished
    assert wished is not None
    return wished


def course(before: float, within: float, own: float | None = None) -> Replay:
    """A lead that stood so high before the period and so high in it, with the instant that follows from that."""
    bar = 60.0 if own is None else own
    crossed = at(-10) if before >= bar else at(10) if within >= bar else NEVER
    return Replay(crossed, before, within, max(before, within), None, own)


def crowd(*courses: tuple[int, Replay], episode: Episode = NOBODY) -> Trial:
    trial = Trial(START, END)
    for count, one in courses:
        for _ in range(count):
            trial.take(one, one, episode)
    return trial


def test_a_wish_is_held_against_every_threshold_also_where_a_lower_one_gives_less() -> None:
    """At 30 and below all were MQLs before the period, from 31 to 40 they cross in it, above nobody does."""
    trial = crowd((200, course(30, 40)))
    found = wish(trial, 1)
    assert found.best == at_threshold(trial, 41)
    assert (found.best.per_week, found.most) == (0, pytest.approx(200 * 7 / 90))
    assert wish(trial, 16).best == at_threshold(trial, 1)


def test_no_threshold_turns_away_raised_hands_or_who_is_held_against_another() -> None:
    hands = 100, course(float("-inf"), NEVER)
    found = wish(crowd(hands, (20, course(0, 80))), 1)
    assert (found.best, *counts(found)) == (None, 100, 0, 120)
    own = (30, course(0, 55, own=50)), (10, course(0, 45, own=50)), (10, course(51, 70, own=50))
    found = wish(crowd((1, course(0, NEVER, own=50)), *own), 1)
    assert (found.best, *counts(found)) == (None, 1, 30, 31)


def counts(found: Wish) -> list[int]:
    return [round(rate * 90 / 7) for rate in (found.raised, found.own, found.most)]


heights = st.sampled_from([float("-inf"), -5.0, 0.5, 20.0, 20.5, 30.0, 41.0, NEVER])
courses = st.tuples(st.integers(1, 9), st.builds(course, heights, heights, st.sampled_from([None, None, 25.0])))


@given(st.lists(courses, max_size=6), st.sampled_from([0, 0.1, 0.5, 1, 3]))
@example([(1, course(float("-inf"), -5))], 0)
def test_from_the_best_threshold_upwards_none_gives_more_than_wished(
    leads: list[tuple[int, Replay]], per_week: float
) -> None:
    trial = crowd(*leads)
    found = wish(trial, per_week)
    rates = {step / 4: at_threshold(trial, step / 4).per_week for step in range(1, 180)}
    assert found.most == pytest.approx(max(rates.values()))
    assert rates[44] == pytest.approx(found.raised + found.own)
    if found.best is None:
        assert rates[44] > per_week
        return
    best = found.best.threshold
    assert all(rate <= per_week for threshold, rate in rates.items() if threshold >= best)
    assert best == 1 or any(rate > per_week for threshold, rate in rates.items() if best - 1 <= threshold < best)


@given(st.lists(courses, max_size=6))
def test_the_volume_at_the_policys_own_threshold_is_that_of_its_mqls(leads: list[tuple[int, Replay]]) -> None:
    found = crowd(*leads).result("new", "old", 60, None)
    own = next(row for row in found.choices if row.threshold == 60)
    assert own.per_week * found.weeks == pytest.approx(found.new.leads)


def test_every_lead_is_held_against_its_own_threshold() -> None:
    """Ten of a segment with 50 points of its own reach 55, five become SQLs; ten others reach 62, and none does."""
    trial = Trial(START, END)
    for episode, one in ((SQL, course(0, 55, own=50)), (LOST, course(0, 55, own=50)), (LOST, course(0, 62))):
        for _ in range(5):
            trial.take(one, one, episode)
    found = trial.result("new", "old", 60, None)
    assert (found.new.leads, found.own_threshold) == (15, 10)
    assert (found.precision.part, found.precision.whole) == (5, 15)
    assert (found.recall.part, found.recall.whole) == (5, 5)
    rows = [(row.threshold, round(row.per_week * found.weeks), row.recall.part) for row in found.choices]
    assert rows == [(60, 15, 5), (65, 10, 5)]


def test_who_was_an_mql_before_the_period_is_none_of_its_own() -> None:
    trial = Trial(START, END)
    trial.take(Replay(at(-5), 80, 90, 90, None), Replay(at(-5), 80, 90, 90, None), NOBODY)
    found = trial.result("new", "old", 60, None)
    assert (found.new.leads, at_threshold(trial, 60).per_week) == (0, 0)
