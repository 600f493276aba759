"""An HTTP server a worker and side: each test puts its apps behind it, under a path of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.playground.serving import BackgroundServer


class SharedServer:
    """Hands each request to the app its path begins with. Whoever comes late, for an app that is gone, gets 404."""

    def __init__(self) -> None:
        self._apps: dict[str, ASGIApp] = {}
        self._numbers = count(1)
        self._server = BackgroundServer(self)
        self._server.start()

    @contextmanager
    def serving(self, app: ASGIApp) -> Iterator[str]:
        """Serve an app; its address. Its lifespan is not run."""
        name = f"app{next(self._numbers)}"
        self._apps[name] = app
        try:
            yield f"{self._server.url}/{name}"
        finally:
            del self._apps[name]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            raise NotImplementedError  # uvicorn then goes on without
        name = scope["path"].split("/")[1]
        await self._apps.get(name, _GONE)({**scope, "root_path": f"/{name}"}, receive, send)


_GONE = PlainTextResponse("This test is over.", 404)


@cache
def shared_server(side: str) -> SharedServer:
    """The server of this worker for one side, "slack" or "bot"; it ends with the process.

    The sides call each other, so they may not share their threads: each would wait for one that the other holds.
    """
    return SharedServer()
