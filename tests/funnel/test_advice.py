"""The nearest thing that would change what a lead is."""

from datetime import UTC, datetime, timedelta

import pytest

from funnel.advice import advice
from funnel.lead import Engagement, Facts
from funnel.lifecycle import Stage
from funnel.policy import Policy
from funnel.scoring import assess

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HALF = Facts(email="dana@acme.example", title="VP Sales", employees=200)


def told(policy: Policy, facts: Facts, *kinds: str, days_ago: float = 0) -> list[str]:
    done = [Engagement(kind=kind, occurred_at=NOW - timedelta(days=days_ago)) for kind in kinds]
    return advice(facts, Stage.RAW, done, policy, assess(facts, done, policy, NOW), NOW)


@pytest.mark.parametrize("stage", [Stage.ACCEPTED, Stage.SQL, Stage.OPPORTUNITY, Stage.CUSTOMER])
def test_who_is_beyond_mql_needs_no_points(policy: Policy, stage: Stage) -> None:
    sentences = advice(HALF, stage, [], policy, assess(HALF, [], policy, NOW), NOW)
    assert sentences == [f"It is {stage.label} now: people decide what becomes of it, and no score."]


def test_the_least_that_is_enough_is_named(policy: Policy) -> None:
    assert told(policy, HALF)[0] == "It needs 15 more points; “Webinar attended” would do."


def test_several_things_are_named_when_one_will_not_do(policy: Policy) -> None:
    high = policy.model_copy(update={"mql": policy.mql.model_copy(update={"threshold": 125})})
    first = told(high, HALF)[0]
    assert first == "It needs 80 more points; “Asked to be contacted” and “Asked for a demo” together would do."


def test_facts_nobody_knows_are_named_with_what_they_may_bring(policy: Policy) -> None:
    assert "Not known yet: country, industry; they may bring Core market (+15), Core industry (+10)." in told(
        policy, HALF
    )


def test_points_are_no_advice_to_who_does_not_fit(policy: Policy) -> None:
    sentences = told(policy, Facts(email="a@b.example", title="Student"), "webinar")
    assert not [one for one in sentences if "points;" in one]
    assert sentences[-1] == "“Asked for a demo” would do at once."


def test_a_missing_field_is_asked_for(policy: Policy) -> None:
    assert "Tell its email." in told(policy, HALF._replace(email=None), "webinar")


def test_an_mql_is_told_until_when_it_stays_over_the_threshold(policy: Policy) -> None:
    # 45 fit and 20 from the webinar: 15 are left of it after 30 days * log2(20 / 15) = 12.45 days.
    assert told(policy, HALF, "webinar") == ["If it does nothing more, it falls below 60 points on 2026-12-04."]


def test_a_raised_hand_or_a_full_profile_needs_no_date(policy: Policy) -> None:
    assert told(policy, Facts(email="a@b.example"), "demo_request") == ["Its raised hand alone makes it one."]
    full = HALF._replace(country="Germany")
    assert told(policy, full, "email_open") == ["Who it is alone keeps it over the threshold."]


def test_who_is_excluded_gets_no_advice(policy: Policy) -> None:
    excluded = HALF._replace(email="x@rival.example")
    assert told(policy, excluded) == ["As long as it is excluded (Competitor), nothing makes it an MQL."]


@pytest.mark.parametrize("done_before", ["webinar", "download", "email_open"])
def test_what_is_advised_does_make_an_mql(policy: Policy, done_before: str) -> None:
    first = told(policy, HALF, done_before, days_ago=20)[0]
    rules = [rule for rule in policy.behaviour if f"“{rule.name}”" in first]
    done = [Engagement(kind=done_before, occurred_at=NOW - timedelta(days=20))]
    done += [Engagement(kind=rule.kind, occurred_at=NOW, properties={"path": "/pricing"}) for rule in rules]
    assert rules
    assert assess(HALF, done, policy, NOW).earned.value == "mql"
