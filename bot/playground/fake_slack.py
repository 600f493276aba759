"""The fake Slack: the Web API over HTTP, faults on demand, and people whose clicks reach the bot signed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from bot.clock import Clock
from bot.playground.files import SharedFile
from bot.playground.hosting import Hosting
from bot.playground.strictness import Refused, check_message
from bot.playground.web_api import WebApi
from bot.playground.wire import Cut, arguments_of, too_many
from bot.playground.workspace import BOT_USER, Message, User, Workspace

ALL_SCOPES = {
    "app_mentions:read",
    "channels:history",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:read",
    "files:write",
    "im:history",
    "im:write",
    "users:read",
}
APP_TOKEN = "xapp-playground"  # noqa: S105  a fake's token
RESPONSE_URL_USES = 5
RESPONSE_URL_LIFE = timedelta(minutes=30)
PACE = 1.0
"""Seconds between two messages in one channel before Slack answers 429."""


@dataclass
class Fault:
    """Something that goes wrong with the next calls of a method, or of "upload", "download" and "response_url".

    `kind`: "ratelimited" (429, nothing done), "drop_before" (connection cut, nothing done), "drop_after" (done, then
    the connection is cut), "slow" (done, answered after `seconds`), or an error code (nothing done).
    """

    method: str
    kind: str
    times: int = 1
    seconds: float = 0.0


class FakeSlack:
    """One workspace behind HTTP. `calls` lists every call that was made: (method, arguments)."""

    def __init__(self, clock: Clock, users: list[User], channels: list[str], token: str) -> None:
        self.clock = clock
        self.token, self.app_token = token, APP_TOKEN
        self.workspace = Workspace(clock, users, channels)
        self.api = WebApi(self.workspace, set(ALL_SCOPES))
        self._hosting = Hosting(self.workspace, self.api, token)
        self.faults: list[Fault] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.keeps_pace = False
        self.refuses = ""
        """An error code with which every call of the bot is answered; files then show a page to sign in."""
        self._posted_at: dict[str, float] = {}
        self._response_urls: dict[str, dict[str, Any]] = {}
        self.web = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        self._doors()
        self._file_doors()

    @property
    def address(self) -> str:
        """Where the fake answers, known once it is served."""
        return self.workspace.address

    @address.setter
    def address(self, address: str) -> None:
        self.workspace.address = address

    def _doors(self) -> None:
        @self.web.api_route("/api/{method}", methods=["GET", "POST"])
        async def call(method: str, request: Request) -> Response:
            arguments = await arguments_of(request)
            token = arguments.pop("token", "") or request.headers.get("authorization", "").removeprefix("Bearer ")
            return await run_in_threadpool(self._answer, method, arguments, token)

        @self.web.post("/response/{name}")
        async def respond(name: str, request: Request) -> Response:
            return await run_in_threadpool(self._respond, name, await request.json())

    def _file_doors(self) -> None:
        @self.web.post("/upload/v1/{ticket}")
        async def upload(ticket: str, request: Request) -> Response:
            content = await request.body()
            told = {"ticket": ticket, "length": len(content)}
            answer = partial(self._hosting.take_upload, ticket, content)
            return await run_in_threadpool(self._serve, "upload", told, answer)

        @self.web.get("/files-pri/{file}/{name}")
        @self.web.get("/files-pri/{file}/download/{name}")
        def download(file: str, request: Request) -> Response:
            authorization, saved = request.headers.get("authorization", ""), "/download/" in request.url.path
            authorization = "" if self.refuses else authorization
            answer = partial(self._hosting.hand_out, file, authorization, download=saved)
            return self._serve("download", {"file": file}, answer)

    def _serve(self, what: str, told: dict[str, Any], answer: Callable[[], Response]) -> Response:
        """Answer where files are kept, unless a fault is due there."""
        self.calls.append((what, told))
        fault = self._fault(what)
        if fault and fault.kind == "drop_before":
            return Cut()
        response = answer()
        if fault and fault.kind == "slow":
            time.sleep(fault.seconds)
        return Cut() if fault and fault.kind == "drop_after" else response

    def _answer(self, method: str, arguments: dict[str, Any], token: str) -> Response:
        self.calls.append((method, arguments))
        if token != (self.app_token if method == "apps.connections.open" else self.token):
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        if self.refuses:
            return JSONResponse({"ok": False, "error": self.refuses})
        fault = self._fault(method)
        if fault and fault.kind == "ratelimited":
            return too_many(fault.seconds or 1)
        if fault and fault.kind == "drop_before":
            return Cut()
        if method == "chat.postMessage" and self._too_fast(arguments):
            return too_many(1)
        try:
            if fault and fault.kind not in {"drop_after", "slow"}:
                raise Refused(fault.kind)
            answer: dict[str, Any] = {"ok": True} | self.api.call(method, arguments)
        except Refused as refused:
            answer = {"ok": False, "error": refused.code}
            if refused.code == "missing_scope":
                answer |= {"needed": refused.detail, "provided": ",".join(sorted(self.api.scopes))}
            elif refused.detail:
                answer["response_metadata"] = {"messages": [refused.detail]}
        if fault and fault.kind == "drop_after":
            return Cut()
        if fault and fault.kind == "slow":
            time.sleep(fault.seconds)
        return JSONResponse(answer, headers={"x-oauth-scopes": ",".join(sorted(self.api.scopes))})

    def _fault(self, method: str) -> Fault | None:
        with self.workspace.lock:
            fault = next((fault for fault in self.faults if fault.method == method and fault.times > 0), None)
            if fault:
                fault.times -= 1
        return fault

    def _too_fast(self, arguments: dict[str, Any]) -> bool:
        """Whether a channel gets messages faster than Slack allows; a small allowance covers the network."""
        if not self.keeps_pace:
            return False
        now, channel = self.clock().timestamp(), str(arguments.get("channel"))
        if now - self._posted_at.get(channel, 0.0) < PACE * 0.9:
            return True
        self._posted_at[channel] = now
        return False

    def new_response_url(self, user: str, channel: str, message: Message | None = None) -> str:
        """An address at which the bot can answer an interaction: five times, within 30 minutes."""
        name = uuid4().hex
        self._response_urls[name] = {
            "user": user,
            "channel": channel,
            "message": message,
            "uses": 0,
            "made": self.clock(),
        }
        return f"{self.address}/response/{name}"

    def _respond(self, name: str, body: dict[str, Any]) -> Response:
        known = self._response_urls.get(name)
        self.calls.append(("response_url", body))
        fault = self._fault("response_url")
        if fault and fault.kind == "drop_after":
            self._show(known or {}, body)
            return Cut()
        if known is None or known["uses"] >= RESPONSE_URL_USES or self.clock() - known["made"] > RESPONSE_URL_LIFE:
            return Response("expired_url", 404)
        known["uses"] += 1
        try:
            self._show(known, body)
        except Refused as refused:
            return Response(f"{refused.code} {refused.detail}", 400)
        return Response("ok")

    def _show(self, known: dict[str, Any], body: dict[str, Any]) -> None:
        self.show_reply(known["user"], known["channel"], body)

    def show_reply(self, user: str, channel: str, body: dict[str, Any]) -> Message:
        """Show what the bot answered to a command or an interaction: to one person, unless it says otherwise.

        Raises:
            Refused: when Slack would not show it.
        """
        check_message(body.get("text"), body.get("blocks"))
        only_for = None if body.get("response_type") == "in_channel" else user
        return self.workspace.add_message(
            self.workspace.channel(channel),
            BOT_USER,
            body["text"],
            blocks=body.get("blocks") or [],
            only_for=only_for,
        )

    def bot_messages(self, channel: str) -> list[Message]:
        """What the bot posted in a channel for everybody, oldest first, without threads."""
        found = self.workspace.channel(channel).messages.values()
        return [one for one in found if one.user == BOT_USER and not one.only_for and not one.thread_ts]

    def whispers(self, user: str) -> list[Message]:
        """What only one person sees, oldest first."""
        every = (one for channel in self.workspace.channels.values() for one in channel.messages.values())
        return sorted((one for one in every if one.only_for == user), key=lambda message: message.at)

    def files(self, channel: str) -> list[SharedFile]:
        """The files the bot shared in a channel (an id, a #name or a user's id), threads included, oldest first.

        A test reads their `name`, `title` and `content` (bytes).
        """
        found = self.workspace.channel(channel).messages.values()
        return [file for message in found if message.user == BOT_USER for file in message.files]
