"""The App Home of an SDR, a manager and an admin; and many leads at once."""

import re
from typing import Any

import pytest

from bot.usecases.draft import EngagementIn, LeadIn, to_draft, to_seen
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import record_engagements
from funnel.lifecycle import Stage
from funnel.policy import parse_policy
from tests.journeys.test_handing_over import LADDER, direct, policy_with, world_with
from tests.support.databases import Databases
from tests.support.filling import values
from tests.support.world import ADA, ANA, BEN, MAYA, RITA, USERS, World, open_world


def home_of(world: World, user: str) -> list[dict[str, Any]]:
    world.deliver()
    blocks: list[dict[str, Any]] = world.slack.workspace.homes[user]["blocks"]
    return blocks


def many_mqls(world: World, count: int) -> None:
    """So many leads that ask for a demo, handed in at once."""
    policy, now = world.baton.policy(), world.clock()
    drafts = [
        to_draft(LeadIn(source="fair", email=f"p{n}@c{n}.example", name=f"Person {n}"), now) for n in range(count)
    ]
    ids = [one.lead_id for one in receive_leads(world.store, policy, drafts, now, "test")]
    seen = [to_seen(EngagementIn(lead_id=one, kind="demo_request"), now) for one in ids]
    record_engagements(world.store, policy, seen, "test", now)
    world.run()


