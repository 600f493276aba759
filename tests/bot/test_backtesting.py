"""`baton policy backtest` and `/lead policy`: what a policy did, and what another would do."""

from datetime import timedelta

import pytest

from bot.policy_file import example_path, read_policy
from bot.usecases.backtest_policy import backtest_policy
from bot.usecases.draft import LeadIn, to_draft
from bot.usecases.receive_leads import receive_leads
from funnel.policy import Policy
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
