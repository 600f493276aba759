"""`baton policy backtest` and `/lead policy`: what a policy did, and what another would do."""

from datetime import timedelta

import pytest

from bot.policy_file import example_path, read_policy
from bot.slack.blocks.backtest import period_text, sentences, table_note
from bot.usecases.backtest_policy import backtest_policy
from bot.usecases.draft import LeadIn, to_draft
from bot.usecases.receive_leads import receive_leads
from funnel.backtest import Choice, InFact, Wish
from funnel.policy import Policy
from funnel.report import Share
from funnel.trial import Trial
from tests.support.clock import TestClock
from tests.support.world import ADA, ANA, World

EXAMPLE = example_path().read_text(encoding="utf-8")


@pytest.fixture
def past(world: World, policy: Policy) -> World:
    """Six leads of 45 points fit: all opened a mail, three saw the pricing page; two became SQLs, one was let go."""
    for number in range(6):
        email = f"p{number}@c{number}.example"
        lead_id = world.send_lead(email=email, title="VP Sales", employees=200)
        did = [{"lead_id": lead_id, "kind": "email_open"}]
        if number < 3:
            did += [{"lead_id": lead_id, "kind": "page_view", "properties": {"path": "/pricing"}}] * 2
        world.http.post("/v1/engagements", json=did)
        world.clock.advance(hours=1)
        for stage in ["mql", {0: "sql", 1: "rejected", 3: "sql"}.get(number)]:
            if stage and (stage != "mql" or number in (0, 1, 3)):
                told = LeadIn.model_validate({"source": "web", "email": email, "stage": stage})
                receive_leads(world.store, policy, [to_draft(told, world.clock())], world.clock(), "test")
        world.clock.advance(days=1)
    return world


def test_more_mqls_are_told_with_what_became_of_them(past: World, policy: Policy) -> None:
    lower = read_policy(EXAMPLE.replace("threshold = 60 ", "threshold = 45 "), [])
    end = past.clock()
    told: list[tuple[int, int]] = []
    found = backtest_policy(
        past.store, lower, policy, end - timedelta(days=90), end, None, lambda done, total: told.append((done, total))
    )
    assert (found.leads, found.new.leads, found.old.leads) == (6, 6, 3)
    assert (found.more.leads, found.more.sql, found.fewer.leads) == (3, 1, 0)
    assert (found.precision.part, found.precision.whole) == (2, 3)
    assert (found.recall.part, found.recall.whole) == (2, 2)
    assert told == [(6, 6)]


def test_a_lead_is_not_shut_out_of_the_past_by_having_become_a_customer(past: World, policy: Policy) -> None:
    assert past.http.post("/v1/leads/1/stage", json={"stage": "customer"}).status_code == 200
    end = past.clock()
    found = backtest_policy(past.store, policy, policy, end - timedelta(days=90), end)
    assert (found.new.leads, found.new.sql) == (3, 1)


def test_colleagues_are_shut_out_by_a_sale_before_the_first_day_and_by_none_after_it(
    past: World, policy: Policy
) -> None:
    """Company 0 has been a customer for four days, company 1 for two; the period is of three."""
    for number in (0, 1):
        past.send_lead(email=f"boss@c{number}.example", title="VP Sales", employees=200)
        boss = LeadIn.model_validate({"source": "web", "email": f"boss@c{number}.example", "stage": "customer"})
        receive_leads(past.store, policy, [to_draft(boss, past.clock())], past.clock(), "test")
        past.clock.advance(days=2)
        colleague = past.send_lead(email=f"new@c{number}.example", title="VP Sales", employees=200)
        past.http.post("/v1/engagements", json=[{"lead_id": colleague, "kind": "webinar"}])
    end = past.clock() + timedelta(seconds=1)
    found = backtest_policy(past.store, policy, policy, end - timedelta(days=3), end)
    assert (found.leads, found.new.leads) == (10, 1)
    assert backtest_policy(past.store, policy, policy, end - timedelta(days=90), end).new.leads == 5


def test_who_raises_a_hand_by_what_they_are_is_an_mql_of_the_day_they_came(past: World, policy: Policy) -> None:
    rule = '[[mql.hand_raise]]\nname = "Partner"\nwhen = [{ field = "campaign", equals = "partner" }]\n\n[[segment]]'
    partners = read_policy(EXAMPLE.replace("[[segment]]", rule, 1), [])
    start = past.clock()
    past.send_lead(email="silent@d.example", campaign="partner")
    past.clock.advance(days=2)
    past.send_lead(email="late@e.example", campaign="partner")
    found = backtest_policy(past.store, partners, policy, start, start + timedelta(days=1))
    assert (found.new.leads, found.new.unworked, found.more.leads) == (1, 1, 1)


def test_an_enterprise_lead_is_held_against_its_segments_threshold(past: World, policy: Policy) -> None:
    start = past.clock()
    for number in range(4):
        email = f"big{number}@large.example"
        lead_id = past.send_lead(email=email, title="VP Sales", country="Germany", employees=9000)
        looked = {"lead_id": lead_id, "kind": "page_view", "properties": {"path": "/pricing"}}
        past.http.post("/v1/engagements", json=[looked])
        past.clock.advance(hours=1)
        for stage in ("mql", "sql" if number < 2 else "rejected"):
            told = LeadIn.model_validate({"source": "web", "email": email, "stage": stage})
            receive_leads(past.store, policy, [to_draft(told, past.clock())], past.clock(), "test")
    found = backtest_policy(past.store, policy, policy, start, past.clock() + timedelta(days=1))
    assert (found.new.leads, found.new.sql, found.new.lost) == (4, 2, 2)
    assert (found.precision.part, found.precision.whole) == (2, 4)
    assert (found.recall.part, found.recall.whole) == (2, 2)
    assert {round(one.per_week * found.weeks) for one in found.choices} == {4}
    assert table_note(found) == (
        "The thresholds of the table are for everybody who has none of their own: "
        "4 leads in segments that have one are held against that in every row."
    )


