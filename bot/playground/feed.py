"""News for an open page: server-sent events that say what changed, so that the page fetches that part again."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

from fastapi.responses import StreamingResponse

from bot.playground.workspace import Workspace

CLOSING = "closing"
"""The kind of change that ends every stream: to be announced before the server stops, which waits for them."""

_HEARTBEAT_SECONDS = 15
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Change = tuple[str, str]


def news_for(workspace: Workspace, user: str) -> StreamingResponse:
    """A stream of all the changes a person can see."""
    return StreamingResponse(_events(workspace, user), media_type="text/event-stream", headers=_HEADERS)


async def _events(workspace: Workspace, user: str) -> AsyncIterator[str]:
    changes: asyncio.Queue[Change] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(kind: str, whose: str) -> None:
        # A loop that has just closed has nobody left to tell.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(changes.put_nowait, (kind, whose))

    stop = workspace.listen(tell)
    try:
        yield "retry: 500\n\n"
        async for event in _told(changes, workspace, user):
            yield event
    finally:
        stop()


async def _told(changes: asyncio.Queue[Change], workspace: Workspace, user: str) -> AsyncIterator[str]:
    while True:
        try:
            kind, whose = await asyncio.wait_for(changes.get(), _HEARTBEAT_SECONDS)
        except TimeoutError:
            yield ": still here\n\n"
            continue
        if kind == CLOSING:
            return
        if concerns(workspace, user, kind, whose):
            yield f"data: {json.dumps({'kind': kind, 'whose': whose})}\n\n"


def concerns(workspace: Workspace, user: str, kind: str, whose: str) -> bool:
    """Whether a person's page may change; the news of other people's conversations only moves the switcher."""
    if kind == "message":
        return whose in workspace.channels
    return whose == user
