"""What a job swallows is logged with its traceback and counted."""

import logging
from datetime import datetime
from typing import Any

import pytest

from bot.jobs.scheduler import Scheduler
from bot.jobs.table import Job, Work
from bot.usecases import announce_mqls as announcing
from bot.usecases.keep_body import keep_body
from bot.usecases.manage_keys import Caller, create_key
from storage.errors import Unreachable
from storage.store import Store
from tests.support.world import World


def _figure(world: World, name: str) -> float:
    lines = [line for line in world.http.get("/metrics").text.splitlines() if line.startswith(f"{name} ")]
    return float(lines[0].rpartition(" ")[2]) if lines else 0.0


def _logged(caplog: pytest.LogCaptureFixture, said: str) -> logging.LogRecord:
    return next(record for record in caplog.records if said in record.getMessage())


def test_a_job_that_fails_is_counted_by_its_name(sqlite_world: World, caplog: pytest.LogCaptureFixture) -> None:
    def fails(now: datetime) -> int:
        raise ZeroDivisionError

    scheduler: Scheduler = sqlite_world.baton.scheduler
    watch = next(job for job in scheduler._jobs if job.plan.name == "watch_sla")
    for _ in range(2):
        scheduler._run(Job(watch.plan, Work(fails)))
        sqlite_world.clock.advance(minutes=1)
    assert _figure(sqlite_world, 'baton_job_failures_total{job="watch_sla"}') == 2
    assert _logged(caplog, "job watch_sla failed").exc_info


def test_a_lead_that_cannot_be_scored_is_counted_and_its_traceback_logged(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = sqlite_world
    bad, good = world.send_mql("bad@acme.example"), world.send_mql("good@beta.example")
    scored = announcing.numbers

    def numbers(lead_id: int, *rest: Any) -> Any:
        if lead_id == bad:
            raise ZeroDivisionError
        return scored(lead_id, *rest)

    monkeypatch.setattr(announcing, "numbers", numbers)
    world.run()
    assert world.moves(good)[-1] == "mql"
    told = [record for record in caplog.records if "it is put aside" in record.getMessage()]
    assert _figure(world, "baton_leads_put_aside_total") == len(told) > 0
    record = _logged(caplog, f"lead {bad} cannot be scored")
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


def test_a_body_that_breaks_when_it_is_worked_through_again_is_counted(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = sqlite_world
    create_key(world.store, "web", world.clock())
    with world.store.read() as tx:
        key_id = tx.connection.exec_driver_sql("SELECT max(id) FROM api_key").scalar_one()
    keep_body(world.store, Caller(key_id=key_id, source="web"), "leads", "application/json", None, "{}", world.clock())
    world.clock.advance(minutes=30)
    monkeypatch.setattr(world.baton.doors, "_answer", lambda body: 1 / 0)
    world.run()
    assert _figure(world, 'baton_job_failures_total{job="replay_bodies"}') == 1
    assert _logged(caplog, "broke").exc_info


def test_an_outbox_that_cannot_be_read_is_counted_and_its_traceback_logged(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    dispatcher = sqlite_world.baton.dispatcher

    def gone(self: Store) -> None:
        dispatcher._stopping = True  # one round is enough
        raise Unreachable("connection refused")

    with monkeypatch.context() as broken:
        broken.setattr(Store, "begin", gone)
        dispatcher._run()
    assert _figure(sqlite_world, 'baton_job_failures_total{job="send_outbox"}') == 1
    assert _logged(caplog, "the outbox cannot be worked on").exc_info
