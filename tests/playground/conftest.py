"""A fake Slack behind HTTP, its people, and the bot's ears."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient

from bot.playground.fake_slack import FakeSlack
from bot.playground.lines import BotFailed
from bot.playground.page import page_router
from bot.playground.people import People
from bot.playground.workspace import User
from tests.support.servers import shared_server
from tests.support.world import http_client

TOKEN = "xoxb-test"


class Ears:
    """A line whose other end is deaf when told so, and otherwise notes what it hears."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.deaf = False

    def send(self, kind: str, payload: dict[str, Any]) -> dict[str, Any]:
        if self.deaf:
            raise BotFailed("deaf")
        self.events.append(payload["event"])
        return {}

    def close(self) -> None: ...


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    users = [User("UANA", "Ana"), User("UBEN", "Ben")]
    made = FakeSlack(lambda: datetime(2026, 11, 16, 9, tzinfo=UTC), users, ["inbound", "marketing"], TOKEN)
    with shared_server("slack").serving(made.web) as address:
        made.address = address
        yield made


@pytest.fixture
def people(slack: FakeSlack, ears: Ears) -> People:
    made = People(slack, ears)
    slack.web.include_router(page_router(slack, made))
    return made


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return WebClient(token=TOKEN, base_url=f"{slack.address}/api/", retry_handlers=[])


@pytest.fixture
def http(slack: FakeSlack) -> Iterator[httpx.Client]:
    with http_client(slack.address) as made:
        yield made
