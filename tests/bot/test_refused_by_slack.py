"""Slack refuses the token, the app or the organisation for a while: all waits, all is told, all goes out after."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.playground.fake_slack import Fault
from bot.slack.trouble import APP_REFUSED, TOKEN_REFUSED
from funnel.notices import Click, TellPerson, Whisper
from tests.support.command_line import baton
from tests.support.filling import values
from tests.support.world import ANA, BEN, MAYA, World

BAD_TOKEN = "SLACK_BOT_TOKEN (token_revoked): copy the Bot User OAuth Token again"


def _outbox(world: World) -> dict[str, int]:
    with world.store.read() as tx:
        counts: dict[str, int] = tx.outbox.count()
    return counts


def _attempts(world: World) -> set[int]:
    with world.store.read() as tx:
        return set(tx.connection.scalars(text("SELECT attempts FROM outbox WHERE state = 'pending'")))


def _ready(world: World) -> tuple[int, str]:
    answer = world.http.get("/readyz")
    return answer.status_code, answer.json()["status"]


def _paused(world: World) -> bool:
    return "baton_slack_paused 1.0" in world.http.get("/metrics").text


def _hour_of_refusals(world: World) -> None:
    for _ in range(6):
        world.run()
        world.clock.advance(minutes=10)


def _fill_outbox(world: World) -> None:
    """A card and what is said in its thread, a direct message, and a sentence for one person alone."""
    world.send_mql("second@beta.example", name="Second")
    with world.store.begin() as tx:
        cycle = tx.cycles.get(1)
        told = TellPerson(cycle_id=1, user=BEN, about="outcome", owner=cycle.owner, since=world.clock())
        whisper = Whisper(text="For you alone.", click=Click(user=MAYA, channel="C0001"))
        tx.outbox.add([told, whisper], world.clock())


@pytest.mark.both_databases
@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "org_login_required"])
def test_an_hour_of_refusals_loses_nothing_doubles_nothing_and_counts_no_attempt(world: World, code: str) -> None:
    card = world.posted_card(name="First")
    world.people.click(ANA, card, "claim")
    world.deliver()
    world.people.click(ANA, card, "log_bant")
    view = world.view(ANA)
    world.slack.refuses = code
    world.people.submit(ANA, view["id"], values(view, need="partial", note="Called"))
    _fill_outbox(world)
    _hour_of_refusals(world)
    assert _outbox(world)["failed"] == 0
    assert _attempts(world) == {0}
    world.slack.refuses = ""
    world.run()
    assert _outbox(world) == {"pending": 0, "sending": 0, "failed": 0}
    names = [one.text.removeprefix("New MQL: ").partition(",")[0] for one in world.slack.bot_messages("#inbound")]
    assert names == ["First", "Second"]
    assert len([one for one in world.replies(card) if "logged a call" in one.text]) == 1
    assert len(world.slack.bot_messages(f"D{BEN}")) == 1
    assert [one.text for one in world.slack.whispers(MAYA)] == ["For you alone."]


@pytest.mark.parametrize("code", sorted(TOKEN_REFUSED | APP_REFUSED))
def test_no_refusal_of_the_app_settles_a_message(sqlite_world: World, code: str) -> None:
    world = sqlite_world
    world.send_mql()
    world.slack.faults.append(Fault("chat.postMessage", code, times=4))  # while auth.test is fine with us
    _hour_of_refusals(world)
    assert len(world.slack.bot_messages("#inbound")) == 1
    assert _outbox(world) == {"pending": 0, "sending": 0, "failed": 0}


def test_without_the_scope_to_post_all_waits_for_it(sqlite_world: World) -> None:
    world = sqlite_world
    world.slack.api.scopes.discard("chat:write")
    world.send_mql()
    _hour_of_refusals(world)
    assert _attempts(world) == {0}
    assert "install it again with manifest.yml" in _ready(world)[1]
    world.slack.api.scopes.add("chat:write")
    world.run()
    assert len(world.slack.bot_messages("#inbound")) == 1


def test_while_slack_refuses_it_is_asked_once_a_minute_and_told_nothing(sqlite_world: World) -> None:
    world = sqlite_world
    for number in range(30):
        world.send_mql(f"lead{number}@acme{number}.example")
    world.slack.refuses = "account_inactive"
    world.run()
    world.clock.advance(minutes=10)
    world.deliver()
    before = len(world.slack.calls)
    for _ in range(100):
        world.deliver()
    assert len(world.slack.calls) == before
    world.clock.advance(minutes=1)
    for _ in range(100):
        world.deliver()
    assert [method for method, _ in world.slack.calls[before:]] == ["auth.test"]


def test_what_waits_goes_out_in_the_order_in_which_it_was_written(sqlite_world: World) -> None:
    world = sqlite_world
    world.slack.refuses = "token_revoked"
    for number in range(6):
        world.send_mql(f"lead{number}@acme{number}.example", name=f"Lead {number}")
        world.run()
        world.clock.advance(minutes=1)
    world.slack.refuses = ""
    world.clock.advance(minutes=1)
    world.deliver()
    names = [one.text.removeprefix("New MQL: ").partition(",")[0] for one in world.slack.bot_messages("#inbound")]
    assert names == [f"Lead {number}" for number in range(6)]


def test_a_channel_that_refuses_us_holds_up_no_other(sqlite_world: World) -> None:
    world = sqlite_world
    world.slack.faults.append(Fault("chat.postMessage", "access_denied", times=1))
    world.send_mql("small@acme.example")
    world.send_mql("large@umbrella.example", employees=5000)
    world.run()
    world.clock.advance(minutes=1)
    world.deliver()
    assert (len(world.slack.bot_messages("#inbound")), len(world.slack.bot_messages("#enterprise"))) == (1, 1)


def test_a_refusal_is_told_to_whoever_looks(sqlite_world: World, tmp_path: Path) -> None:
    world = sqlite_world
    assert _ready(world) == (200, "ok")
    assert not _paused(world)
    world.slack.refuses = "token_revoked"
    world.send_mql()
    world.run()
    status, sentence = _ready(world)
    assert (status, _paused(world)) == (503, True)
    assert BAD_TOKEN in sentence
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-test",
        "SLACK_SIGNING_SECRET": "s",
        "SLACK_API_URL": f"{world.slack.address}/api/",
        "DATABASE_URL": str(world.store.engine.url),
    }
    doctor = baton(tmp_path, "doctor", **settings)
    assert doctor.returncode == 1
    assert f"✗ Outbox: 1 messages wait: Slack refused {BAD_TOKEN}" in doctor.stdout
    assert f"✗ Slack: Slack refused {BAD_TOKEN}" in doctor.stdout
    assert BAD_TOKEN in baton(tmp_path, "outbox", **settings).stdout
    assert BAD_TOKEN in json.loads(baton(tmp_path, "outbox", "--json", **settings).stdout)["held_up"]
    world.slack.refuses = ""
    world.clock.advance(minutes=1)
    world.deliver()
    assert _ready(world) == (200, "ok")
    assert not _paused(world)
    assert "Slack refused" not in baton(tmp_path, "doctor", **settings).stdout


def test_a_replica_that_sends_nothing_finds_out_too(sqlite_world: World) -> None:
    sqlite_world.slack.refuses = "token_revoked"
    sqlite_world.run()  # there is nothing to send
    assert BAD_TOKEN in _ready(sqlite_world)[1]
    sqlite_world.slack.refuses = ""
    sqlite_world.clock.advance(minutes=1)
    sqlite_world.run()
    assert _ready(sqlite_world) == (200, "ok")


def test_a_file_that_was_dropped_meanwhile_is_read_when_it_is_over(world: World) -> None:
    dropped = world.people.drop_file(MAYA, f"D{MAYA}", "fair.csv", b"email,source\ndana@acme.example,Fair\n")
    world.slack.refuses = "token_revoked"
    _hour_of_refusals(world)
    with world.store.read() as tx:
        assert tx.uploads.get(1).turn == 0
    world.slack.refuses = ""
    world.run()
    assert "Import 1 lead" in str(world.replies(dropped)[0].blocks)


def test_what_is_wrong_with_one_message_pauses_no_other(sqlite_world: World) -> None:
    world = sqlite_world
    world.slack.faults.append(Fault("chat.postMessage", "channel_not_found"))
    world.send_mql("one@acme.example")
    world.send_mql("two@beta.example")
    world.run()
    assert _outbox(world)["failed"] == 1
    assert len(world.slack.bot_messages("#inbound")) == 1
    assert _ready(world) == (200, "ok")
