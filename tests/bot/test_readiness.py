"""Ready means that work can be done: a database that can only be read is no such."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event, text

from storage.errors import Unreachable
from tests.support.world import World


@contextmanager
def _each_connection(world: World, pragma: str) -> Iterator[None]:
    """Have every connection to the database opened with a pragma."""

    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute(pragma)

    event.listen(world.store.engine, "connect", prepare)
    world.store.engine.dispose()
    try:
        yield
    finally:
        event.remove(world.store.engine, "connect", prepare)
        world.store.engine.dispose()


def _fill(world: World) -> None:
    """Write until nothing goes in any more."""
    for number in range(100_000):
        try:
            with world.store.begin() as tx:
                tx.leases.acquire(f"filling {number}", "x" * 1000, world.clock(), world.clock())
        except Unreachable:
            return


def _ready(world: World) -> tuple[int, str]:
    world.baton.write_probe.fresh_seconds = 0.0
    answer = world.http.get("/readyz")
    return answer.status_code, answer.json()["status"]


def test_a_full_disk_is_not_ready_until_there_is_room_again(sqlite_world: World) -> None:
    world = sqlite_world
    assert _ready(world) == (200, "ok")
    with world.store.read() as tx:
        pages = tx.connection.execute(text("PRAGMA page_count")).scalar_one()
    with _each_connection(world, f"PRAGMA max_page_count = {pages + 20}"):
        _fill(world)
        status, sentence = _ready(world)
        assert status == 503
        assert "takes no writes (database or disk is full): make room on its disk" in sentence
    assert _ready(world) == (200, "ok")


def test_a_database_that_can_only_be_read_is_not_ready_and_ends_no_thread(sqlite_world: World) -> None:
    with _each_connection(sqlite_world, "PRAGMA query_only = ON"):
        status, sentence = _ready(sqlite_world)
        answer = sqlite_world.http.post("/v1/leads", json={"source": "web", "email": "dana@acme.example"})
        with pytest.raises(Unreachable):
            sqlite_world.baton.dispatcher.drain()  # what its thread waits out
    assert (status, answer.status_code) == (503, 503)
    assert "takes no writes (attempt to write a readonly database)" in sentence


@pytest.mark.both_databases
def test_the_probe_leaves_nothing_behind(world: World) -> None:
    assert _ready(world) == (200, "ok")
    with world.store.read() as tx:
        assert not [name for name, *_ in tx.leases.all() if name.startswith("probe")]


def test_who_asks_often_causes_one_write(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    probe, written = sqlite_world.baton.write_probe, []
    write: Callable[[], str] = probe._write
    probe.fresh_seconds = 3600.0
    monkeypatch.setattr(probe, "_write", lambda: written.append(1) or write())
    for _ in range(20):
        assert sqlite_world.http.get("/readyz").status_code == 200
    assert len(written) == 1


def test_a_write_that_never_ends_is_not_ready(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    probe, over = sqlite_world.baton.write_probe, Event()
    probe.patience_seconds = 0.05
    monkeypatch.setattr(probe, "_write", lambda: over.wait(60) and "")
    try:
        assert _ready(sqlite_world) == (503, "the database has taken no write for 0.05 s: see what holds it up")
    finally:
        over.set()
