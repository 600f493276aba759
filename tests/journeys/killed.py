"""One lead's way with a bot that is killed at one point of it, and started again."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx

from bot.playground.fake_slack import FakeSlack
from bot.playground.lines import BotFailed, HttpLine
from bot.playground.people import People
from bot.playground.serving import BackgroundServer
from bot.playground.workspace import Message
from bot.usecases.manage_keys import create_key
from funnel.policy import Policy
from storage.engine import open_engine
from storage.keys import Rights
from storage.store import Store
from tests.support.clock import TestClock
from tests.support.filling import values
from tests.support.mortal import Died, MortalBot
from tests.support.world import ANA, HANG, MAYA, SECRET, TOKEN, USERS

AWAY = timedelta(minutes=2)
"""How long the bot is away: longer than any lease."""


class KilledWay:
    """Plays the way. Whoever got no answer does it again, as people and form tools do."""

    def __init__(self, database_url: str, policy: Policy) -> None:
        self.clock = TestClock()
        self.slack = FakeSlack(self.clock, USERS, ["inbound", "enterprise"], TOKEN)
        self.server = BackgroundServer(self.slack.web)
        self.server.start()
        self.slack.address = self.server.url
        self.store = Store(open_engine(database_url))
        self.key = create_key(self.store, "tests", self.clock(), Rights(reads=True, any_source=True))
        self._url, self._policy = database_url, policy
        self.deaths = 0

    def play(self, kill_at: int | None) -> int:
        """Play with a bot that dies at a point; how many points it passed, if it lived."""
        self.bot = self._start(kill_at)
        for step in (self._lead, self._deed, self._jobs, self._claim, self._qualify, self._ask):
            self._until_done(step)
        passed = 0 if self.deaths else int(self.bot.do("points"))
        self.bot.close()
        return passed

    def close(self) -> None:
        self.people.close()
        self.http.close()
        self.store.close()
        self.server.stop()

    def _start(self, kill_at: int | None) -> MortalBot:
        bot = MortalBot(self._url, self.server.url, self._policy.text, self.clock(), kill_at)
        self.people = People(self.slack, HttpLine(f"{bot.url}/slack/events", SECRET, patience=HANG))
        self.http = httpx.Client(
            base_url=bot.url, headers={"Authorization": f"Bearer {self.key}"}, trust_env=False, timeout=HANG
        )
        return bot

    def _until_done(self, step: Callable[[], None]) -> None:
        try:
            step()
        except (Died, BotFailed, httpx.HTTPError):
            self.bot.process.join(5)
            assert not self.bot.is_alive, "the bot failed without being killed"
            self.deaths += 1
            self.clock.advance(AWAY.total_seconds())
            self.bot.close()
            self.people.close()
            self.http.close()
            self.bot = self._start(None)
            step()

    def _lead(self) -> None:
        lead = {"source": "web", "email": "dana@acme.example", "name": "Dana Fields", "company": "Acme"}
        self.http.post("/v1/leads", json=lead).raise_for_status()

    def _deed(self) -> None:
        deed = {"email": "dana@acme.example", "kind": "demo_request", "event_id": "e1"}
        self.http.post("/v1/engagements", json=deed).raise_for_status()

    def _jobs(self) -> None:
        self.bot.do("jobs")
        self.bot.do("drain")

    def card(self) -> Message:
        return self.slack.bot_messages("#inbound")[-1]

    def _claim(self) -> None:
        if '"claim"' in json.dumps(self.card().blocks):  # else her click was acknowledged and the card tells so
            self.people.click(ANA, self.card(), "claim")
        self.bot.do("drain")

    def _qualify(self) -> None:
        if "Accepted by" in str(self.card().blocks):
            self.people.click(ANA, self.card(), "log_bant")
            view = self._filled_view()
            if '"value": "sql"' not in json.dumps(view):
                return  # the modal that got no answer had promoted it all the same
            filled = values(view, budget="confirmed", need="confirmed", authority="partial", outcome="sql", note="Hot")
            told = self.people.submit(ANA, view["id"], filled)
            # Submitted again after an answer that got lost, it is refused for what it already did.
            assert told == {} or "SQL" in told["outcome"]
        self.bot.do("drain")

    def _filled_view(self) -> dict[str, Any]:
        for _ in range(1000):
            view: dict[str, Any] = self.slack.workspace.views[ANA][-1]
            if "submit" in view:
                return view
            if not self.bot.is_alive:
                raise Died
            time.sleep(0.005)  # another process fills it; there is nothing to listen to when it dies
        raise AssertionError("the modal was never filled")

    def _ask(self) -> None:
        self.people.command(MAYA, "#inbound", "/funnel this week")
        self.bot.do("drain")
