"""New sample leads, one every so often, through the HTTP door that forms use."""

import logging
import threading
from random import Random

import httpx

from bot.playground.sample import draw_sample

EVERY = 45.0
"""Seconds between two leads."""

log = logging.getLogger(__name__)


class Trickle:
    """A thread that plays the website."""

    def __init__(self, bot_url: str, key: str, seed: int) -> None:
        self._http = httpx.Client(
            base_url=bot_url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=10
        )
        self._chance = Random(seed)  # noqa: S311  a sample, not a secret
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="trickle", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._http.close()

    def _run(self) -> None:
        number, pause = 1000, 8.0
        while not self._stopping.wait(pause):
            number, pause = number + 1, EVERY
            try:
                self.send_one(number)
            except httpx.HTTPError as error:
                log.warning("the trickle met %r", error)

    def send_one(self, number: int) -> None:
        """Send a lead, and what its person did; every second one asks for a demo.

        Raises:
            httpx.HTTPError: when the bot does not take it.
        """
        sample = draw_sample(self._chance, number)
        self._http.post("/v1/leads", json=sample.lead).raise_for_status()
        kinds = ["demo_request"] if number % 2 else [kind for kind, _, _ in sample.did]
        for kind in kinds:
            deed = {"email": sample.lead["email"], "kind": kind, "event_id": f"{number}-{kind}"}
            self._http.post("/v1/engagements", json=deed).raise_for_status()
