"""Slack's door: signatures, commands, questions, homes, roles."""

import time

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier

from bot.playground.fake_slack import Fault
from bot.playground.lines import BotFailed
from storage.errors import Unreachable
from storage.store import Store
from tests.support.filling import values
from tests.support.world import ADA, ANA, BEN, GUEST, MAYA, SECRET, World


def _post(world: World, body: str, **headers: str) -> httpx.Response:
    return httpx.post(f"{world.address}/slack/events", content=body, headers=headers, trust_env=False)


def _signed(body: str, at: int, secret: str = SECRET) -> dict[str, str]:
    signature = SignatureVerifier(secret).generate_signature(timestamp=str(at), body=body) or ""
    return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": signature}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "junk", "X-Slack-Signature": "v0=x"},
        {"X-Slack-Request-Timestamp": "9" * 30, "X-Slack-Signature": "v0=x"},
        _signed("payload=1", int(time.time()), secret="another"),
        _signed("payload=1", int(time.time()) - 600),
        _signed("payload=2", int(time.time())),
    ],
    ids=["unsigned", "junk", "huge", "forged", "stale", "other body"],
)
def test_who_is_not_slack_gets_one_sentence_and_no_more(sqlite_world: World, headers: dict[str, str]) -> None:
    answer = _post(sqlite_world, "payload=1", **headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert "signature" in answer.json()["detail"]


def test_slack_can_verify_the_address(sqlite_world: World) -> None:
    body = '{"type": "url_verification", "challenge": "abc"}'
    answer = _post(sqlite_world, body, **_signed(body, int(time.time())), **{"Content-Type": "application/json"})
    assert (answer.status_code, answer.text) == (200, '{"challenge": "abc"}')


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "verb",
    ["mine", "open", "next", "find dana", "show dana@acme.example", "why dana@acme.example"],
)
def test_lead_commands_answer_in_private(world: World, verb: str) -> None:
    card = world.posted_card()
    if verb == "mine":
        world.people.click(ANA, card, "claim")
    world.people.command(ANA, "#marketing", f"/lead {verb}")
    assert "Dana Fields" in str(world.slack.whispers(ANA)[-1].blocks)


def test_an_address_that_slack_made_a_link_is_understood(sqlite_world: World) -> None:
    sqlite_world.posted_card()
    sqlite_world.people.command(ANA, "#inbound", "/lead why <mailto:dana@acme.example|dana@acme.example>")
    assert "Asked for a demo" in str(sqlite_world.slack.whispers(ANA)[-1].blocks)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/lead", "What I can do for you"),
        ("/lead frobnicate", "I do not know `frobnicate`"),
        ("/lead why", "Say which lead"),
        ("/lead find nobody", "No lead matches"),
        ("/lead why nobody@x.example", "No lead matches"),
        ("/lead open", "Nobody waits"),
        ("/funnel last fortnight", "Periods I know"),
        ("/funnel last week by weather", "I can split it by source"),
        ("/funnel", "No lead became an MQL in this period"),
    ],
)
def test_every_command_says_what_to_do_next(sqlite_world: World, typed: str, told: str) -> None:
    sqlite_world.people.command(ANA, "#inbound", typed)
    message = sqlite_world.slack.whispers(ANA)[-1]
    assert told in message.text + str(message.blocks)


@pytest.mark.both_databases
def test_the_funnel_is_answered_with_a_chart_a_table_and_words(world: World) -> None:
    world.posted_card()
    world.people.command(MAYA, "#marketing", "/funnel this month by source")
    answer = world.slack.whispers(MAYA)[-1]
    kinds = [block["type"] for block in answer.blocks]
    assert kinds == ["section", "data_visualization", "table", "context"]
    assert "web: 1 MQL, 0 SQL" in answer.text
    assert "2026-11-01 to 2026-11-30" in answer.text


@pytest.mark.parametrize("place", ["dm", "mention"])
def test_a_question_in_plain_words_is_answered(world: World, place: str) -> None:
    world.posted_card()
    if place == "dm":
        world.people.say(MAYA, f"D{MAYA}", "How is this week by source?")
        world.deliver()
        answer = world.slack.bot_messages(f"D{MAYA}")[-1]
    else:
        asked = world.people.say(MAYA, "#marketing", "<@UBATON> how is this week by source?")
        world.deliver()
        answer = world.replies(asked)[-1]
    assert "Of 1 MQL," in str(answer.blocks)


@pytest.mark.both_databases
def test_a_lead_can_be_added_by_hand_and_becomes_a_card_when_they_asked(world: World) -> None:
    world.people.command(ANA, "#inbound", "/lead new")
    view = world.view(ANA)
    wrong = world.people.submit(ANA, view["id"], values(view, email="not an address"))
    assert "is no e-mail address" in wrong["email"]
    filled = values(view, email="New@Person.example", name="New Person", hand_raise="contact_request")
    assert world.people.submit(ANA, view["id"], filled) == {}
    world.run()
    assert "New MQL: New Person" in world.card().text
    assert "New Person is in" in world.slack.whispers(ANA)[-1].text


