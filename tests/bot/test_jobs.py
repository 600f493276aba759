"""The jobs: each occurrence is run once, whoever ticks, whatever the clock does, and anyone can see how it went."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event

import pytest
from sqlalchemy import event

from bot.cli.jobs import tell
from bot.clock import utc_now
from bot.jobs import turn as turns
from bot.jobs.plan import JobPlan, LocalTime, occurrence
from bot.jobs.scheduler import Scheduler, run_job
from bot.jobs.table import JOBS, Job, Work
from bot.jobs.turn import LEASE_FOR, Turn
from bot.usecases.announce_mqls import has_due_leads
from bot.usecases.errors import TakenOver
from storage.store import Store
from tests.support.clock import TestClock
from tests.support.command_line import baton
from tests.support.databases import Databases, opened
from tests.support.world import World

EVERY_MINUTE = JobPlan("minutely", timedelta(minutes=1), "")
MONDAYS = JobPlan("mondays", LocalTime(8, 0, "Europe/Berlin", weekday=0), "")


class Replicas:
    """Four replicas of one database under one clock, and the occurrences that a job was run for."""

    def __init__(self, stores: list[Store]) -> None:
        self.stores, self.clock = stores, TestClock()
        for store in stores:
            store.clock = lambda: self.clock()
        self.ran: list[datetime] = []

    def job(self, plan: JobPlan, run: Callable[[datetime], int] | None = None) -> Job:
        def note(now: datetime) -> int:
            self.ran.append(occurrence(plan, now))
            return run(now) if run else 1

        return Job(plan, Work(note))

    def tick(self, job: Job, replica: int = 0) -> int | None:
        return run_job(self.stores[replica], job, self.clock, f"replica {replica}")


@pytest.fixture
def replicas(databases: Databases) -> Iterator[Replicas]:
    url = databases.fresh("postgresql")
    with ExitStack() as stack:
        yield Replicas([stack.enter_context(opened(url)) for _ in range(4)])


@pytest.fixture
def one(store: Store) -> Replicas:
    """Several names, and one store, on each database."""
    return Replicas([store] * 4)


@pytest.mark.parametrize(
    ("plan", "step", "count"),
    [
        (EVERY_MINUTE, timedelta(seconds=20), 40),
        (JobPlan("daily", LocalTime(2, 30, "Europe/Berlin"), ""), timedelta(hours=6), 20),
    ],
    ids=["interval", "local time"],
)
def test_of_four_replicas_one_runs_each_occurrence(
    replicas: Replicas, plan: JobPlan, step: timedelta, count: int
) -> None:
    replicas.clock = TestClock(datetime(2026, 3, 20, tzinfo=UTC))  # Berlin skips 2:30 on the 29th
    job, rounds = replicas.job(plan), 3 * count if plan is EVERY_MINUTE else 4 * count
    expected = sorted({occurrence(plan, replicas.clock() + n * step) for n in range(rounds)})
    ready, done = Barrier(5), Barrier(5)

    def tick_on(replica: int) -> None:
        for _ in range(rounds):
            ready.wait(30)
            replicas.tick(job, replica)
            done.wait(30)

    with ThreadPoolExecutor(4) as threads:
        ticking = [threads.submit(tick_on, replica) for replica in range(4)]
        for _ in range(rounds):
            ready.wait(30)
            done.wait(30)
            replicas.clock.advance(step.total_seconds())
    assert [one.result() for one in ticking] == [None] * 4
    assert replicas.ran == expected


def test_of_missed_occurrences_one_is_caught_up(one: Replicas) -> None:
    for job, away in ((one.job(EVERY_MINUTE), timedelta(minutes=10)), (one.job(MONDAYS), timedelta(weeks=10))):
        one.ran.clear()
        one.tick(job)
        one.clock.advance(away.total_seconds())
        assert [one.tick(job, replica) for replica in range(4)] == [1, 0, 0, 0]
        assert one.ran[1] - one.ran[0] == away


def test_a_weekly_job_missed_over_a_weekend_off_runs_late_and_then_on_its_day_again(one: Replicas) -> None:
    job = one.job(MONDAYS)
    days = []
    for hours in (0, 7 * 24 - 3, 2, 24 * 9, 24 * 4, 24):  # it starts on a Monday, at ten in Berlin
        one.clock.advance(hours=hours)
        if one.tick(job):
            days.append(f"{one.clock():%a %-d %b}")
    assert days == ["Mon 16 Nov", "Mon 23 Nov", "Wed 2 Dec", "Mon 7 Dec"]


def test_a_run_that_fails_is_noted_without_peoples_data_and_frees_the_next_one(one: Replicas) -> None:
    errors: list[Exception] = [ValueError("dana@acme.example"), TakenOver()]

    def fails(now: datetime) -> int:
        if errors:
            raise errors.pop(0)
        return 2

    job = one.job(EVERY_MINUTE, fails)
    told = []
    for replica in range(3):
        try:
            one.tick(job, replica)
        except (ValueError, TakenOver):
            assert one.tick(job, 3) == 0  # it was run, if in vain
        with one.stores[0].read() as tx:
            last = tx.job_runs.all()["minutely"]
            assert tx.leases.all() == []
        told.append(tell(EVERY_MINUTE, last, one.clock(), is_held=False).result)
        one.clock.advance(minutes=1)
    assert told == ["failed: ValueError", "failed: TakenOver: Somebody else works on this now.", "did 2"]


def test_a_run_longer_than_its_interval_overlaps_with_no_other(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease is renewed for as long as it lasts."""
    monkeypatch.setattr(turns, "RENEW_EVERY", timedelta(milliseconds=5))
    started, may_end = Event(), Event()

    def works(now: datetime) -> int:
        started.set()
        assert may_end.wait(30)
        return 7

    job = replicas.job(EVERY_MINUTE, works)
    with ThreadPoolExecutor(1) as long:
        running = long.submit(replicas.tick, job, 0)
        assert started.wait(30)
        for _ in range(10):
            replicas.clock.advance((LEASE_FOR - timedelta(seconds=5)).total_seconds())
            while _lease_until(replicas) < replicas.clock() + LEASE_FOR:
                pass  # soon
            assert replicas.tick(job, 1) is None
        with replicas.stores[1].read() as tx:
            last = tx.job_runs.all()["minutely"]
        assert tell(EVERY_MINUTE, last, replicas.clock(), is_held=True).result == "at it"
        may_end.set()
        assert running.result() == 7
    assert replicas.tick(job, 1) == 7
    assert len(replicas.ran) == 2


