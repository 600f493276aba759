"""What Slack is told, whatever goes wrong on the way."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from slack_sdk.webhook import WebhookClient, WebhookResponse
from sqlalchemy import bindparam, text
from sqlmodel.sql.sqltypes import UTCDateTime

from bot.playground.fake_slack import Fault
from bot.playground.workspace import Message
from bot.slack import delivery
from bot.slack.trouble import SlackTrouble
from bot.slack.words import Block
from bot.usecases.claim_lead import claim_lead
from funnel.cycle import Card
from funnel.notices import Click, TellPerson, Whisper
from funnel.roles import Person
from tests.support.world import ANA, BEN, MAYA, World


def _cards(world: World) -> int:
    return len(world.slack.bot_messages("#inbound"))


def _posts(world: World) -> int:
    return sum(method == "chat.postMessage" for method, _ in world.slack.calls)


def test_one_message_a_second_and_channel_and_never_a_429(sqlite_world: World) -> None:
    world = sqlite_world
    world.slack.keeps_pace = True
    for number in range(5):
        world.send_mql(f"lead{number}@acme{number}.example")
    world.run()
    assert _cards(world) == 5
    assert _posts(world) == 5
    stamps = [message.at for message in world.slack.bot_messages("#inbound")]
    assert all(later - earlier >= 1 for earlier, later in pairwise(stamps))


def test_channels_do_not_wait_for_each_other(sqlite_world: World) -> None:
    world = sqlite_world
    world.send_mql("small@acme.example")
    world.send_mql("large@umbrella.example", employees=5000)
    started = world.clock()
    world.run()
    assert (_cards(world), len(world.slack.bot_messages("#enterprise"))) == (1, 1)
    assert world.clock() - started < timedelta(seconds=1)


def test_a_429_is_obeyed_and_is_no_failed_attempt(world: World) -> None:
    world.send_mql()
    world.slack.faults.append(Fault("chat.postMessage", "ratelimited", times=20, seconds=30))
    world.baton.scheduler.run_all()
    for _ in range(21):
        world.deliver()
        world.clock.advance(30)
    assert _cards(world) == 1
    with world.store.read() as tx:
        assert tx.outbox.count() == {"pending": 0, "sending": 0, "failed": 0}


@pytest.mark.both_databases
def test_a_message_whose_answer_was_lost_is_looked_for_before_it_is_sent_again(world: World) -> None:
    world.posted_card(email="first@acme.example")
    world.send_mql("second@beta.example")
    world.slack.faults.append(Fault("chat.postMessage", "drop_after"))
    world.run()
    world.clock.advance(minutes=1)
    world.deliver()
    assert _cards(world) == 2
    assert _posts(world) == 2


def test_a_message_that_never_arrived_is_sent_again(world: World) -> None:
    world.send_mql()
    world.slack.faults.append(Fault("chat.postMessage", "drop_before"))
    world.run()
    assert _cards(world) == 0
    world.clock.advance(minutes=1)
    world.deliver()
    assert _cards(world) == 1


def _doubled(world: World) -> list[Message]:
    """Two cards of one lead: the answer to the first got lost, and history may not be read."""
    world.slack.api.scopes.discard("channels:history")
    world.send_mql()
    world.slack.faults.append(Fault("chat.postMessage", "drop_after"))
    world.run()
    world.clock.advance(minutes=1)
    world.deliver()
    return world.slack.bot_messages("#inbound")


def test_a_doubled_card_mends_itself_at_the_first_click_on_either(world: World) -> None:
    older, newer = _doubled(world)
    world.people.click(ANA, older, "claim")
    world.deliver()
    assert "Accepted by <@UANA>" in str(newer.blocks)
    assert "This lead was posted twice." in str(older.blocks)
    assert newer.ts.replace(".", "") in str(older.blocks)
    world.people.click(ANA, newer, "release")
    world.deliver()
    assert '"Claim"' in str(newer.blocks).replace("'", '"')


def test_who_is_too_late_on_a_doubled_card_mends_it_too(world: World) -> None:
    older, newer = _doubled(world)
    world.people.click(ANA, newer, "claim")
    world.people.click(BEN, older, "claim")
    world.deliver()
    assert "posted twice" in str(older.blocks)
    assert "<@UANA> claimed" in world.slack.whispers(BEN)[-1].text


@pytest.mark.both_databases
@pytest.mark.parametrize("code", ["channel_not_found", "is_archived", "not_in_channel"])
def test_what_slack_will_never_take_is_given_up_at_once_and_seen(world: World, code: str) -> None:
    world.send_mql()
    world.slack.faults.append(Fault("chat.postMessage", code))
    world.run()
    with world.store.read() as tx:
        assert [letter.last_error for letter in tx.outbox.failed()] == [code]
    assert 'baton_outbox_messages{state="failed"} 1.0' in world.http.get("/metrics").text
    with world.store.begin() as tx:
        assert tx.outbox.retry_failed(world.clock()) == 1
    world.deliver()
    assert _cards(world) == 1


def test_what_fails_again_and_again_is_given_up_in_the_end(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MAX_ATTEMPTS", 8)
    world = sqlite_world
    world.send_mql()
    world.slack.faults.append(Fault("chat.postMessage", "internal_error", times=100))
    world.baton.scheduler.run_all()
    for _ in range(12):
        world.deliver()
        world.clock.advance(hours=1)
    with world.store.read() as tx:
        failed = tx.outbox.failed()
    assert [(letter.attempts, letter.last_error) for letter in failed] == [(8, "internal_error")]


def test_an_hour_without_slack_costs_no_card(sqlite_world: World) -> None:
    world = sqlite_world
    world.send_mql()
    world.slack.faults.append(Fault("chat.postMessage", "drop_before", times=25))
    world.baton.scheduler.run_all()
    for _ in range(26):
        world.deliver()
        world.clock.advance(minutes=5)
    assert _cards(world) == 1


def test_a_letter_that_breaks_the_program_is_given_up_and_holds_up_no_other(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    world.send_mql("bad@acme.example", name="Bad")
    world.send_mql("good@beta.example", name="Good")
    shown = delivery.card_blocks

    def breaks(card: Card, now: datetime) -> list[Block]:
        if card.lead.facts.name == "Bad":
            raise ZeroDivisionError
        return shown(card, now)

    monkeypatch.setattr(delivery, "card_blocks", breaks)
    world.baton.scheduler.run_all()
    for _ in range(8):
        world.deliver()
        world.clock.advance(hours=1)
    assert [message.text for message in world.slack.bot_messages("#inbound")] == [
        "New MQL: Good, Acme (Asked for a demo)"
    ]
    with world.store.read() as tx:
        assert [letter.last_error for letter in tx.outbox.failed()] == ["it broke: ZeroDivisionError"]


def test_a_letter_of_another_version_is_set_aside_and_holds_up_no_other(world: World) -> None:
    world.send_mql()
    world.baton.scheduler.run_all()
    row = {"key": "x", "lane": "post:#inbound", "payload": '{"kind": "from_the_future"}', "at": world.clock()}
    with world.store.begin() as tx:
        tx.connection.execute(
            text(
                "INSERT INTO outbox (key, lane, payload, state, attempts, uncertain, not_before, created_at) "
                "VALUES (:key, :lane, :payload, 'pending', 0, false, :at, :at)"
            ).bindparams(bindparam("at", type_=UTCDateTime())),
            row,
        )
    world.deliver()
    assert _cards(world) == 1
    with world.store.read() as tx:
        assert tx.outbox.count() == {"pending": 0, "sending": 0, "failed": 1}


@pytest.mark.both_databases
def test_only_the_holder_of_the_lease_sends(world: World) -> None:
    world.send_mql()
    world.baton.scheduler.run_all()
    with world.store.begin() as tx:
        tx.leases.acquire("outbox", "another process", world.clock(), world.clock() + timedelta(minutes=1))
    assert world.baton.dispatcher.drain(wait=world.clock.advance) is None
    assert _cards(world) == 0
    world.clock.advance(minutes=2)
    assert world.baton.dispatcher.drain(wait=world.clock.advance) == 1


def test_a_change_while_the_card_goes_out_is_shown_on_it(world: World) -> None:
    lead_id = world.send_mql()
    world.baton.scheduler.run_all()
    with world.store.read() as tx:
        cycle = tx.cycles.of_lead(lead_id)[0]
    click = Click(user=ANA, channel="C0001")
    claim_lead(world.store, world.baton.policy(), Person(id=ANA), cycle.id, click, world.clock())
    for _ in range(2):
        world.deliver()
        world.clock.advance(minutes=1)
    assert "Accepted by <@UANA>" in str(world.card().blocks)
    with world.store.read() as tx:
        assert tx.outbox.count()["pending"] == 0


@pytest.mark.both_databases
def test_what_was_sent_long_ago_is_forgotten_but_never_that_a_card_was_posted(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.deliver()
    world.clock.advance(days=40)
    world.run()
    with world.store.read() as tx:
        keys = list(tx.connection.scalars(text("SELECT key FROM outbox")))
    assert keys == ["card:1"]


def test_a_late_card_shows_todays_truth(world: World) -> None:
    lead_id = world.send_mql()
    world.baton.scheduler.run_all()
    with world.store.begin() as tx:
        cycle = tx.cycles.of_lead(lead_id)[0]
        tx.cycles.claim(cycle.id, ANA, world.clock())
    world.deliver()
    assert "Accepted by <@UANA>" in str(world.card().blocks)


def test_a_private_answer_finds_its_way_when_the_response_url_has_expired(world: World) -> None:
    card = world.posted_card()
    world.people.click(ANA, card, "claim")
    world.people.click(BEN, card, "claim")
    world.clock.advance(hours=1)
    world.deliver()
    assert "claimed Dana Fields" in world.slack.whispers(BEN)[-1].text


def test_a_question_slack_delivers_twice_is_answered_once(world: World) -> None:
    event = {
        "type": "message",
        "channel_type": "im",
        "channel": f"D{MAYA}",
        "user": MAYA,
        "text": "last week",
        "ts": "1.0",
    }
    for _ in range(2):
        world.people.send_event(event, event_id="Ev1")
    world.deliver()
    assert len(world.slack.bot_messages(f"D{MAYA}")) == 1


def _tell_ben(world: World) -> None:
    with world.store.begin() as tx:
        told = TellPerson(cycle_id=1, user=BEN, about="claim", owner=None, since=world.clock())
        tx.outbox.add([told], world.clock())


@pytest.mark.both_databases
@pytest.mark.parametrize("fate", ["drop_after", "drop_before"])
def test_a_direct_message_whose_answer_was_lost_is_there_once(world: World, fate: str) -> None:
    world.posted_card()
    _tell_ben(world)
    world.slack.faults.append(Fault("chat.postMessage", fate))
    for _ in range(2):
        world.deliver()
        world.clock.advance(minutes=1)
    assert len(world.slack.bot_messages(f"D{BEN}")) == 1


def test_a_private_answer_by_direct_message_whose_answer_was_lost_is_there_once(sqlite_world: World) -> None:
    world = sqlite_world
    whisper = Whisper(text="Noted.", click=Click(user=ANA, channel=ANA))
    with world.store.begin() as tx:
        tx.outbox.add([whisper], world.clock())
    world.slack.faults.append(Fault("chat.postMessage", "drop_after"))
    for _ in range(2):
        world.deliver()
        world.clock.advance(minutes=1)
    assert [one.text for one in world.slack.bot_messages(f"D{ANA}")] == ["Noted."]


def test_without_the_scope_to_look_a_direct_message_is_rather_sent_twice_than_never(sqlite_world: World) -> None:
    world = sqlite_world
    world.posted_card()
    world.slack.api.scopes.discard("im:write")
    _tell_ben(world)
    world.slack.faults.append(Fault("chat.postMessage", "drop_before"))
    for _ in range(2):
        world.deliver()
        world.clock.advance(minutes=1)
    assert len(world.slack.bot_messages(f"D{BEN}")) == 1


def test_history_is_read_and_messages_are_changed_by_the_id_of_a_conversation_alone(sqlite_world: World) -> None:
    gateway, now = sqlite_world.baton.gateway, sqlite_world.clock()
    sent = gateway.post(BEN, "Hello", None, "key")
    assert sent.channel == f"D{BEN}"
    for name in (BEN, "#inbound"):
        with pytest.raises(SlackTrouble, match="channel_not_found"):
            gateway.find_post(name, "key", now)
        with pytest.raises(SlackTrouble, match="channel_not_found"):
            gateway.update(sent.model_copy(update={"channel": name}), "Bye", [])


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://hooks.slack.com.evil.example/actions/1",
        "https://evil.example/?hooks.slack.com",
        "https://hooks.slack.com@evil.example/",
        "https://hooks.slack.com:8443/actions/1",
        "http://hooks.slack.com/actions/1",
        "https://evil.example\\@hooks.slack.com/",
        "file:///etc/passwd",
        "no address",
        "",
    ],
)
def test_a_response_url_that_is_not_slacks_is_not_called_and_the_answer_finds_its_way(
    sqlite_world: World, url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    called: list[str] = []
    monkeypatch.setattr(WebhookClient, "send", lambda self, **_: called.append(self.url))
    whisper = Whisper(text="Noted.", click=Click(user=ANA, channel="C0001", response_url=url))
    with sqlite_world.store.begin() as tx:
        tx.outbox.add([whisper], sqlite_world.clock())
    sqlite_world.deliver()
    assert called == []
    assert [one.text for one in sqlite_world.slack.whispers(ANA)] == ["Noted."]
    told = [record for record in caplog.records if "response_url" in record.getMessage()]
    assert len(told) == (1 if url else 0)


@pytest.mark.parametrize("url", ["https://hooks.slack.com/actions/T1/2/3", "https://slack.com/x"])
def test_slacks_own_addresses_are_called(sqlite_world: World, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    ok = WebhookResponse(url=url, status_code=200, body="ok", headers={})

    def send(self: WebhookClient, **_: object) -> WebhookResponse:
        called.append(self.url)
        return ok

    monkeypatch.setattr(WebhookClient, "send", send)
    sqlite_world.baton.gateway.respond(url, "Noted.")
    assert called == [url]
