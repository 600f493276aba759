"""How Slack reaches the bot: by signed HTTP requests, or over a Socket Mode connection."""

import asyncio
import json
import time
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from slack_sdk.signature import SignatureVerifier

Json = dict[str, Any]
ACK_SECONDS = 3
INTERACTIVE, COMMAND, EVENT = "interactive", "slash_commands", "events_api"


class BotFailed(Exception):
    """The bot did not acknowledge: people see a warning triangle."""


class Line(Protocol):
    """A way to the bot."""

    def send(self, kind: str, payload: Json) -> Json:
        """Deliver a payload; what the acknowledgement carried.

        Raises:
            BotFailed: there was none in time.
        """

    def close(self) -> None: ...


class HttpLine:
    """Signed requests to the bot's address."""

    def __init__(self, url: str, signing_secret: str, patience: float = 10) -> None:
        """`patience` is in seconds: how long an answer may take before the bot counts as gone."""
        self._url = url
        self._signer = SignatureVerifier(signing_secret)
        self._http = httpx.Client(
            timeout=patience,
            trust_env=False,
            verify=False,  # noqa: S501  plain HTTP to this machine: there are no certificates to read
            limits=httpx.Limits(max_connections=200),
        )

    def close(self) -> None:
        self._http.close()

    def send(self, kind: str, payload: Json) -> Json:
        """Deliver a payload as Slack would post it.

        Raises:
            BotFailed: no answer, or one that is no acknowledgement.
        """
        if kind == EVENT:
            return self._post(json.dumps(payload), "application/json")
        form = payload if kind == COMMAND else {"payload": json.dumps(payload)}
        return self._post(urlencode(form), "application/x-www-form-urlencoded")

    def _post(self, body: str, content_type: str) -> Json:
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": self._signer.generate_signature(timestamp=stamp, body=body) or "",
        }
        try:
            answer = self._http.post(self._url, content=body.encode(), headers=headers)
        except httpx.HTTPError as error:
            raise BotFailed(f"the bot did not answer: {error!r}") from error
        if answer.status_code != 200:
            raise BotFailed(f"the bot answered {answer.status_code}: {answer.text[:300]}")
        try:
            return dict(answer.json()) if answer.content else {}
        except ValueError:
            return {"text": answer.text}


class SocketLine:
    """The connections that bots opened to us; each payload goes to one of them."""

    def __init__(self, web: FastAPI) -> None:
        self._connections: list[WebSocket] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        web.add_api_websocket_route("/link", self._link)

    def close(self) -> None:
        """Nothing to close: the connections are the bots'."""

    async def _link(self, socket: WebSocket) -> None:
        await socket.accept()
        self._loop = asyncio.get_running_loop()
        await socket.send_json({"type": "hello", "num_connections": len(self._connections) + 1})
        self._connections.append(socket)
        try:
            while True:
                told = json.loads(await socket.receive_text())
                waiting = self._waiting.pop(told.get("envelope_id", ""), None)
                if waiting and not waiting.done():
                    waiting.set_result(told.get("payload") or {})
        except WebSocketDisconnect:
            self._connections.remove(socket)

    def send(self, kind: str, payload: Json) -> Json:
        """Deliver a payload in an envelope.

        Raises:
            BotFailed: nobody is connected, or no acknowledgement came within three seconds.
        """
        if not self._connections or self._loop is None:
            raise BotFailed("no bot is connected")
        try:
            answer = asyncio.run_coroutine_threadsafe(self._deliver(kind, payload), self._loop)
            return answer.result(ACK_SECONDS)
        except FutureTimeout as error:
            raise BotFailed("the bot did not acknowledge within three seconds") from error

    async def _deliver(self, kind: str, payload: Json) -> Json:
        envelope_id = uuid4().hex
        waiting: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = waiting
        envelope = {"envelope_id": envelope_id, "type": kind, "payload": payload, "accepts_response_payload": True}
        await self._connections[0].send_json(envelope)
        return await waiting
