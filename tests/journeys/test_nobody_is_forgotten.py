"""Seams at which a lead could wait for ever, or people be told too much, too often or at night."""

from datetime import timedelta
from typing import Any

import pytest

from bot.usecases.change_policy import put_in_force
from bot.usecases.merge_leads import merge_leads
from bot.usecases.watch_sla import watch_sla
from funnel.lifecycle import Stage
from funnel.policy import parse_policy
from funnel.roles import Person
from tests.bot.test_home import many_mqls
from tests.journeys.test_handing_over import LADDER, choose_settings, direct, hand_over, policy_with, told, world_with
from tests.support.databases import Databases
from tests.support.world import ADA, ANA, BEN, RITA, World


def cycle_of(world: World, cycle_id: int = 1) -> Any:
    with world.store.read() as tx:
        return tx.cycles.get(cycle_id)


def test_who_has_not_heard_of_a_change_leaves_the_ladders_alone(databases: Databases, kind: str) -> None:
    with world_with(databases, kind) as world:  # a route without a ladder
        world.posted_card()
        world.run()
        new = policy_with(LADDER)
        put_in_force(world.store, new, "ada", world.clock())
        assert watch_sla(world.store, policy_with(""), world.clock()) == 0
        assert cycle_of(world).look_at is not None
        world.clock.advance(minutes=11)
        assert watch_sla(world.store, new, world.clock()) == 1
        assert cycle_of(world).claim_climbed == 10 * 60
        assert cycle_of(world).look_at is not None


def test_a_route_that_is_renamed_still_reminds_and_still_hides(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, "blind = true\n" + LADDER) as world:
        card = world.posted_card()
        text = world.baton.policy().text.replace('name = "Inbound"\nchannel', 'name = "Inbound 2"\nchannel')
        renamed = parse_policy(text).model_copy(update={"roles": world.baton.policy().roles})
        world.baton.policy._policy = renamed
        put_in_force(world.store, renamed, "ada", world.clock())
        world.clock.advance(minutes=11)
        world.run()
        assert len(told(world, card)) == 1
        world.people.command(ANA, "#inbound", "/lead open")
        assert "Dana" not in str(world.slack.whispers(ANA)[-1].blocks)


def test_many_that_find_no_channel_are_brought_to_an_admin(world: World) -> None:
    world.slack.workspace.channel("#inbound").archived = True
    many_mqls(world, 12)
    (message,) = world.slack.bot_messages(f"D{ADA}")
    assert "I cannot post 12 leads to #inbound" in message.text


