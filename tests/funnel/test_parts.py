"""The parts of a score: an engagement is one addition, and the sum is what a count from scratch would give."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.decay import instant, window
from funnel.parts import Event
from funnel.policy import parse_policy
from funnel.scorer import Scorer

TEXT = """
version = "test"
[[group]]
name = "Web"
cap = 35
[[behaviour]]
name = "Pricing"
kind = "page"
where = [{ field = "path", equals = "/pricing" }]
points = 10
half_life = "14d"
group = "Web"
[[behaviour]]
name = "Blog"
kind = "page"
where = [{ field = "path", equals = "/blog" }]
points = 1
half_life = "2d"
cap = 3
group = "Web"
at_most = "once per hour"
[[behaviour]]
name = "Mail"
kind = "mail"
points = 2
half_life = "7d"
at_most = "once per day"
[[behaviour]]
name = "Webinar"
kind = "webinar"
points = 20
half_life = "30d"
at_most = "once per week"
[[behaviour]]
name = "Paper"
kind = "paper"
points = 8
half_life = "365d"
at_most = "once ever"
[[behaviour]]
name = "Bounced"
kind = "bounce"
points = -15
half_life = "10d"
cap = 40
[mql]
threshold = 30
[[route]]
name = "all"
channel = "#all"
"""
POLICY = parse_policy(TEXT)
SCORER = Scorer(POLICY)
SUMS = SCORER.sums
START = instant(datetime(2016, 11, 22, tzinfo=UTC))
TEN_YEARS = 3652 * 86400.0

paths = st.sampled_from([{"path": "/pricing"}, {"path": "/blog"}, {}])
kinds = st.sampled_from(["page", "mail", "webinar", "paper", "bounce", "unknown"])
gains = st.sampled_from(["page", "mail", "webinar", "paper"])
instants = st.floats(START, START + TEN_YEARS) | st.sampled_from([START + n * 1800.0 for n in range(200)])
one_event = st.tuples(kinds, instants, paths)
some_events = st.lists(one_event, max_size=40)


def score(events: list[Event], now: float) -> float:
    return SUMS.total(SUMS.of(events, now).values)


def added_up(events: list[Event], end: float) -> list[float]:
    """The values after each event was added as it arrived, in this order; a late one that needs it is counted anew."""
    parts, as_of, known = SUMS.none(), START, list[Event]()
    for event in events:
        kind, at, properties = event
        now = max(as_of, at)
        known.append(event)
        parts, as_of = SUMS.later(parts, as_of, now), now
        if not all(SUMS.add(parts, place, at, now) for place in SUMS.matching(kind, properties)):
            parts = SUMS.of(known, now)
    return SUMS.later(parts, as_of, end).values


@given(some_events)
def test_adding_up_gives_what_a_count_from_scratch_gives_over_ten_years_of_events(events: list[Event]) -> None:
    end = START + TEN_YEARS
    assert added_up(events, end) == pytest.approx(SUMS.of(events, end).values, abs=1e-9)


@given(some_events)
def test_late_events_give_the_same_score_as_ordered_ones(events: list[Event]) -> None:
    end = START + TEN_YEARS
    ordered = sorted(events, key=lambda event: event[1])
    assert added_up(events, end) == pytest.approx(added_up(ordered, end), abs=1e-9)


@given(some_events, st.randoms())
def test_order_does_not_matter(events: list[Event], chance: Random) -> None:
    shuffled = list(events)
    chance.shuffle(shuffled)
    end = START + TEN_YEARS
    assert score(shuffled, end) == pytest.approx(score(events, end), abs=1e-9)


@given(some_events, gains, instants, paths)
def test_one_more_gain_never_lowers_a_score(events: list[Event], kind: str, at: float, told: dict[str, Any]) -> None:
    end = START + TEN_YEARS
    assert score([*events, (kind, at, told)], end) >= score(events, end) - 1e-9


@given(st.lists(st.tuples(gains, instants, paths), max_size=20), st.floats(0, TEN_YEARS))
def test_a_score_without_losses_only_falls(events: list[Event], span: float) -> None:
    end = START + TEN_YEARS
    assert score(events, end + span) <= score(events, end) + 1e-9


@given(some_events, st.floats(0, TEN_YEARS))
def test_caps_hold_at_every_moment(events: list[Event], ahead: float) -> None:
    values = SUMS.of(events, START + TEN_YEARS + ahead).values
    web = SUMS.total([*values[:2], 0, 0, 0, 0])
    assert -35 <= web <= 35
    assert SUMS.total([0, values[1], 0, 0, 0, 0]) <= 3
    assert SUMS.total([0, 0, 0, 0, 0, values[5]]) >= -40


@given(some_events)
def test_what_happened_twice_in_a_window_counts_once_as_its_newest(events: list[Event]) -> None:
    end = START + TEN_YEARS
    mails = [at for kind, at, _ in events if kind == "mail"]
    days: dict[float, float] = {}
    for at in mails:
        days[window(at, "once per day")] = max(at, days.get(window(at, "once per day"), 0))
    expected = sum(2 * 2 ** (-(end - at) / (7 * 86400)) for at in days.values())
    assert SUMS.of(events, end).values[2] == pytest.approx(expected, abs=1e-9)


def test_weeks_begin_on_monday_and_days_at_midnight_utc() -> None:
    sunday = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
    monday = sunday + timedelta(seconds=1)
    assert window(instant(sunday), "once per week") + 1 == window(instant(monday), "once per week")
    assert window(instant(monday), "once per week") == window(instant(monday + timedelta(days=6.9)), "once per week")
    assert window(instant(sunday), "once per day") + 1 == window(instant(monday), "once per day")
    assert window(instant(sunday), "once ever") == window(instant(monday), "once ever")


@given(some_events, st.floats(0, 40), st.floats(0, 1))
def test_a_lead_is_hot_until_then_at_least(events: list[Event], fit: float, share: float) -> None:
    now = max((at for _, at, _ in events), default=START)
    values = SUMS.of(events, now).values
    if fit + SUMS.total(values) < 30:
        return
    until = SCORER._hot_until(values, fit, 30, now)
    sooner = min((until - now) * share, 20 * 365 * 86400.0)
    assert fit + SUMS.total(SUMS.later(SUMS.of(events, now), now, now + sooner).values) >= 30 - 1e-6


@given(some_events, st.floats(0, 40), st.floats(0, 0.999))
def test_fading_losses_lift_nobody_over_a_bar_before_it_is_looked_at_again(
    events: list[Event], fit: float, share: float
) -> None:
    now = max((at for _, at, _ in events), default=START)
    values = SUMS.of(events, now).values
    if fit + SUMS.total(values) >= 30:
        return
    again = SCORER.look_again(values, fit, 30, now)
    ahead = (again - now) * share if again is not None else share * 200 * 86400
    if again is None or ahead >= 3600:
        later = SUMS.later(SUMS.of(events, now), now, now + ahead)
        assert fit + SUMS.total(later.values) < 30 + 1e-6


def test_a_match_does_not_depend_on_what_was_asked_before() -> None:
    text = TEXT.replace('field = "path", equals = "/blog"', 'field = "path", equals = 1')
    asked = [True, 1, 1.0, "1", [1], "x" * 500, None]
    for order in (asked, asked[::-1]):
        sums = Scorer(parse_policy(text)).sums
        alone = [Scorer(parse_policy(text)).sums.matching("page", {"path": value}) for value in order]
        assert [sums.matching("page", {"path": value}) for value in order] == alone
    assert len(sums._matched) == 2
