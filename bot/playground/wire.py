"""How calls arrive at the fake Slack, and how its answers break on the way."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request, Response
from fastapi.responses import JSONResponse


class Cut(Response):
    """A connection that breaks instead of an answer."""

    async def __call__(self, scope: Any, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        # A promised byte that never comes: the client sees the connection end in the middle of the answer.
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ConnectionAbortedError


def too_many(seconds: float) -> Response:
    return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(int(seconds) or 1)})


async def arguments_of(request: Request) -> dict[str, Any]:
    """The arguments of a call, sent as JSON or as a form whose nested values are JSON."""
    body = (await request.body()).decode()
    if body and "json" in request.headers.get("content-type", ""):
        given: dict[str, Any] = json.loads(body)
        return given

    given = {name: _maybe_json(value) if name in _NESTED else value for name, value in parse_qsl(body)}
    return given | dict(request.query_params)


_NESTED = {"blocks", "files", "metadata", "view"}
"""Arguments whose values are objects or lists."""


def _maybe_json(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