def _lease_until(replicas: Replicas) -> datetime:
    with replicas.stores[2].read() as tx:
        return next(until for name, _, until in tx.leases.all() if name == "job:minutely")


def test_the_turn_of_a_process_that_died_is_taken_once_more(one: Replicas) -> None:
    job = one.job(MONDAYS)
    died = Turn(one.stores[0], MONDAYS.name, occurrence(MONDAYS, one.clock()), one.clock, "replica 0")
    assert died.take()
    assert one.tick(job, 1) is None
    one.clock.advance(LEASE_FOR.total_seconds() + 1)
    with one.stores[0].read() as tx:
        last = tx.job_runs.all()["mondays"]
    assert tell(MONDAYS, last, one.clock(), is_held=False).result == "broken off"
    assert [one.tick(job, 1), one.tick(job, 2)] == [1, 0]
    with died:  # it was only slow: what it notes is not noted over the other's run
        died.did = 99
    with one.stores[0].read() as tx:
        assert tx.job_runs.all()["mondays"].did == 1


def test_a_run_that_is_broken_off_is_no_run(one: Replicas) -> None:
    def broken_off(now: datetime) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        one.tick(one.job(MONDAYS, broken_off))
    assert one.tick(one.job(MONDAYS), 1) == 1


def test_an_idle_tick_is_one_look_and_writes_nothing(one: Replicas) -> None:
    store, said = one.stores[0], list[str]()

    work = Work(lambda now: 1, lambda now: has_due_leads(store, now))
    job = Job(JobPlan("idle", timedelta(seconds=2), "", if_any=True), work)
    event.listen(store.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    assert one.tick(job) == 0
    assert [words.split()[0] for words in said] == ["SELECT"]
    with store.read() as tx:
        assert tx.job_runs.all() == {}


def test_what_is_done_everywhere_is_done_by_each_replica_at_each_tick(one: Replicas) -> None:
    job = one.job(JobPlan("own", timedelta(minutes=1), "", everywhere=True))
    assert [one.tick(job, replica) for replica in (0, 1, 1)] == [1, 1, 1]
    with one.stores[0].read() as tx:
        assert tx.job_runs.all() == {}


def test_by_hand_an_interval_is_run_again_and_a_local_time_is_not(one: Replicas) -> None:
    scheduler = Scheduler(one.stores[0], [one.job(EVERY_MINUTE), one.job(MONDAYS)], one.clock, "hand")
    assert scheduler.run_all() == {"minutely": 1, "mondays": 1}
    assert scheduler.run_all() == {"minutely": 1, "mondays": 0}
    assert one.tick(one.job(EVERY_MINUTE)) == 0


def test_two_schedulers_share_the_occurrences_of_the_real_time(
    replicas: Replicas, caplog: pytest.LogCaptureFixture
) -> None:
    plan, enough = JobPlan("often", timedelta(milliseconds=200), ""), Event()

    def run(now: datetime) -> int:
        if len(replicas.ran) >= 10:
            enough.set()
        raise ValueError("dana@acme.example")

    job = replicas.job(plan, run)
    schedulers = [Scheduler(store, [job], utc_now, f"replica {n}") for n, store in enumerate(replicas.stores[:2])]
    with caplog.at_level(logging.ERROR):
        for scheduler in schedulers:
            scheduler.start()
        assert enough.wait(30)
        for scheduler in schedulers:
            scheduler.stop()
    assert len(set(replicas.ran)) == len(replicas.ran) == len(caplog.records)
    assert {record.getMessage() for record in caplog.records} == {"job often failed"}


def test_each_job_of_the_table_has_something_that_runs(sqlite_world: World) -> None:
    assert list(sqlite_world.baton.scheduler.run_all()) == [plan.name for plan in JOBS]
    assert all(plan.does for plan in JOBS)


def test_the_jobs_are_shown_without_slack_before_and_after_they_ran(sqlite_world: World, tmp_path: Path) -> None:
    assert baton(tmp_path, "migrate").returncode == 0
    before = {one["name"]: one for one in json.loads(baton(tmp_path, "jobs", "--json").stdout)}
    assert list(before) == [plan.name for plan in JOBS]
    assert {one["result"] for one in before.values()} == {"never yet", ""}
    (tmp_path / "leads.csv").write_text("email,stage\na@a.example,mql\n")
    baton(tmp_path, "import", "leads.csv", "--source", "fair")
    slack = sqlite_world.slack.address
    settings = {"SLACK_BOT_TOKEN": "xoxb-test", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": f"{slack}/api/"}
    ticked = baton(tmp_path, "tick", **settings).stdout
    assert ticked.count("sent to Slack") == 1

    after = {one["name"]: one for one in json.loads(baton(tmp_path, "jobs", "--json").stdout)}
    people = after["refresh_people"]
    assert (people["error"], people["result"]) == ("", f"did {people['did']}")
    assert 0 <= people["seconds"] < 60
    assert datetime.fromisoformat(people["last_run"]) < datetime.fromisoformat(people["next_run"])
    assert after["follow_policy"]["everywhere"]

    table = baton(tmp_path, "jobs", BATON_TIMEZONE="Asia/Kolkata").stdout
    head, *rows = table.splitlines()
    assert head.split("  ")[0] == "Name"
    assert "Last run (Asia/Kolkata)" in head
    shown = {row.split()[0]: row for row in rows}
    moment = r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d"
    assert re.search(
        rf"every 6 h +forget .* {moment}, took \d\.\d\d s +nothing to do +{moment}$", shown["forget_old"].rstrip()
    )
    assert re.search(r"every 5 s .* each replica’s own$", shown["follow_policy"].rstrip())
    assert re.search(r"every 1 s .* never yet +when there is work$", shown["read_uploads"].rstrip())


def test_where_no_database_is_none_is_made_to_be_read(tmp_path: Path) -> None:
    done = baton(tmp_path, "jobs")
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no database" in done.stderr
