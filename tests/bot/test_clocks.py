"""Clocks that go wrong: nothing is done twice, and nothing stands still in silence."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.jobs.turn import Turn
from bot.lateness import late_messages
from bot.slack.dispatcher import Dispatcher
from bot.usecases.errors import TakenOver
from bot.usecases.work_on_upload import keep_upload, take_upload
from funnel.notices import RefreshHome
from funnel.upload import DroppedFile, Tally, UploadState
from storage.outbox import Letter
from storage.store import Store
from tests.bot.test_jobs import EVERY_MINUTE, MONDAYS, Replicas
from tests.support.clock import START, TestClock
from tests.support.command_line import baton
from tests.support.databases import Databases, opened
from tests.support.world import World

APART = pytest.mark.parametrize("seconds", [40, -40, 600, -600, 86_400])


class Letters:
    """A sender that notes what it sends, and lets something happen meanwhile."""

    def __init__(self, store: Store, sent: list[int], meanwhile: Callable[[], object] = lambda: None) -> None:
        self._store, self._sent, self._meanwhile = store, sent, meanwhile

    def deliver(self, letter: Letter) -> datetime | None:
        self._sent.append(letter.id)
        self._meanwhile()
        with self._store.begin() as tx:
            tx.outbox.settle(letter.id, "sent", START)
        return None

    def broke(self, letter: Letter, error: BaseException) -> None:
        raise error

    def may_send(self) -> bool:
        return True

    def hold_up(self, letter_id: int) -> None: ...


@pytest.fixture
def one(store: Store) -> Replicas:
    """Several names, and one store, on each database."""
    return Replicas([store] * 4)


@APART
def test_a_letter_goes_out_once_however_far_apart_the_clocks_of_replicas_are(
    databases: Databases, seconds: float
) -> None:
    """The second replica looks while the first one's letter is on its way, under a lease that has not run out."""
    url = databases.fresh("postgresql")
    with opened(url) as one, opened(url) as other:
        sent: list[int] = []
        their_clock = TestClock()
        their_clock.advance(seconds)
        second = Dispatcher(other, Letters(other, sent), their_clock, "second")
        answers: list[int | None] = []
        first = Dispatcher(one, Letters(one, sent, lambda: answers.append(second.drain())), TestClock(), "first")
        for number in range(3):
            with one.begin() as tx:
                tx.outbox.add([RefreshHome(user=f"U{number}")], START)
        assert first.drain() == 3
        assert len(set(sent)) == len(sent) == 3
        assert answers == [None] * 3
        first.stop()
        second.stop()


@APART
def test_a_letter_of_a_replica_with_a_wrong_clock_does_not_wait(databases: Databases, seconds: float) -> None:
    url = databases.fresh("postgresql")
    with opened(url) as store:
        sent: list[int] = []
        with store.begin() as tx:
            tx.outbox.add([RefreshHome(user="U1")], tx.now() + timedelta(seconds=seconds))
        dispatcher = Dispatcher(store, Letters(store, sent), TestClock(), "first")
        assert dispatcher.drain() == 1
        dispatcher.stop()


@APART
def test_the_turn_of_a_job_is_one_replicas(databases: Databases, seconds: float) -> None:
    url, clock = databases.fresh("postgresql"), TestClock()
    clock.advance(seconds)
    with opened(url) as one, opened(url) as other:
        assert Turn(one, "job", START, TestClock(), "first").take()
        assert Turn(other, "job", START + timedelta(minutes=1), clock, "second").take() is None


@APART
def test_an_upload_is_one_replicas(databases: Databases, seconds: float) -> None:
    url = databases.fresh("postgresql")
    file = DroppedFile(file_id="F1", ts="1.0", name="x.csv", url="u", channel="C", thread_ts="1.0", kind="csv", size=1)
    with opened(url) as one, opened(url) as other:
        with one.begin() as tx:
            tx.uploads.offer(file, "U1", "", START)
        taken = take_upload(one, UploadState.OFFERED, START)
        assert taken is not None
        assert take_upload(other, UploadState.OFFERED, START + timedelta(seconds=seconds)) is None
        try:
            keep_upload(one, taken, 1, Tally(), START + timedelta(seconds=seconds))
        except TakenOver:
            pytest.fail("it is ours still")
        assert take_upload(other, UploadState.OFFERED, START + timedelta(seconds=seconds)) is None


def test_a_clock_that_is_set_back_an_hour_holds_no_card_up(world: World) -> None:
    """Neither the next card of a channel, nor one that was written before and not sent yet."""
    world.posted_card()
    world.send_mql("carl@carl.example", name="Carl")
    world.baton.scheduler.run_all()
    world.clock.set_back(hours=1)
    passed = world.clock.monotonic()
    world.deliver()
    assert "Carl" in world.card().text
    world.send_mql("cora@cora.example", name="Cora")
    world.run()
    assert "Cora" in world.card().text
    assert world.clock.monotonic() - passed < 10
    assert len(world.slack.bot_messages("#inbound")) == 3


def test_a_clock_that_is_set_back_costs_no_lease(world: World) -> None:
    world.posted_card()
    with world.store.read() as tx:
        before = tx.leases.all()
    world.clock.set_back(hours=1)
    world.clock.advance(minutes=1)
    world.deliver()
    with world.store.read() as tx:
        assert [(name, holder) for name, holder, _ in tx.leases.all()] == [(name, holder) for name, holder, _ in before]
    assert world.baton.dispatcher.drain(wait=world.clock.advance) == 0


def test_what_is_late_is_told_to_operators(world: World) -> None:
    """By /readyz without calling the bot unready, by /metrics in seconds, and by the doctor."""
    world.send_mql()
    world.baton.scheduler.run_all()
    assert world.http.get("/readyz").json() == {"status": "ok"}
    world.clock.advance(minutes=20)
    answer = world.http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["late"] == "Messages to Slack are late: 1 wait, the oldest since 2026-11-16 09:00 UTC"
    assert "baton_outbox_oldest_seconds 1200.0" in world.http.get("/metrics").text
    with world.store.read() as tx:
        assert late_messages(tx) == answer.json()["late"]
    world.deliver()
    assert world.http.get("/readyz").json() == {"status": "ok"}


def test_the_doctor_tells_what_is_late(here: Path) -> None:
    assert baton(here, "migrate").returncode == 0
    with opened(f"sqlite:///{here / 'baton.db'}") as store, store.begin() as tx:
        since = tx.now() - timedelta(hours=1)
        tx.outbox.add([RefreshHome(user="U1")], since)
    told = f"1 wait, the oldest since {since:%Y-%m-%d %H:%M} UTC; is baton serve running"
    assert told in baton(here, "doctor").stdout


def test_a_clock_that_is_set_back_lets_intervals_go_on_and_no_local_time_come_twice(one: Replicas) -> None:
    every_minute, mondays = one.job(EVERY_MINUTE), one.job(MONDAYS)
    assert [one.tick(every_minute), one.tick(mondays)] == [1, 1]
    one.clock.set_back(days=8)
    assert [one.tick(every_minute), one.tick(every_minute)] == [1, 0]
    assert one.tick(mondays) == 0
    one.clock.advance(minutes=1)
    assert one.tick(every_minute) == 1
