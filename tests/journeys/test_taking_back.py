"""What somebody just did to a lead can be taken back for ten minutes, unless anything else has happened to it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from bot.usecases.merge_leads import merge_leads
from bot.usecases.reject_lead import reject_lead
from funnel.cycle import Cycle
from funnel.lifecycle import Stage
from funnel.notices import Click
from funnel.roles import Person
from tests.journeys.test_handing_over import LADDER, hand_over, world_with
from tests.support.databases import Databases
from tests.support.filling import values
from tests.support.world import ANA, BEN, RITA, World

FILLED = {"budget": "confirmed", "budget_amount": "20000", "authority": "partial", "need": "confirmed"}


@pytest.fixture
def world(databases: Databases, kind: str) -> Iterator[World]:
    with world_with(databases, kind, 'assign = ["round robin", "open"]\n' + LADDER) as world:
        world.clock.advance(hours=1)
        yield world


@pytest.fixture
def open_world(databases: Databases, kind: str) -> Iterator[World]:
    with world_with(databases, kind, LADDER) as world:
        world.clock.advance(hours=1)
        yield world


def cycle_of(world: World) -> Cycle:
    with world.store.read() as tx:
        found = tx.cycles.get(1)
    assert found is not None
    return found


def turn_away(world: World, user: str, card: Any) -> None:
    world.people.click(user, card, "not_a_fit")
    view = world.view(user)
    assert world.people.submit(user, view["id"], values(view, reason__rejected="Bad data")) == {}
    world.deliver()


def decide(world: World, user: str, card: Any, outcome: str, **more: str) -> None:
    world.people.click(user, card, "log_bant")
    view = world.view(user)
    if outcome != "sql":
        world.people.choose(user, view["id"], "outcome", outcome, values(view))
        view = world.view(user, f"reason:{outcome}")
    filled = values(view, outcome=outcome, **(FILLED if outcome == "sql" else more))
    assert world.people.submit(user, view["id"], filled) == {}
    world.deliver()


def take_back(world: World, user: str) -> str:
    """Press the newest button that takes something back; what is told then."""
    offer = next(one for one in reversed(world.slack.whispers(user)) if "undo" in str(one.blocks))
    world.people.click(user, offer, "undo")
    world.deliver()
    return world.slack.whispers(user)[-1].text


@pytest.mark.both_databases
def test_a_lead_that_was_turned_away_waits_on_as_before(open_world: World) -> None:
    card = open_world.posted_card()
    before = cycle_of(open_world)
    open_world.clock.advance(minutes=5)
    turn_away(open_world, BEN, card)
    assert open_world.slack.whispers(BEN)[-1].text == "Noted: this lead is rejected now."
    assert take_back(open_world, BEN) == "Taken back."
    after = cycle_of(open_world)
    assert after == before.model_copy(update={"look_at": after.look_at})
    assert after.look_at is not None
    assert "Claim" in str(card.blocks)
    assert open_world.replies(card)[-1].text == f"↩️ <@{BEN}> took that back: this lead is open to all again."
    with open_world.store.read() as tx:
        lead = tx.leads.get(1)
    assert lead is not None
    assert lead.stage is Stage.MQL


def test_a_lead_that_was_given_to_who_turned_it_away_is_theirs_again_and_counts(world: World) -> None:
    card = world.posted_card()
    before = cycle_of(world)
    assert before.owner is not None
    world.clock.advance(minutes=5)
    turn_away(world, before.owner, card)
    with world.store.read() as tx:
        assert tx.connection.scalar(text("SELECT count(*) FROM handover WHERE team IS NOT NULL AND NOT credited")) == 0
    assert take_back(world, before.owner) == "Taken back."
    after = cycle_of(world)
    assert after == before.model_copy(update={"look_at": after.look_at})
    with world.store.read() as tx:
        assert tx.connection.scalar(text("SELECT count(*) FROM handover WHERE team IS NOT NULL AND NOT credited")) == 1
    assert f"Accepted by <@{before.owner}>" in str(card.blocks)


@pytest.mark.both_databases
def test_a_promotion_is_taken_back_and_what_was_learned_stays(open_world: World) -> None:
    card = open_world.posted_card()
    open_world.people.click(ANA, card, "claim")
    open_world.deliver()
    before = cycle_of(open_world)
    open_world.clock.advance(minutes=30)
    decide(open_world, RITA, card, "sql")
    assert cycle_of(open_world).stage is Stage.SQL
    open_world.clock.advance(minutes=9)
    assert take_back(open_world, RITA) == "Taken back."
    after = cycle_of(open_world)
    assert after == before.model_copy(update={"look_at": after.look_at})
    assert after.sql_at is None
    assert "€20,000" in str(card.blocks)
    open_world.clock.advance(minutes=90)  # the ladder of its owner goes on where it was
    open_world.run()
    assert len(open_world.slack.bot_messages(f"D{ANA}")) == 1


def test_a_recycled_lead_is_its_owners_again_and_does_not_wake(open_world: World) -> None:
    card = open_world.posted_card()
    open_world.people.click(ANA, card, "claim")
    open_world.deliver()
    decide(open_world, ANA, card, "recycled", reason__recycled="No budget", wake_on="2026-12-01")
    take_back(open_world, ANA)
    assert cycle_of(open_world).stage is Stage.ACCEPTED
    assert cycle_of(open_world).outcome_reason is None
    open_world.clock.advance(days=40)
    open_world.run()
    with open_world.store.read() as tx:
        assert tx.connection.scalar(text("SELECT count(*) FROM cycle")) == 1
        assert tx.connection.scalar(text("SELECT wake_at FROM lead")) is None


def test_an_sql_that_was_let_go_stays_an_sql_since_the_same_day(open_world: World) -> None:
    card = open_world.posted_card()
    open_world.people.click(ANA, card, "claim")
    open_world.deliver()
    decide(open_world, ANA, card, "sql")
    promoted = cycle_of(open_world)
    open_world.clock.advance(days=2)
    decide(open_world, ANA, card, "disqualified", reason__disqualified="No need")
    take_back(open_world, ANA)
    assert cycle_of(open_world) == promoted
    assert "Something else has happened" in take_back(open_world, ANA)


def test_nothing_is_taken_back_by_others_or_too_late_or_twice(open_world: World) -> None:
    card = open_world.posted_card()
    turn_away(open_world, BEN, card)
    offer = open_world.slack.whispers(BEN)[-1]
    open_world.people.click(ANA, offer, "undo")
    open_world.deliver()
    assert "Only who did this can undo it" in open_world.slack.whispers(ANA)[-1].text
    open_world.clock.advance(minutes=11)
    assert "ten minutes" in take_back(open_world, BEN)
    assert cycle_of(open_world).stage is Stage.REJECTED


def test_what_was_taken_back_is_not_taken_back_again(open_world: World) -> None:
    card = open_world.posted_card()
    turn_away(open_world, BEN, card)
    assert take_back(open_world, BEN) == "Taken back."
    assert "Something else has happened" in take_back(open_world, BEN)
    assert cycle_of(open_world).stage is Stage.MQL


def test_a_decision_stands_once_others_have_built_upon_it(open_world: World) -> None:
    card = open_world.posted_card()
    open_world.people.click(ANA, card, "claim")
    open_world.deliver()
    decide(open_world, ANA, card, "sql")
    hand_over(open_world, RITA, card, BEN)
    assert "Something else has happened" in take_back(open_world, ANA)
    assert (cycle_of(open_world).stage, cycle_of(open_world).owner) == (Stage.SQL, BEN)


def test_a_decision_stands_once_the_lead_came_back_by_itself(open_world: World) -> None:
    card = open_world.posted_card()
    open_world.people.click(ANA, card, "claim")
    open_world.deliver()
    decide(open_world, ANA, card, "recycled", reason__recycled="No budget", wake_on="2026-12-01")
    answer = open_world.http.post("/v1/engagements", json={"lead_id": 1, "kind": "demo_request"})
    assert answer.status_code == 201
    open_world.clock.advance(minutes=1)
    open_world.run()
    with open_world.store.read() as tx:
        assert tx.connection.scalar(text("SELECT count(*) FROM cycle")) == 2
    assert "Something else has happened" in take_back(open_world, ANA)
    assert cycle_of(open_world).stage is Stage.RECYCLED


def test_nobody_is_given_back_more_than_they_may_hold(databases: Databases, kind: str) -> None:
    with world_with(databases, kind, "", f'[[person]]\nid = "{ANA}"\ncap = 1\n') as world:
        card = world.posted_card()
        world.people.click(ANA, card, "claim")
        world.deliver()
        decide(world, ANA, card, "disqualified", reason__disqualified="No need")
        offer = world.slack.whispers(ANA)[-1]
        second = world.posted_card(email="second@acme.example")
        world.people.click(ANA, second, "claim")
        world.deliver()
        world.people.click(ANA, offer, "undo")
        world.deliver()
        assert "which is the limit" in world.slack.whispers(ANA)[-1].text
        assert cycle_of(world).stage is Stage.DISQUALIFIED


@pytest.mark.both_databases
def test_released_at_once_a_lead_waits_since_it_was_offered_and_repeats_no_step(open_world: World) -> None:
    card = open_world.posted_card()
    offered = cycle_of(open_world).offered_at
    open_world.clock.advance(minutes=11)
    open_world.run()
    assert [one.text for one in open_world.replies(card)] == [open_world.replies(card)[0].text]
    open_world.people.click(ANA, card, "claim")
    open_world.deliver()
    open_world.clock.advance(minutes=2)
    open_world.people.click(ANA, card, "release")
    open_world.deliver()
    assert open_world.slack.whispers(ANA)[-1].text == "Your claim is undone: this lead waits on."
    assert cycle_of(open_world).offered_at == offered
    open_world.clock.advance(minutes=1)
    open_world.run()
    reminders = [one.text for one in open_world.replies(card) if "Nobody has claimed" in one.text]
    assert len(reminders) == 1
    open_world.clock.advance(minutes=7)  # 21 minutes after it was offered
    open_world.run()
    assert [one.text for one in open_world.slack.bot_messages(f"D{BEN}")] != []


@pytest.mark.parametrize("worked", ["later", "called", "given"])
def test_a_lead_that_was_really_somebodys_is_offered_anew(open_world: World, worked: str) -> None:
    card = open_world.posted_card()
    open_world.people.click(BEN if worked == "given" else ANA, card, "claim")
    open_world.deliver()
    if worked == "later":
        open_world.clock.advance(minutes=11)
    elif worked == "called":
        open_world.clock.advance(minutes=1)
        open_world.people.click(ANA, card, "lead_menu", "attempt:1")
    else:
        hand_over(open_world, BEN, card, ANA)
    open_world.clock.advance(minutes=1)
    open_world.people.click(ANA, card, "release")
    open_world.deliver()
    assert cycle_of(open_world).offered_at == open_world.clock()
    assert open_world.slack.whispers(ANA)[-1].text == "Anybody can claim this lead now."


def test_an_old_button_takes_back_what_it_stood_for_and_nothing_newer(open_world: World) -> None:
    card = open_world.posted_card()
    open_world.people.click(ANA, card, "claim")
    open_world.deliver()
    open_world.people.click(ANA, card, "release")
    open_world.deliver()
    old = open_world.slack.whispers(ANA)[-1]
    open_world.clock.advance(minutes=5)
    open_world.people.click(ANA, card, "claim")
    open_world.deliver()
    decide(open_world, ANA, card, "sql")
    open_world.people.click(ANA, old, "undo")
    open_world.deliver()
    assert "Something else has happened" in open_world.slack.whispers(ANA)[-1].text
    assert cycle_of(open_world).stage is Stage.SQL


@pytest.mark.parametrize("first", ["rejected", "handed over"])
def test_a_merge_leaves_nothing_to_take_back(open_world: World, first: str) -> None:
    open_world.posted_card()
    card = open_world.posted_card(email="twin@acme.example")
    if first == "rejected":
        turn_away(open_world, RITA, card)
    else:
        open_world.people.click(RITA, card, "claim")
        open_world.deliver()
        open_world.people.click(RITA, card, "lead_menu", "hand_over:2")
        view = open_world.view(RITA)
        assert open_world.people.submit(RITA, view["id"], values(view, to=BEN)) == {}
        open_world.deliver()
    merge_leads(open_world.store, open_world.baton.policy(), Person(id=RITA), 1, 2, open_world.clock())
    open_world.deliver()
    with open_world.store.read() as tx:
        before = [tx.cycles.get(number) for number in (1, 2)]
    assert "Something else has happened" in take_back(open_world, RITA)
    with open_world.store.read() as tx:
        assert [tx.cycles.get(number) for number in (1, 2)] == before


def test_a_report_of_what_was_taken_back_is_heard(open_world: World) -> None:
    card = open_world.posted_card()
    open_world.people.click(ANA, card, "claim")
    open_world.deliver()
    decide(open_world, ANA, card, "sql")
    take_back(open_world, ANA)
    open_world.clock.advance(minutes=30)
    answer = open_world.http.post("/v1/leads", json={"source": "crm", "email": "dana@acme.example", "stage": "sql"})
    assert answer.status_code in (200, 201)
    assert cycle_of(open_world).stage is Stage.SQL


def test_who_left_gets_nothing_back(open_world: World) -> None:
    card = open_world.posted_card()
    open_world.people.click(ANA, card, "claim")
    open_world.deliver()
    turn_away(open_world, RITA, card)
    open_world.slack.workspace.users[ANA].guest = True
    open_world.baton.directory.refresh()
    assert "left the workspace" in take_back(open_world, RITA)
    assert cycle_of(open_world).stage is Stage.REJECTED


def test_a_lead_that_was_accepted_elsewhere_is_as_it_was(open_world: World) -> None:
    sent = open_world.http.post("/v1/leads", json={"source": "crm", "email": "old@acme.example", "stage": "accepted"})
    assert sent.status_code == 201
    before = cycle_of(open_world)
    open_world.people.command(RITA, "#inbound", "/lead show old@acme.example")
    turn_away_by_id(open_world, RITA)
    take_back(open_world, RITA)
    assert cycle_of(open_world) == before.model_copy(update={"look_at": cycle_of(open_world).look_at})


def turn_away_by_id(world: World, user: str) -> None:
    """Reject the lead of cycle 1, which has no card."""
    click = Click(user=user, channel=world.slack.workspace.channel("#inbound").id)
    reject_lead(world.store, world.baton.policy(), Person(id=user), 1, "Bad data", "", world.clock(), click)
    world.deliver()
