"""Who is an MQL, and why."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.decay import decay
from funnel.lead import Engagement, Facts
from funnel.lifecycle import Stage
from funnel.policy import Policy
from funnel.scoring import assess

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DANA = Facts(email="dana@acme.example", title="VP Sales", employees=200, country="Germany", industry="Logistics")


def did(kind: str, days_ago: float = 0, **properties: str) -> Engagement:
    return Engagement(kind=kind, occurred_at=NOW - timedelta(days=days_ago), properties=properties)


kinds = st.sampled_from(["page_view", "webinar", "download", "email_open", "unknown"])
events = st.lists(st.builds(lambda kind, days: did(kind, days, path="/pricing"), kinds, st.floats(0, 400)), max_size=12)


def test_who_fits_and_came_to_the_pricing_page_is_an_mql(policy: Policy) -> None:
    found = assess(DANA, [did("page_view", path="/pricing")], policy, NOW)
    assert (found.fit, found.behaviour, found.earned) == (60, 10, Stage.MQL)
    assert found.because == "over the threshold of 60"


def test_who_fits_and_did_nothing_is_no_mql(policy: Policy) -> None:
    found = assess(DANA, [], policy, NOW)
    assert found.earned is Stage.RAW
    assert found.lacks == ["It has done nothing that counts yet."]


def test_who_is_busy_and_does_not_fit_is_no_mql(policy: Policy) -> None:
    found = assess(Facts(email="a@b.example"), [did("webinar"), did("webinar"), did("download")], policy, NOW)
    assert found.earned is Stage.RAW
    assert "Its profile gives 0 points; 20 are needed." in found.lacks


def test_who_fits_and_is_a_little_interested_is_a_prospect(policy: Policy) -> None:
    found = assess(Facts(email="a@b.example", employees=100), [did("email_open")], policy, NOW)
    assert (found.earned, found.lacks) == (Stage.PROSPECT, ["It needs 38 more points."])


@pytest.mark.parametrize("asked", ["demo_request", "contact_request"])
def test_a_raised_hand_makes_an_mql_at_once(policy: Policy, asked: str) -> None:
    assert assess(Facts(email="a@b.example"), [did(asked)], policy, NOW).earned is Stage.MQL


def test_a_hand_raised_long_ago_is_down_again(policy: Policy) -> None:
    assert assess(Facts(email="a@b.example"), [did("demo_request", 31)], policy, NOW).earned is Stage.RAW


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (DANA._replace(email="dana@rival.example"), "It is excluded: Competitor."),
        (DANA._replace(email="me@northwind.example"), "It is excluded: Our own people."),
        (DANA._replace(attributes={"unsubscribed": True}), "It is excluded: Unsubscribed."),
    ],
)
def test_an_exclusion_beats_even_a_raised_hand(policy: Policy, facts: Facts, why: str) -> None:
    found = assess(facts, [did("demo_request")], policy, NOW)
    assert (found.earned is Stage.MQL, found.lacks) == (False, [why])


def test_every_point_has_its_reason_with_what_it_was_before_it_decayed(policy: Policy) -> None:
    found = assess(DANA, [did("page_view", 14, path="/pricing"), did("page_view", 14, path="/pricing")], policy, NOW)
    pricing = next(reason for reason in found.reasons if reason.rule == "Pricing page")
    assert (pricing.points, pricing.full, pricing.times) == (pytest.approx(10), 20, 2)
    assert sum(reason.points for reason in found.reasons) >= found.score


def test_fit_has_its_cap_and_each_behaviour_rule_its_own(policy: Policy) -> None:
    found = assess(DANA, [did("page_view", path="/pricing")] * 9, policy, NOW)
    assert (found.fit, found.behaviour) == (60, 30)


def test_a_page_that_is_not_the_one_counts_nothing(policy: Policy) -> None:
    assert assess(DANA, [did("page_view", path="/blog")], policy, NOW).behaviour == 0


@given(seed=st.randoms(), done=events)
def test_the_order_of_what_was_done_does_not_matter(policy: Policy, seed: object, done: list[Engagement]) -> None:
    shuffled = list(done)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = assess(DANA, done, policy, NOW), assess(DANA, shuffled, policy, NOW)
    assert one.score == pytest.approx(other.score, abs=1e-9)


@given(done=events, more=kinds)
def test_doing_more_never_lowers_a_score(policy: Policy, done: list[Engagement], more: str) -> None:
    before = assess(DANA, done, policy, NOW).score
    assert assess(DANA, [*done, did(more, path="/pricing")], policy, NOW).score >= before - 1e-9


@given(done=events, hours=st.floats(0, 10_000))
def test_a_score_only_falls_while_nothing_is_done(policy: Policy, done: list[Engagement], hours: float) -> None:
    later = assess(DANA, done, policy, NOW + timedelta(hours=hours)).score
    assert later <= assess(DANA, done, policy, NOW).score + 1e-9


@given(st.floats(0, 3650), st.floats(0.1, 365))
def test_half_is_left_after_every_half_life(age: float, half_life: float) -> None:
    left = decay(timedelta(days=age), timedelta(days=half_life))
    assert 0 <= left <= 1
    assert decay(timedelta(days=age + half_life), timedelta(days=half_life)) == pytest.approx(left / 2, rel=1e-6)
