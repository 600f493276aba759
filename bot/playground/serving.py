"""Web apps served from threads: the playground's two sides live in one process."""

import socket
import threading
import time

import uvicorn
from starlette.types import ASGIApp

from bot.serving import Limits, server_config

START_SECONDS = 10
LIMITS = Limits(shutdown_seconds=2)


class BackgroundServer:
    """A web app on a loopback port, in a thread of its own."""

    def __init__(self, web: ASGIApp, port: int = 0, limits: Limits = LIMITS) -> None:
        """Bind the port: 0 takes any that is free.

        Raises:
            OSError: the port is taken.
        """
        # Named as TCP, or asyncio leaves Nagle's algorithm on, and every answer waits 40 ms for an acknowledgement.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError:
            self._socket.close()
            raise
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = server_config(web, limits, log_level="error", ws="websockets-sansio")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name=f"serve {self.url}", daemon=True
        )

    def start(self) -> None:
        """Serve, and return when it answers."""
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.005)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def wait(self) -> None:
        """Serve until interrupted."""
        while self._thread.is_alive():
            self._thread.join(0.5)
