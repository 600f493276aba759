"""How HTTP is served: with limits on how slow a client may be, how many there may be, and how long the end may take."""

import asyncio
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol


@dataclass(frozen=True)
class Limits:
    """What a client may cost. Times are in seconds; how long a body may take is said where bodies are read."""

    head_seconds: float = 10.0
    """From the connection, or the last answer on it, until the head of a request has arrived."""
    connections: int = 500
    """At once; who comes after gets 503."""
    shutdown_seconds: int = 5
    """For requests that are being answered when the server is told to stop."""


def server_config(web: ASGIApp, limits: Limits, **more: Any) -> uvicorn.Config:
    """The configuration of a uvicorn server that keeps these limits."""
    return uvicorn.Config(
        web,
        http=type("LimitedProtocol", (ImpatientProtocol,), {"head_seconds": limits.head_seconds}),
        limit_concurrency=limits.connections,
        timeout_graceful_shutdown=limits.shutdown_seconds,
        access_log=False,
        **more,
    )


class ImpatientProtocol(H11Protocol):
    """HTTP/1.1 that waits neither for the head of a request for ever, nor at the end for the rest of a body."""

    head_seconds = Limits.head_seconds
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_timer()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: Any) -> None:
        self._cancel_timer()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        self._expect_head()
        super().on_response_complete()

    def shutdown(self) -> None:
        """Finish what is being answered; a request that is not all here is dropped: its sender will send it again."""
        if self._is_waiting() or not self.cycle.more_body:
            super().shutdown()
        else:
            self.transport.close()

    def _is_waiting(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _expect_head(self) -> None:
        self._cancel_timer()
        self._head_timer = self.loop.call_later(self.head_seconds, self._close_if_late)

    def _cancel_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()

    def _close_if_late(self) -> None:
        if self._is_waiting():
            self.transport.close()
