"""A lead's whole life through the real doors."""

import pytest

from tests.support.filling import values
from tests.support.world import ANA, BEN, MAYA, RITA, World


def test_a_demo_request_becomes_a_card_with_why_and_who(world: World) -> None:
    world.send_mql(title="VP Sales", employees=200)
    world.run()
    card = world.card()
    assert "New MQL: Dana Fields, Acme" in card.text
    shown = str(card.blocks)
    assert "Asked for a demo" in shown
    assert "+25 Senior title (VP Sales)" in shown
    assert "Source: web" in shown


@pytest.mark.both_databases
def test_a_lead_goes_from_form_to_customer(world: World) -> None:
    lead_id = world.send_mql()
    world.run()
    card = world.card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    assert "Accepted by <@UANA>" in str(card.blocks)

    world.people.click(ANA, card, "log_bant")
    view = world.view(ANA)
    refused = world.people.submit(ANA, view["id"], values(view, outcome="sql"))
    assert refused["need"] == "Need must be confirmed before this is an SQL."
    filled = values(
        view,
        budget="confirmed",
        budget_amount="20000",
        authority="partial",
        need="confirmed",
        outcome="sql",
        note="Hot",
    )
    assert world.people.submit(ANA, view["id"], filled) == {}
    world.deliver()
    assert "✅ *Budget* €20,000" in str(card.blocks)
    assert "promoted this lead to *SQL*" in world.replies(card)[0].text

    for stage in ("opportunity", "customer"):
        answer = world.http.post(f"/v1/leads/{lead_id}/stage", json={"stage": stage})
        assert answer.json()["moved"]
    world.deliver()
    assert world.moves(lead_id) == ["mql", "accepted", "sql", "opportunity", "customer"]

    world.people.command(MAYA, "#marketing", "/funnel this week by source")
    answer = world.slack.whispers(MAYA)[-1]
    assert "Of 1 MQL, 1 so far became SQL" in str(answer.blocks)


@pytest.mark.both_databases
def test_the_faster_of_two_owns_the_lead_and_the_other_is_told_by_how_much(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.clock.advance(4)
    world.people.click(BEN, card, "claim")
    world.deliver()
    whisper = world.slack.whispers(BEN)[-1]
    assert whisper.text.startswith("<@UANA> claimed Dana Fields, Acme 4 seconds before you.")
    assert not world.slack.whispers(ANA)


@pytest.mark.both_databases
@pytest.mark.parametrize("button", ["release", "not_a_fit", "recycle"])
def test_a_lead_can_be_let_go(world: World, button: str) -> None:
    card = world.posted_card()
    if button == "not_a_fit":
        world.people.click(BEN, card, "not_a_fit")
        view = world.view(BEN)
        assert world.people.submit(BEN, view["id"], values(view, reason__rejected="Bad data")) == {}
    else:
        world.people.click(ANA, card, "claim")
        world.deliver()
        if button == "release":
            world.people.click(ANA, card, "release")
        else:
            world.people.click(RITA, card, "log_bant")
            view = world.view(RITA)
            world.people.choose(RITA, view["id"], "outcome", "recycled", values(view))
            view = world.view(RITA, "wake_on")
            filled = values(view, outcome="recycled", reason__recycled="No budget", wake_on="2026-12-01")
            assert world.people.submit(RITA, view["id"], filled) == {}
    world.deliver()
    told = {"release": "released this lead", "not_a_fit": "not a fit: Bad data", "recycle": "recycled this lead"}
    assert told[button] in world.replies(card)[-1].text


@pytest.mark.both_databases
def test_a_recycled_lead_comes_back_on_its_day_as_a_new_cycle(world: World) -> None:
    lead_id = world.send_mql()
    world.run()
    card = world.card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    world.people.click(ANA, card, "log_bant")
    view = world.view(ANA)
    world.people.choose(ANA, view["id"], "outcome", "recycled", values(view))
    view = world.view(ANA, "wake_on")
    filled = values(view, outcome="recycled", reason__recycled="Bad timing", wake_on="2026-11-20")
    world.people.submit(ANA, view["id"], filled)
    world.clock.advance(days=3)
    world.run()
    assert len(world.slack.bot_messages("#inbound")) == 1
    world.clock.advance(days=1)
    world.run()
    assert len(world.slack.bot_messages("#inbound")) == 2
    assert world.moves(lead_id)[-2:] == ["recycled", "mql"]
    assert "Cycle 2" in str(world.card().blocks)
