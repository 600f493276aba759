"""Who is slow or leaves a request unfinished keeps nobody waiting, neither others nor the end of the process."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Barrier, Event
from urllib.parse import urlsplit

import httpx
import pytest

from bot.intake import access
from bot.playground.serving import BackgroundServer
from bot.serving import Limits
from tests.support.world import HANG, World, http_client

ROOT = Path(__file__).parent.parent.parent
UNFINISHED = b"POST /v1/leads HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\nContent-Length: 1000\r\n\r\n{ }"


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=HANG)


def _answer(connection: socket.socket) -> bytes:
    """Everything until the server closes the connection."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


Serve = Callable[[Limits], str]


@pytest.fixture
def serve(sqlite_world: World) -> Iterator[Serve]:
    """Serve the bot with these limits; its address."""
    with ExitStack() as stack:

        def started(limits: Limits) -> str:
            server = BackgroundServer(sqlite_world.baton.web, limits=limits)
            server.start()
            stack.callback(server.stop)
            return server.url

        yield started


def _unfinished(world: World) -> bytes:
    return UNFINISHED.replace(b"Bearer KEY", world.http.headers["authorization"].encode())


def test_a_body_that_does_not_arrive_in_time_is_answered_and_its_connection_closed(
    sqlite_world: World, serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(access, "BODY_SECONDS", 0.05)
    with _connect(serve(Limits(head_seconds=0.1))) as connection:
        connection.sendall(_unfinished(sqlite_world))
        answer = _answer(connection)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"The body did not arrive within 0.05 seconds; send it again." in answer
    assert not caplog.records


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"], ids=["nothing", "half a head"])
def test_a_head_that_does_not_arrive_in_time_ends_the_connection(serve: Serve, sent: bytes) -> None:
    with _connect(serve(Limits(head_seconds=0.1))) as connection:
        connection.sendall(sent)
        assert _answer(connection) == b""


def test_a_second_head_that_does_not_arrive_in_time_ends_the_connection_too(serve: Serve) -> None:
    with _connect(serve(Limits(head_seconds=0.1))) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /hea")
        assert _answer(connection).count(b"HTTP/1.1 200") == 1


def test_who_is_refused_before_the_body_is_read_cannot_linger_by_sending_it_slowly(serve: Serve) -> None:
    with _connect(serve(Limits(head_seconds=0.1))) as connection:
        connection.sendall(UNFINISHED)
        assert _answer(connection).startswith(b"HTTP/1.1 401 ")


def test_there_are_only_so_many_connections_at_once(serve: Serve) -> None:
    url = serve(Limits(connections=3))
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(_connect(url))
        client = stack.enter_context(http_client(url))
        assert client.get("/healthz").status_code == 503
    with http_client(url) as client:
        assert client.get("/healthz").status_code == 200


def test_a_server_that_stops_waits_for_no_body(sqlite_world: World, caplog: pytest.LogCaptureFixture) -> None:
    server = BackgroundServer(sqlite_world.baton.web, limits=Limits(shutdown_seconds=HANG))
    server.start()
    with _connect(server.url) as connection:
        connection.sendall(_unfinished(sqlite_world))
        with http_client(server.url) as client:
            assert client.get("/healthz").status_code == 200  # so the server has seen the connection before
        server.stop()
        assert not _answer(connection).startswith(b"HTTP/1.1 2")
    assert not caplog.records


@contextmanager
def _served(sqlite_world: World, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`baton serve` as a process of its own, ready; and its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "SLACK_BOT_TOKEN": "xoxb-test",
        "SLACK_SIGNING_SECRET": "s",
        "SLACK_API_URL": f"{sqlite_world.slack.address}/api/",
        "BATON_PORT": str(port),
    }
    command = [sys.executable, "-m", "bot", "serve"]
    process = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        lines = iter(process.stderr.readline, "")
        assert any("Baton serves on" in line for line in lines)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


def test_a_process_told_to_end_ends_well_whatever_request_is_unfinished(sqlite_world: World, tmp_path: Path) -> None:
    with _served(sqlite_world, tmp_path) as (process, url), ExitStack() as stack:
        with http_client(url) as client:
            assert client.get("/readyz").json() == {"status": "ok"}
        signed = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{ }"
        for sent in (UNFINISHED, signed, b"GET /he", b""):
            stack.enter_context(_connect(url)).sendall(sent)
        with http_client(url) as client:
            assert client.get("/healthz").status_code == 200
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=HANG)
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_health_and_readiness_are_told_while_every_thread_is_busy(sqlite_world: World) -> None:
    busy, over = Barrier(41), Event()

    @sqlite_world.baton.web.get("/busy")
    def wait() -> None:
        busy.wait(HANG)
        over.wait(HANG)

    with ThreadPoolExecutor(40) as threads:
        limits = httpx.Limits(max_connections=50)
        with httpx.Client(base_url=sqlite_world.address, trust_env=False, timeout=HANG, limits=limits) as client:
            waiting = [threads.submit(client.get, "/busy") for _ in range(40)]
            busy.wait(HANG)
            try:
                assert sqlite_world.http.get("/healthz").status_code == 200
                assert sqlite_world.http.get("/readyz").json() == {"status": "ok"}
            finally:
                over.set()
            assert {one.result().status_code for one in waiting} == {200}