def _wish(per_week: float, best: float | None, most: float, raised: float = 0, own: float = 0) -> str:
    """What is said to a wish; the best threshold gives 0.42 a week."""
    share = Share(part=0, whole=0)
    choice = Choice(threshold=best, per_week=0.42, precision=share, recall=share) if best is not None else None
    end = TestClock()()
    found = Trial(end - timedelta(days=90), end).result("one", "one", 60, None)
    wished = Wish(per_week=per_week, best=choice, most=most, raised=raised, own=own)
    return sentences(found.model_copy(update={"wished": wished}))[-1]


def test_a_wish_is_answered_with_what_is_true() -> None:
    assert _wish(1, 41, 15.55) == (
        "For at most 1 MQLs a week the best threshold is 41: 0.42 a week, precision none, recall none."
    )
    assert _wish(20, 1, 15.55) == (
        "Whatever the threshold, there are no more than 20 MQLs a week to be had. The most that one gives is 15.6."
    )
    assert _wish(1, None, 9.3, raised=7.78) == (
        "However high the threshold, raised hands alone make 7.8 MQLs a week, more than 1. "
        "For fewer, change the rules for a raised hand."
    )
    assert _wish(1, None, 9.3, raised=0.78, own=2.5) == (
        "However high the threshold, there are 3.3 MQLs a week, more than 1: 0.78 raised a hand, 2.5 are over the "
        "threshold of their own segment. For fewer, change the rules for a raised hand or the segments."
    )


def test_the_days_that_anything_is_known_of_are_told(past: World, policy: Policy) -> None:
    """Six days have passed since the first lead: so many rates are over, and not the ninety asked for."""
    end = past.clock()
    found = backtest_policy(past.store, policy, policy, end - timedelta(days=90), end)
    assert found.days == pytest.approx(6.25)
    days = f"{end - timedelta(days=90):%Y-%m-%d} to {end:%Y-%m-%d}"
    since = end - timedelta(days=6.25)
    assert period_text(found) == (
        f"{days}, 6 leads; rates are over the 6 days there is anything known of, from {since:%Y-%m-%d} on"
    )
    assert sentences(found)[0].startswith("3 MQLs, 15 a month: 1 became SQLs, 1 did not, 0 are open, 1 unworked.")
    short = backtest_policy(past.store, policy, policy, end - timedelta(days=5), end)
    assert period_text(short) == f"{end - timedelta(days=5):%Y-%m-%d} to {end:%Y-%m-%d}, 6 leads"


def test_the_policy_in_force_is_compared_with_what_happened(past: World, policy: Policy) -> None:
    """Three are over the threshold, two of them were MQLs; the third was reported by another system all the same."""
    end = past.clock()
    found = backtest_policy(past.store, policy, policy, end - timedelta(days=90), end)
    assert sentences(found)[1] == (
        "2 of these were MQLs in fact, 1 not: 1 by what is known of them today, or by rules that were not in force "
        "then. MQLs in fact that are not among these: 1, imported or reported as such, or by other rules or facts."
    )


def test_who_was_shut_out_by_a_sale_of_the_period_is_counted_as_such(past: World, policy: Policy) -> None:
    past.send_lead(email="boss@c1.example")
    past.clock.advance(days=1)
    boss = LeadIn.model_validate({"source": "web", "email": "boss@c1.example", "stage": "customer"})
    receive_leads(past.store, policy, [to_draft(boss, past.clock())], past.clock(), "test")
    past.clock.advance(days=1)
    colleague = past.send_lead(email="new@c1.example", title="VP Sales", employees=200)
    past.http.post("/v1/engagements", json=[{"lead_id": colleague, "kind": "webinar"}])
    end = past.clock() + timedelta(seconds=1)
    found = backtest_policy(past.store, policy, policy, end - timedelta(days=90), end)
    assert found.in_fact == InFact(among=2, others=2, later_customers=1)
    assert "in fact, 2 not: 1 of companies that became customers in these days" in sentences(found)[1]


def _whisper(world: World, user: str) -> str:
    world.deliver()
    message = world.slack.whispers(user)[-1]
    return message.text + str(message.blocks)


def test_an_admin_reads_the_policy_and_how_it_did(past: World) -> None:
    past.people.command(ADA, "#marketing", "/lead policy")
    told = _whisper(past, ADA)
    assert "Asked for a demo: each “demo_request”" in told
    assert "How many became SQLs" in told
    assert "Precision: 50 % (1 of 2; 95 % sure: 9 to 91 %; too few to rely on)" in told


def test_an_admin_tries_another_threshold_and_wishes_for_a_volume(past: World) -> None:
    past.people.command(ADA, "#marketing", "/lead policy threshold 45")
    assert "more MQLs a month than under" in _whisper(past, ADA)
    past.people.command(ADA, "#marketing", "/lead policy 0.1 a week")
    assert "For at most 0.1 MQLs a week the best threshold is" in _whisper(past, ADA)
    past.people.command(ADA, "#marketing", "/lead policy lower")
    assert "/lead policy threshold 55" in _whisper(past, ADA)


def test_the_policy_is_no_business_of_an_sdr(past: World) -> None:
    past.people.command(ANA, "#marketing", "/lead policy")
    assert "Your role cannot change the policy" in _whisper(past, ANA)