@pytest.mark.both_databases
def test_many_that_wait_are_few_messages(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        many_mqls(world, 30)
        for _ in range(9):
            world.clock.advance(minutes=10)
            world.run()
        channel = [message.text for message in world.slack.bot_messages("#inbound")]
        assert channel == ["30 new MQLs for #inbound", "⏰ 30 leads still wait to be claimed"]
        assert direct(world, ANA) == ["⏰ 30 leads still wait to be claimed"]
        assert direct(world, RITA)[0] == "⏰ 30 leads still wait to be claimed"


def test_who_claims_from_a_list_is_shown_the_lead(world: World) -> None:
    many_mqls(world, 12)
    world.people.click(ANA, world.slack.bot_messages("#inbound")[0], "claim", value="1")
    world.deliver()
    shown = world.slack.whispers(ANA)[-1]
    assert "It is yours" in str(shown.blocks)
    assert "Person 0" in str(shown.blocks)
    world.people.click(ANA, shown, "release")
    world.deliver()
    assert cycle_of(world).stage is Stage.MQL


def test_old_history_that_raises_its_hand_today_is_news(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        long_ago = (world.clock() - timedelta(days=20)).isoformat()
        lead_id = world.send_lead(email="old@oak.example", name="Olga Oak", occurred_at=long_ago)
        deed = {"lead_id": lead_id, "kind": "demo_request", "occurred_at": long_ago}
        world.http.post("/v1/engagements", json=deed)
        world.run()
        assert world.slack.bot_messages("#inbound") == []
        world.posted_card()
        world.people.command(ANA, "#inbound", "/lead next")
        assert "Dana" in str(world.slack.whispers(ANA)[-1].blocks)  # not what nobody was ever told of
        world.http.post("/v1/engagements", json={"lead_id": lead_id, "kind": "demo_request"})
        world.run()
        assert "Olga Oak" in world.card().text
        assert cycle_of(world).look_at is not None


@pytest.mark.both_databases
def test_of_two_leads_that_are_one_the_card_that_stands_goes_on(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        long_ago = (world.clock() - timedelta(days=20)).isoformat()
        old = world.send_lead(email="old@acme.example", occurred_at=long_ago)
        world.http.post("/v1/engagements", json={"lead_id": old, "kind": "demo_request", "occurred_at": long_ago})
        world.run()
        world.posted_card()
        merge_leads(world.store, world.baton.policy(), Person(id=ADA), old, 2, world.clock())
        world.deliver()
        assert "Claim" in str(world.card().blocks)
        assert cycle_of(world, 2).stage is Stage.MQL


def test_a_system_does_not_accept_what_is_offered_in_slack(world: World) -> None:
    world.posted_card()
    answer = world.http.post(
        "/v1/leads", json={"email": "dana@acme.example", "source": "crm", "stage": "accepted"}
    ).json()
    assert "somebody has to claim it" in answer["remark"]
    assert cycle_of(world).stage is Stage.MQL


@pytest.mark.both_databases
def test_what_somebody_owned_beyond_a_claim_is_told_a_manager_when_they_leave(databases: Databases, kind: str) -> None:
    with world_with(databases, kind) as world:
        card = world.posted_card()
        world.people.click(ANA, card, "claim")
        with world.store.begin() as tx:
            assert tx.cycles.move(tx.cycles.get(1), Stage.SQL, world.clock())
        world.slack.workspace.users[ANA].guest = True
        for _ in range(2):
            world.clock.advance(hours=2)
            world.run()
        (message,) = [text for text in direct(world, RITA) if "left the workspace" in text]
        assert "hand it over to somebody" in message


def test_a_ladder_that_ends_with_somebody_who_left_ends_with_a_manager(databases: Databases, kind: str) -> None:
    route = f'step = [{{ after = "10m", do = "assign", to = "{BEN}" }}]\n'
    with world_with(databases, kind, route) as world:
        card = world.posted_card()
        world.slack.workspace.users[BEN].guest = True
        world.baton.directory.refresh()
        for _ in range(5):
            world.clock.advance(minutes=11)
            world.run()
        assert cycle_of(world).owner == RITA
        assert len(told(world, card)) == 1


def test_nobody_is_given_a_lead_at_night(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, 'assign = ["round robin"]\n') as world:
        world.clock.advance(hours=17)  # three in the morning
        world.posted_card()
        assert direct(world, ANA) + direct(world, BEN) == []
        world.clock.advance(hours=6)
        world.run()
        assert len(direct(world, ANA) + direct(world, BEN)) == 1


def test_a_limit_holds_for_mentions_too(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, 'step = [{ after = "10m", do = "message" }]\n') as world:
        choose_settings(world, ANA, alert="mention", most_an_hour="3")
        for number in range(5):
            world.send_mql(email=f"p{number}@c{number}.example", name=f"P{number}")
        world.run()
        world.clock.advance(minutes=11)
        world.run()
        replies = [told(world, card) for card in world.slack.bot_messages("#inbound")]
        assert sum(f"<@{ANA}>" in text for texts in replies for text in texts) == 3
        assert direct(world, ANA) == []
        world.clock.advance(hours=1)
        world.run()
        assert len(direct(world, ANA)) == 2


def test_a_new_ladder_is_climbed_step_by_step_by_leads_that_waited_before_it(databases: Databases, kind: str) -> None:
    with world_with(databases, kind) as world:
        card = world.posted_card()
        world.clock.advance(days=10)
        world.run()
        new = policy_with(LADDER)
        world.baton.policy._policy = new
        put_in_force(world.store, new, "ada", world.clock())
        world.clock.advance(minutes=5)
        for _ in range(3):
            world.run()
        assert len(told(world, card)) == 1
        assert cycle_of(world).owner is None
        world.clock.advance(minutes=11)
        world.run()
        assert len(direct(world, ANA)) == 1


def test_a_name_of_three_hundred_signs_breaks_nobodys_home(world: World) -> None:
    long = "&" * 300
    world.posted_card(name=long, company=long, title=long)
    world.people.click(ANA, world.card(), "claim")
    world.people.open_home(ANA)
    world.deliver()
    assert "Your leads (1)" in str(world.slack.workspace.homes[ANA]["blocks"])


def test_what_is_undone_leaves_the_clocks_as_they_were(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        card = world.posted_card()
        world.clock.advance(minutes=5)
        world.people.click(ANA, card, "claim")
        world.deliver()
        world.people.click(ANA, card, "lead_menu", "attempt:1")
        before = cycle_of(world)
        world.clock.advance(minutes=50)
        world.people.click(ANA, card, "release")
        world.deliver()
        world.people.click(ANA, world.slack.whispers(ANA)[-1], "undo")
        after = cycle_of(world)
        for clock in ("accepted_at", "owned_at", "offered_at", "attempted_at", "outcome_climbed", "owner", "stage"):
            assert getattr(after, clock) == getattr(before, clock), clock


def test_what_a_colleague_has_worked_on_is_not_taken_back(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    hand_over(world, ANA, card, BEN)
    world.people.click(BEN, card, "lead_menu", "attempt:1")
    world.clock.advance(minutes=1)
    world.people.click(BEN, card, "lead_menu", "attempt:1")
    world.people.click(ANA, world.slack.whispers(ANA)[-1], "undo")
    world.deliver()
    assert cycle_of(world).owner == BEN
    assert cycle_of(world).attempted_at is not None


def test_who_is_passed_over_is_told(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    hand_over(world, RITA, card, BEN)
    assert direct(world, ANA) == [f"🔁 <@{RITA}> took Dana Fields, Acme from you; it is <@{BEN}>’s now."]


def test_only_its_owner_puts_a_lead_off(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    assert "only its owner puts it off" in world.put_off(RITA, card)["until"]


def test_a_blind_lead_is_not_told_by_another_that_looks_like_it(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, "blind = true\n") as world:
        world.posted_card(email="dana@hidden.example", name="Dana Secret", phone="+49305550001")
        world.send_mql(email="d2@oak.example", name="Dora", phone="+49305550001", employees=5000, company="Oak")
        world.run()
        shown = str(world.card("#enterprise").blocks)
        assert "Dora" in shown
        assert "Secret" not in shown


def test_given_back_by_a_rep_the_clock_begins_anew(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    with world.store.begin() as tx:
        assert tx.cycles.move(tx.cycles.get(1), Stage.SQL, world.clock())
        later = world.clock() + timedelta(days=7)
        assert tx.cycles.move(tx.cycles.get(1), Stage.ACCEPTED, later)
    assert (cycle_of(world).owned_at, cycle_of(world).look_at, cycle_of(world).outcome_climbed) == (later, later, 0)


def test_a_ladder_that_is_cut_short_still_ends(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, LADDER) as world:
        world.posted_card()
        for minutes in (11, 10, 20):
            world.clock.advance(minutes=minutes)
            world.run()
        assert cycle_of(world).claim_climbed == 40 * 60
        short = f'''claim_within = "30m"
step = [ {{ after = "25m", do = "manager" }}, {{ after = "30m", do = "assign", to = "{RITA}" }} ]
'''
        put_in_force(world.store, policy_with(short), "ada", world.clock())
        for _ in range(3):
            world.clock.advance(minutes=1)
            world.run()
        assert cycle_of(world).owner == RITA


def test_a_new_ladder_is_not_climbed_in_a_leap_by_who_comes_and_goes(databases: Databases, kind: str) -> None:
    with world_with(databases, kind) as world:
        world.posted_card()
        world.clock.advance(hours=3)
        put_in_force(world.store, policy_with(LADDER), "ada", world.clock())
        for _ in range(6):
            world.clock.advance(seconds=20)
            world.run()
            world.people.command(BEN, "#inbound", "/lead pause 30m")
            world.people.command(BEN, "#inbound", "/lead resume")
        assert cycle_of(world).claim_climbed == 10 * 60
        assert cycle_of(world).owner is None
