"""The same bot over Socket Mode: no public address, the same conversations."""

from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr

from bot.clock import utc_now
from bot.playground.fake_slack import APP_TOKEN, FakeSlack
from bot.playground.lines import INTERACTIVE, SocketLine
from bot.playground.people import People
from bot.playground.serving import BackgroundServer
from bot.settings import BadSetting
from bot.wiring import Baton
from funnel.policy import Policy
from tests.support.databases import Databases
from tests.support.filling import values
from tests.support.world import ANA, BEN, MAYA, TOKEN, USERS, World, settings_for


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    slack = FakeSlack(utc_now, USERS, ["inbound", "enterprise", "marketing"], TOKEN)
    server = BackgroundServer(slack.web)
    server.start()
    slack.address = server.url
    yield slack
    server.stop()


@pytest.fixture
def connected(slack: FakeSlack, databases: Databases, policy: Policy) -> Iterator[World]:
    line = SocketLine(slack.web)
    settings = settings_for(databases.fresh("sqlite"), slack.address, slack_app_token=SecretStr(APP_TOKEN))
    baton = Baton(settings, utc_now, policy)
    baton.start()
    server = BackgroundServer(baton.web)
    server.start()
    http = httpx.Client(base_url=server.url, trust_env=False)
    yield World(None, slack, People(slack, line), baton, http)  # type: ignore[arg-type]  # its time is the real one
    http.close()
    server.stop()


def test_a_command_is_answered_and_slack_has_no_http_door(connected: World) -> None:
    connected.people.command(MAYA, "#marketing", "/lead help")
    assert "What I can do" in connected.slack.whispers(MAYA)[-1].text
    assert connected.http.post("/slack/events").status_code == 404
    assert connected.http.get("/readyz").json() == {"status": "ok"}


def test_what_slack_never_sends_is_acknowledged_and_told_in_one_line(
    connected: World, caplog: pytest.LogCaptureFixture
) -> None:
    for payload in ({"type": "block_actions", "actions": "claim"}, {"type": "event_callback", "authorizations": [5]}):
        assert connected.people._line.send(INTERACTIVE, payload) == {}
    told = [record for record in caplog.records if "never sends" in record.getMessage()]
    assert len(told) == 2
    assert not [record for record in caplog.records if record.exc_info]
    connected.people.command(MAYA, "#marketing", "/lead help")
    assert "What I can do" in connected.slack.whispers(MAYA)[-1].text


def test_a_card_is_claimed_over_the_socket(connected: World) -> None:
    connected.people.command(ANA, "#inbound", "/lead new")
    view = connected.view(ANA)
    filled = values(view, email="kim@novum.example", name="Kim", hand_raise="contact_request")
    assert connected.people.submit(ANA, view["id"], filled) == {}
    card = connected.wait_for_card("Kim")
    connected.people.click(BEN, card, "claim")
    connected.wait_until(lambda: "Accepted by <@UBEN>" in str(card.blocks))


def test_a_wrong_app_token_stops_the_start(slack: FakeSlack, databases: Databases, policy: Policy) -> None:
    settings = settings_for(databases.fresh("sqlite"), slack.address, slack_app_token=SecretStr("xapp-wrong"))
    baton = Baton(settings, utc_now, policy)
    with pytest.raises(BadSetting, match="SLACK_APP_TOKEN: Slack refused it"):
        baton.start()
    baton.stop()
