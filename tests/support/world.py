"""A whole Baton with a whole Slack around it, in one process, over real HTTP."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import httpx
from pydantic import SecretStr

from bot.playground.fake_slack import FakeSlack
from bot.playground.lines import HttpLine
from bot.playground.people import People
from bot.playground.workspace import Message, User
from bot.settings import Settings
from bot.usecases.manage_keys import create_key
from bot.wiring import Baton
from funnel.policy import Policy
from storage.keys import Rights
from tests.support.clock import TestClock
from tests.support.filling import values
from tests.support.servers import shared_server

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TOKEN = "xoxb-test"
HANG = 60
"""Seconds after which a test gives up waiting: only a hang takes as long, however slow the machine."""
ANA, BEN, RITA, MAYA, ADA, GUEST = "UANA", "UBEN", "URITA", "UMAYA", "UADA", "UGUEST"
USERS = [
    User(ANA, "Ana", "SDR"),
    User(BEN, "Ben", "SDR"),
    User(RITA, "Rita", "rep"),
    User(MAYA, "Maya", "marketer"),
    User(ADA, "Ada", "admin"),
    User(GUEST, "Gus", "guest", guest=True),
]
CROWD = [User(f"UCROWD{n:03}", f"Crowd {n}") for n in range(200)]


class World:
    """What a test holds in its hands: time, the fake Slack, its people, the bot, and an HTTP client with a key."""

    def __init__(self, clock: TestClock, slack: FakeSlack, people: People, baton: Baton, http: httpx.Client) -> None:
        self.clock, self.slack, self.people, self.baton, self.http = clock, slack, people, baton, http

    @property
    def address(self) -> str:
        """Where the bot answers."""
        return str(self.http.base_url).rstrip("/")

    @property
    def store(self) -> Any:
        return self.baton.store

    def run(self) -> None:
        """Let the bot do all that is due: the jobs, and the messages to Slack."""
        self.baton.scheduler.run_all()
        self.deliver()

    def deliver(self) -> None:
        self.baton.dispatcher.drain(wait=self.clock.advance)

    def send_lead(self, **lead: Any) -> int:
        """Hand in a lead over HTTP; its id."""
        answer = self.http.post("/v1/leads", json={"source": "web"} | lead)
        assert answer.status_code in (200, 201), answer.text
        return int(answer.json()["id"])

    def send_mql(self, email: str = "dana@acme.example", **lead: Any) -> int:
        """Hand in a lead that asked for a demo; its id."""
        lead_id = self.send_lead(email=email, **({"name": "Dana Fields", "company": "Acme"} | lead))
        answer = self.http.post("/v1/engagements", json={"lead_id": lead_id, "kind": "demo_request"})
        assert answer.status_code == 201, answer.text
        return lead_id

    def card(self, channel: str = "#inbound") -> Message:
        """The newest card of a channel."""
        return self.slack.bot_messages(channel)[-1]

    def posted_card(self, **lead: Any) -> Message:
        """The card of a new MQL."""
        self.send_mql(**lead)
        self.run()
        return self.card()

    def put_off(self, user: str, card: Message, **chosen: str) -> dict[str, str]:
        """Use Snooze of a card's menu; what its fields say is wrong."""
        self.people.click(user, card, "lead_menu", "snooze:1")
        view = self.view(user)
        errors = self.people.submit(user, view["id"], values(view, **chosen))
        self.deliver()
        return errors

    def replies(self, message: Message) -> list[Message]:
        channel = self.slack.workspace.channel(message.channel)
        return [one for one in channel.messages.values() if one.thread_ts == message.ts]

    def wait_until(self, happened: Callable[[], bool]) -> None:
        """Wait for something to show in Slack; for bots whose own threads run."""
        changed = threading.Event()
        forget = self.slack.workspace.listen(lambda kind, whose: changed.set())
        try:
            while not happened():
                assert changed.wait(HANG), "it never showed in Slack"
                changed.clear()
        finally:
            forget()

    def wait_for_card(self, text: str) -> Message:
        """The card that tells of somebody, once it is posted."""
        self.wait_until(lambda: any(text in card.text for card in self.slack.bot_messages("#inbound")))
        return next(card for card in self.slack.bot_messages("#inbound") if text in card.text)

    def filled_view(self, user: str, text: str) -> dict[str, Any]:
        """The modal a person has open, once it tells something."""
        views = self.slack.workspace.views
        self.wait_until(lambda: text in str(views[user][-1]["blocks"]))
        return views[user][-1]

    def view(self, user: str, field: str = "") -> dict[str, Any]:
        """The modal a person has open, once it is filled and has a field."""
        filled = threading.Event()
        forget = self.slack.workspace.listen(lambda kind, whose: filled.set())
        try:
            while not _is_filled(view := self.slack.workspace.views[user][-1], field):
                assert filled.wait(HANG), "the modal was never filled"
                filled.clear()
        finally:
            forget()
        return view

    def moves(self, lead_id: int) -> list[str]:
        with self.store.read() as tx:
            return [move.new.value for move in tx.history.of_lead(lead_id)]


def _is_filled(view: dict[str, Any], field: str) -> bool:
    fields = {block.get("block_id") for block in view["blocks"]}
    return "submit" in view and (not field or field in fields)


def settings_for(database_url: str, slack_url: str, **more: Any) -> Settings:
    """Settings as a test needs them, whatever the environment says."""
    return Settings(
        _env_file=None,
        slack_bot_token=SecretStr(TOKEN),
        slack_signing_secret=SecretStr(SECRET),
        slack_api_url=f"{slack_url}/api/",
        database_url=database_url,
        **more,
    )


@contextmanager
def open_world(database_url: str, policy: Policy, users: list[User] | None = None) -> Iterator[World]:
    """A world on a database; the bot's threads do not run, the test says when something happens."""
    clock = TestClock()
    everybody = [replace(user) for user in users or USERS]  # who leaves one world stays in the next
    slack = FakeSlack(clock, everybody, ["inbound", "enterprise", "marketing"], token=TOKEN)
    with ExitStack() as stack:
        slack.address = stack.enter_context(shared_server("slack").serving(slack.web))
        baton = Baton(settings_for(database_url, slack.address), clock, policy, clock.monotonic)
        stack.callback(baton.stop)
        baton.write_probe.fresh_seconds = 0  # no second of this machine passes between what a test does
        address = stack.enter_context(shared_server("bot").serving(baton.web))
        people = People(slack, HttpLine(f"{address}/slack/events", SECRET, patience=HANG))
        stack.callback(people.close)
        http = http_client(address, create_key(baton.store, "tests", clock(), Rights(reads=True, any_source=True)))
        yield World(clock, slack, people, baton, stack.enter_context(http))


def http_client(address: str, key: str = "") -> httpx.Client:
    """A client of the bot, with an API key or none."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    # Plain HTTP to this machine: reading the certificates of the world would take longer than many a test.
    return httpx.Client(base_url=address, headers=headers, trust_env=False, verify=False, timeout=HANG)