def test_a_lead_from_a_message_comes_with_the_address_in_it(world: World) -> None:
    message = world.people.say(ANA, "#marketing", "Met <mailto:kim@novum.example|kim@novum.example> at the fair")
    world.people.message_shortcut(ANA, message, "lead_from_message")
    fields = {block["block_id"]: block["element"].get("initial_value") for block in world.view(ANA)["blocks"]}
    assert fields["email"] == "kim@novum.example"
    assert "at the fair" in fields["note"]


def test_a_lead_from_a_message_is_filled_in_and_leads_back_to_it(world: World) -> None:
    text = (
        "Inbound call: Kim Novak, VP Sales at Novum Ltd, <mailto:kim@novum.example|kim@novum.example>, "
        "<tel:+493090182000|+49 30 90182000>. Wants a demo."
    )
    message = world.people.say(ANA, "#marketing", text)
    world.people.message_shortcut(ANA, message, "lead_from_message")
    view = world.view(ANA)
    fields = {block["block_id"]: block["element"].get("initial_value") for block in view["blocks"]}
    assert (fields["name"], fields["company"], fields["title"]) == ("Kim Novak", "Novum Ltd", "VP Sales")
    assert "90182000" in fields["phone"]
    world.people.submit(ANA, view["id"], values(view, hand_raise="contact_request"))
    world.run()
    link = f"https://northwind.slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
    assert f"<{link}|Where it was found>" in str(world.card().blocks)


@pytest.mark.parametrize(
    "address", ["https://evil.example/x", "https://a.slack.com.evil.example/archives/C1/p1", "x|y"]
)
def test_an_address_that_is_no_message_in_slack_is_no_link(sqlite_world: World, address: str) -> None:
    card = sqlite_world.posted_card(attributes={"message": address})
    assert "Where it was found" not in str(card.blocks)


def test_the_home_shows_my_leads_and_those_i_may_claim_and_stays_true(world: World) -> None:
    world.send_mql("one@a.example", name="One")
    world.send_mql("two@b.example", name="Two")
    world.run()
    world.people.open_home(ANA)
    world.deliver()
    waiting = world.slack.workspace.homes[ANA]["blocks"]
    assert "You own no lead" in str(waiting)
    world.people.click_home(ANA, "claim")
    world.deliver()
    assert "Your leads (1)" in str(world.slack.workspace.homes[ANA]["blocks"])
    assert "Waiting to be claimed (1)" in str(world.slack.workspace.homes[ANA]["blocks"])


def test_homes_nobody_opened_are_not_published(sqlite_world: World) -> None:
    card = sqlite_world.posted_card()
    sqlite_world.people.click(ANA, card, "claim")
    sqlite_world.deliver()
    assert "views.publish" not in {method for method, _ in sqlite_world.slack.calls}


def test_the_menu_explains_and_shows_in_a_modal(world: World) -> None:
    card = world.posted_card()
    for option, told in (("why:1", "Asked for a demo"), ("show:1", "*History*")):
        world.people.click(MAYA, card, "lead_menu", option)
        assert told in str(world.filled_view(MAYA, told)["blocks"])