@pytest.mark.both_databases
def test_an_sdr_sees_what_is_next_and_by_when(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        card = world.posted_card()
        world.people.open_home(ANA)
        assert "Waiting to be claimed (1)" in str(home_of(world, ANA))
        world.people.click_home(ANA, "claim")
        shown = str(home_of(world, ANA))
        assert "Your leads (1)" in shown
        assert "Next: call · ⏳ due <!date^" in shown
        assert "1 taken, 0 promoted to SQL, 0 let go" in shown
        assert "The board" not in shown
        world.people.click(ANA, card, "lead_menu", "attempt:1")
        assert "Next: call again" in str(home_of(world, ANA))
        world.clock.advance(hours=5)
        world.people.open_home(ANA)
        assert "overdue since" in str(home_of(world, ANA))


@pytest.mark.both_databases
def test_a_call_without_a_decision_is_a_draft_until_there_is_one(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        card = world.posted_card()
        world.people.click(ANA, card, "claim")
        world.deliver()
        world.people.open_home(ANA)
        assert "Drafts" not in str(home_of(world, ANA))
        for outcome in ("save", "disqualified"):
            world.people.click(ANA, card, "log_bant")
            view = world.view(ANA)
            more = {}
            if outcome == "disqualified":
                world.people.choose(ANA, view["id"], "outcome", outcome, values(view))
                view, more = world.view(ANA, "reason:disqualified"), {"reason__disqualified": "No need"}
            filled = values(view, budget="partial", outcome=outcome, **more)
            assert world.people.submit(ANA, view["id"], filled) == {}
            drafts = "Drafts, calls without a decision: Dana Fields, Acme"
            assert (drafts in str(home_of(world, ANA))) == (outcome == "save")


def test_what_is_due_first_is_at_the_top_of_the_home_and_of_the_list(databases: Databases, kind: str) -> None:
    urgent = """
[[route]]
name = "Urgent"
channel = "#enterprise"
team = "Inbound"
when = [{ field = "company", equals = "Urgent" }]
outcome_within = "1h"
"""
    base = policy_with(LADDER)
    policy = parse_policy(base.text.replace("[[route]]", f"{urgent}\n[[route]]", 1))
    policy = policy.model_copy(update={"roles": base.roles})
    with open_world(databases.fresh(kind), policy, USERS) as world:
        for company in ("First", "Second", "Urgent"):
            world.posted_card(email=f"{company}@{company}.example", name=company, company=company)
            with world.store.read() as tx:
                (cycle,) = tx.cycles.waiting()
            with world.store.begin() as tx:
                tx.cycles.claim(cycle.id, ANA, world.clock())
            world.clock.advance(minutes=1)
        with world.store.begin() as tx:  # an SQL waits for nobody's decision
            assert tx.cycles.move(tx.cycles.get(1), Stage.SQL, world.clock())
        world.people.open_home(ANA)
        shown = str(home_of(world, ANA))
        places = [shown.lower().index(f"{one}@") for one in ("urgent", "second", "first")]
        assert places == sorted(places)
        world.people.command(ANA, "#inbound", "/lead mine")
        shown = str(world.slack.whispers(ANA)[-1].blocks)
        places = [shown.lower().index(f"{one}@") for one in ("urgent", "second", "first")]
        assert places == sorted(places)
        assert "Next: call · ⏳ due <!date^" in shown


def test_the_list_of_ones_own_leads_has_pages(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        many_mqls(world, 25)
        for number in range(1, 26):
            with world.store.begin() as tx:
                tx.cycles.claim(number, ADA, world.clock())
                if number > 15:
                    assert tx.cycles.move(tx.cycles.get(number), Stage.SQL, world.clock())
        world.people.command(ADA, "#inbound", "/lead mine")
        seen = []
        for place in ("1 to 10 of 25", "11 to 20 of 25", "21 to 25 of 25"):
            shown = world.slack.whispers(ADA)[-1]
            assert place in str(shown.blocks)
            seen += re.findall(r"mailto:(p\d+@)|(p\d+@)", str(shown.blocks))
            if not place.startswith("21"):
                world.people.click(ADA, shown, "mine_on")
                world.deliver()
        assert len(set(seen)) == 25


def test_long_lists_have_pages_and_a_home_never_passes_a_hundred_blocks(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        many_mqls(world, 60)
        for number in range(1, 26):
            with world.store.begin() as tx:
                tx.cycles.claim(number, ADA, world.clock())
        world.clock.advance(hours=30)
        world.people.open_home(ADA)
        blocks = home_of(world, ADA)
        assert len(blocks) <= 100
        assert "1 to 10 of 25" in str(blocks)
        assert "1 to 10 of 35" in str(blocks)
        for place in ("11 to 20 of 25", "21 to 25 of 25"):
            world.people.click_home(ADA, "home_mine_on")
            assert place in str(home_of(world, ADA))
        world.people.click_home(ADA, "home_waiting_on")
        shown = str(home_of(world, ADA))
        assert "21 to 25 of 25" in shown
        assert "11 to 20 of 35" in shown
        world.people.click_home(ADA, "home_mine_back")
        assert "11 to 20 of 25" in str(home_of(world, ADA))


@pytest.mark.both_databases
def test_a_manager_sees_who_waits_for_too_long_and_who_carries_what(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, 'assign = ["round robin"]\n' + LADDER) as world:
        world.people.command(BEN, "#inbound", "/lead pause until tomorrow")
        world.posted_card()
        world.people.open_home(RITA)
        shown = str(home_of(world, RITA))
        assert "none is late" in shown
        assert f"🟢 <@{ANA}>: holds 1" in shown
        assert f"⏸️ <@{BEN}>: holds 0, back <!date^" in shown
        assert "Set-up" not in shown
        world.clock.advance(hours=6)
        world.people.open_home(RITA)
        shown = str(home_of(world, RITA))
        assert "1 lead late" in shown
        assert f"🔴 *Dana Fields, Acme* · <@{ANA}>’s · overdue since" in shown
        world.people.click_home(RITA, "hand_over")
        assert "Give it to" in str(world.view(RITA))


def test_a_manager_sees_what_lies_with_who_is_away_and_hands_it_over(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, 'assign = ["round robin"]\n' + LADDER) as world:
        world.people.command(BEN, "#inbound", "/lead pause until tomorrow")
        world.posted_card()
        world.people.open_home(RITA)
        assert "who is away" not in str(home_of(world, RITA))
        world.people.click_home(RITA, "away")
        view = world.view(RITA)
        wrong = world.people.submit(RITA, view["id"], values(view, who=ANA, way="away", first_day="2026-11-18"))
        assert wrong == {"return_day": "Choose a day."}
        days = {"first_day": "2026-11-18", "return_day": "2026-11-17"}
        wrong = world.people.submit(RITA, view["id"], values(view, who=ANA, way="away", **days))
        assert wrong == {"return_day": "Choose a day after the first day away."}
        days = {"first_day": "2026-11-16", "return_day": "2026-12-01"}
        assert world.people.submit(RITA, view["id"], values(view, who=ANA, way="away", **days)) == {}
        shown = str(home_of(world, RITA))
        assert "1 lead with people who are away" in shown
        assert f"🏖️ *Dana Fields, Acme* · <@{ANA}>’s, who is away" in shown
        assert [text.partition(" from ")[0] for text in direct(world, ANA) if "🏖️" in text] == [
            f"🏖️ <@{RITA}> says that you are away"
        ]
        world.people.click_home(RITA, "away")
        view = world.view(RITA)
        assert world.people.submit(RITA, view["id"], values(view, who=ANA, way="back")) == {}
        assert "people who are away" not in str(home_of(world, RITA))
        assert direct(world, ANA)[-1].startswith(f"👋 <@{RITA}> says that you are back")


def test_an_sdr_says_nothing_of_a_colleagues_hours(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        world.people.open_home(RITA)
        home_of(world, RITA)
        world.people.click_home(RITA, "away")
        view = world.view(RITA)
        world.slack.workspace.views[BEN] = [view]
        refused = world.people.submit(BEN, view["id"], values(view, who=ANA, way="paused"))
        assert "Your role cannot" in refused["who"]


def test_a_manager_sees_how_many_promises_were_kept(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        for number in range(3):
            card = world.posted_card(email=f"p{number}@c{number}.example")
            world.clock.advance(minutes=29 + number)  # the last one too late
            world.people.click(ANA, card, "claim")
            world.deliver()
        world.posted_card(email="late@c.example")
        world.clock.advance(hours=1)
        world.people.open_home(RITA)
        shown = str(home_of(world, RITA))
        assert "Last 7 days: 2 of 4 claims in time (50%)" in shown


def test_an_admin_sees_the_policy_and_the_health(world: World) -> None:
    world.posted_card()
    world.people.open_home(ADA)
    shown = str(home_of(world, ADA))
    assert "*Policy* 2026-11" in shown
    assert "Inbound → #inbound: open" in shown
    assert "0 failed requests" in shown
    world.people.open_home(MAYA)
    shown = str(home_of(world, MAYA))
    assert "The board" not in shown
    assert "Set-up" not in shown


def test_many_at_once_are_one_message_with_a_list_for_whoever_wants_it(world: World) -> None:
    many_mqls(world, 60)
    (message,) = world.slack.bot_messages("#inbound")
    assert "60 new MQLs for #inbound" in message.text
    for place in ("1 to 10 of 60", "11 to 20 of 60"):
        source = message if place.startswith("1 ") else world.slack.whispers(ANA)[-1]
        world.people.click(ANA, source, "open_on")
        world.deliver()
        assert place in str(world.slack.whispers(ANA)[-1].blocks)
    world.people.click(ANA, world.slack.whispers(ANA)[-1], "claim", value="11")
    world.deliver()
    with world.store.read() as tx:
        assert tx.cycles.get(11).owner == ANA


def test_who_is_given_many_at_once_is_told_once(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, 'assign = ["round robin"]\n') as world:
        many_mqls(world, 60)
        assert direct(world, ANA) == ["🤝 30 leads for you"]
        assert direct(world, BEN) == ["🤝 30 leads for you"]
        (message,) = world.slack.bot_messages("#inbound")
        assert "Each has an owner" in str(message.blocks)


def test_a_colleagues_claim_shows_on_the_homes_people_have_before_them(world: World) -> None:
    world.posted_card()
    world.people.open_home(BEN)
    assert "Waiting to be claimed (1)" in str(home_of(world, BEN))
    world.people.click(ANA, world.card(), "claim")
    world.clock.advance(seconds=31)
    world.run()
    assert "Waiting to be claimed (0)" in str(home_of(world, BEN))