@pytest.mark.both_databases
def test_a_snoozed_lead_is_brought_up_again(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    assert world.put_off(ANA, card) == {}
    assert "I will remind you" in world.slack.whispers(ANA)[-1].text
    world.clock.advance(days=1)
    world.deliver()
    assert "You put this lead off: Dana Fields" in world.slack.bot_messages(f"D{ANA}")[-1].text


def test_who_may_not_claim_is_offered_no_button_for_it(sqlite_world: World) -> None:
    sqlite_world.posted_card()
    sqlite_world.people.open_home(MAYA)
    sqlite_world.deliver()
    shown = str(sqlite_world.slack.workspace.homes[MAYA]["blocks"])
    assert "Dana Fields" in shown
    assert "Claim" not in shown


@pytest.mark.parametrize("greeting", ["hi", "Help", "thanks!"])
def test_a_greeting_is_answered_with_what_can_be_asked(sqlite_world: World, greeting: str) -> None:
    sqlite_world.people.say(MAYA, f"D{MAYA}", greeting)
    sqlite_world.deliver()
    assert "this month by source" in str(sqlite_world.slack.bot_messages(f"D{MAYA}")[-1].blocks)


def test_a_snooze_is_dropped_when_the_lead_is_no_longer_theirs(sqlite_world: World) -> None:
    world = sqlite_world
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    assert world.put_off(ANA, card) == {}
    world.people.click(ANA, card, "release")
    world.clock.advance(days=1)
    world.deliver()
    assert world.slack.bot_messages(f"D{ANA}") == []


@pytest.mark.parametrize(
    ("user", "told"), [(GUEST, "Guests and people of other workspaces"), (MAYA, "Your role cannot")]
)
def test_who_may_not_claim_is_told_so_and_changes_nothing(world: World, user: str, told: str) -> None:
    card = world.posted_card()
    world.people.click(user, card, "claim")
    world.deliver()
    assert told in world.slack.whispers(user)[-1].text
    assert "Claim" in str(card.blocks)


@pytest.mark.both_databases
def test_a_colleagues_lead_is_not_released_by_an_sdr_but_by_an_admin(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    world.people.click(BEN, card, "release")
    world.deliver()
    assert "belongs to a colleague" in world.slack.whispers(BEN)[-1].text
    world.people.click(ADA, card, "release")
    world.deliver()
    assert "Waiting since" in str(card.blocks)


def test_a_second_lead_of_a_company_names_the_colleague_who_owns_the_first(world: World) -> None:
    card = world.posted_card(email="dana@acme.example")
    world.people.click(ANA, card, "claim")
    other = world.posted_card(email="kim@acme.example", name="Kim")
    assert "2nd lead from acme.example · <@UANA> owns the first" in str(other.blocks)


def test_foreign_text_pings_nobody_and_is_no_markup(world: World) -> None:
    card = world.posted_card(name="<!channel>", company="<!here> & *Sons*")
    assert "<!channel>" not in card.text + str(card.blocks)
    assert "&lt;!channel&gt;" in card.text


def test_a_draft_is_there_again_when_the_modal_is_opened_again(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    world.people.click(ANA, card, "log_bant")
    view = world.view(ANA)
    world.people.submit(
        ANA, view["id"], values(view, need="partial", need_detail="Loses leads", timeline_due="2027-01-31")
    )
    world.deliver()
    assert "logged a call" in world.replies(card)[-1].text
    world.people.click(ANA, card, "log_bant")
    reopened = {name: next(iter(one.values())) for name, one in values(world.view(ANA)).items()}
    assert reopened["need"]["selected_option"]["value"] == "partial"
    assert reopened["need_detail"]["value"] == "Loses leads"
    assert reopened["timeline_due"]["selected_date"] == "2027-01-31"


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"outcome": "recycled", "wake_on": "2026-12-01"}, "reason:recycled", "Please complete"),
        ({"outcome": "recycled", "reason__recycled": "No budget", "wake_on": "2026-11-10"}, "wake_on", "after today"),
        (
            {"outcome": "recycled", "reason__recycled": "No budget", "wake_on": "2036-11-10"},
            "wake_on",
            "not later than",
        ),
        ({"outcome": "recycled", "reason__recycled": "Other"}, "other_reason:recycled", "in a few words"),
        ({"budget_amount": "lots"}, "budget_amount", "as a number"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(sqlite_world: World, fields: dict[str, str], field: str, told: str) -> None:
    world = sqlite_world
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    world.people.click(ANA, card, "log_bant")
    view = world.view(ANA)
    if "outcome" in fields:
        world.people.choose(ANA, view["id"], "outcome", fields["outcome"], values(view))
        view = world.view(ANA, "wake_on")
    assert told in world.people.submit(ANA, view["id"], values(view, **fields))[field]


def test_a_modal_whose_lead_was_released_meanwhile_says_so(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    world.people.click(ANA, card, "log_bant")
    view = world.view(ANA)
    world.people.click(ADA, card, "release")
    assert "Nobody owns this lead any more" in world.people.submit(ANA, view["id"], values(view))["outcome"]


def test_a_click_while_the_database_is_away_gets_an_apology_and_changes_nothing(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = sqlite_world.posted_card()

    def gone(self: Store) -> None:
        raise Unreachable("connection refused")

    with monkeypatch.context() as broken:
        broken.setattr(Store, "begin", gone)
        with pytest.raises(BotFailed):  # people also see Slack's warning triangle
            sqlite_world.people.click(ANA, card, "claim")
    assert "nothing was changed" in sqlite_world.slack.whispers(ANA)[-1].text
    sqlite_world.people.click(ANA, card, "claim")
    sqlite_world.deliver()
    assert "Accepted by <@UANA>" in str(card.blocks)


def test_a_trigger_that_came_too_late_is_told(sqlite_world: World) -> None:
    card = sqlite_world.posted_card()
    sqlite_world.people.click(ANA, card, "claim")
    sqlite_world.deliver()
    sqlite_world.slack.faults.append(Fault("views.open", "expired_trigger_id"))
    sqlite_world.people.click(ANA, card, "log_bant")
    sqlite_world.deliver()
    assert "Please press it again" in sqlite_world.slack.whispers(ANA)[-1].text
