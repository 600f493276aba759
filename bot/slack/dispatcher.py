"""The dispatcher: takes letters lane by lane, at Slack's pace, under a lease that keeps it the only one."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Protocol

from bot.clock import Clock
from storage.errors import StorageError
from storage.outbox import Letter
from storage.store import Store

IN_FLIGHT = 8
PACE = timedelta(seconds=1)
"""Between two messages in one channel, as Slack asks."""
TAKEN_FOR = timedelta(seconds=30)
"""How long a taken letter is ours; three times Slack's time to answer."""
LEASE = "outbox"
LEASE_FOR = timedelta(seconds=15)
LOOK_EVERY = 0.5
"""Seconds between two looks for letters that other replicas wrote."""

log = logging.getLogger(__name__)


class Sender(Protocol):
    """Who sends a letter."""

    def may_send(self) -> bool:
        """Whether any letter can be sent now; while none can, all of them wait as they are."""

    def hold_up(self, letter_id: int) -> None:
        """Note why a letter waits that may not be sent now."""

    def deliver(self, letter: Letter) -> datetime | None:
        """Send a letter and note what became of it; until when its lane must wait, if Slack said so."""

    def broke(self, letter: Letter, error: BaseException) -> None:
        """Note that sending raised something nobody expected."""


class Dispatcher:
    """One thread that hands letters to a few workers; each lane has one letter in flight at a time."""

    def __init__(
        self,
        store: Store,
        sender: Sender,
        clock: Clock,
        holder: str,
        count_failure: Callable[[str], object] = lambda job: None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`count_failure` is called with the name `send_outbox` when the outbox cannot be worked on.

        `monotonic` tells the seconds that have passed, by which it waits: no clock that is set back holds it up.
        """
        self._count_failure = count_failure
        self._store, self._sender, self._clock, self._holder = store, sender, clock, holder
        self._monotonic = monotonic
        self._wake = threading.Event()
        self._stopping = False
        self._busy: set[str] = set()
        self._free_at: dict[str, float] = {}
        self._lock = threading.Lock()
        self._leased_until: float | None = None
        self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="delivery")
        self._thread: threading.Thread | None = None

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs, if it was started."""
        return self._thread is None or self._thread.is_alive()

    def wake(self) -> None:
        """Look for letters now."""
        self._wake.set()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let what is in flight finish, and stop."""
        self._stopping = True
        self._wake.set()
        if self._thread:
            self._thread.join()
        self._pool.shutdown(wait=True)

    def drain(self, wait: Callable[[float], None] = time.sleep) -> int | None:
        """Send everything that is due, here and now, at the pace Slack asks for; how many.

        None when another process holds the lease and sends already.
        """
        sent = 0
        while self._has_lease():
            now = self._monotonic()
            self._recover()
            heads = self._heads()
            if not heads or self._is_held_up(heads):
                return sent
            ready = [(lane, head) for lane, head in heads if self._free_at.get(lane, now) <= now]
            for lane, letter_id in ready:
                letter = self._take(letter_id) if self._sender.may_send() else None
                if letter:
                    self._start(lane, letter).result()
                    sent += 1
            if not ready:
                wait(min(self._free_at[lane] for lane, _ in heads) - now)
        return None

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping:
            self._wake.wait(pause)
            self._wake.clear()
            try:
                pause = self._round() if self._has_lease() else LEASE_FOR.total_seconds() / 3
            except StorageError as error:
                log.warning("the outbox cannot be worked on: %s", error, exc_info=error)
                self._count_failure("send_outbox")
                pause = 2.0

    def _has_lease(self) -> bool:
        """Whether we are the dispatcher; the lease is renewed well before it ends."""
        asked_at = self._monotonic()
        if self._leased_until and asked_at < self._leased_until - LEASE_FOR.total_seconds() / 2:
            return True
        with self._store.begin() as tx:
            now = tx.now()
            got = tx.leases.acquire(LEASE, self._holder, now, now + LEASE_FOR)
        self._leased_until = asked_at + LEASE_FOR.total_seconds() if got else None
        return got

    def _round(self) -> float:
        """Start what can be started; seconds until the next look."""
        now = self._monotonic()
        self._recover()
        pauses, heads = [LOOK_EVERY], self._heads()
        for lane, letter_id in heads:
            free_at = self._free_at.get(lane, now)
            if lane in self._busy or len(self._busy) >= IN_FLIGHT:
                continue
            if self._is_held_up(heads):
                break
            if free_at > now:
                pauses.append(free_at - now)
                continue
            letter = self._take(letter_id)
            if letter:
                self._start(lane, letter)
        return max(0.0, min(pauses))

    def _is_held_up(self, heads: list[tuple[str, int]]) -> bool:
        """Whether nothing may be sent now; the oldest letter then tells why."""
        if self._sender.may_send():
            return False
        self._sender.hold_up(heads[0][1])
        return True

    def _start(self, lane: str, letter: Letter) -> "Future[None]":
        with self._lock:
            self._busy.add(lane)
        return self._pool.submit(self._handle, lane, letter)

    def _handle(self, lane: str, letter: Letter) -> None:
        blocked_until = None
        try:
            blocked_until = self._sender.deliver(letter)
        except Exception as error:  # noqa: BLE001  whatever one letter does, the next must go out
            self._break(letter, error)
        finally:
            self._free(lane, blocked_until)

    def _break(self, letter: Letter, error: Exception) -> None:
        try:
            self._sender.broke(letter, error)
        except StorageError as gone:  # it stays taken, and is taken up again when its time is over
            log.warning("notice %s cannot be settled: %s", letter.id, gone, exc_info=gone)
            self._count_failure("send_outbox")

    def _free(self, lane: str, blocked_until: datetime | None) -> None:
        now = self._monotonic()
        pace = PACE if lane.startswith("post:") else timedelta(0)
        wait = max(pace, blocked_until - self._clock()) if blocked_until else pace
        with self._lock:
            self._free_at = {name: at for name, at in self._free_at.items() if at > now}
            self._free_at[lane] = now + wait.total_seconds()
            self._busy.discard(lane)
        self._wake.set()

    def _recover(self) -> None:
        with self._store.read() as tx:
            orphaned = tx.outbox.has_orphans(tx.now())
        if orphaned:
            with self._store.begin() as tx:
                tx.outbox.recover(tx.now())

    def _heads(self) -> list[tuple[str, int]]:
        with self._store.read() as tx:
            return tx.outbox.heads(tx.now())

    def _take(self, letter_id: int) -> Letter | None:
        with self._store.begin() as tx:
            return tx.outbox.take(letter_id, tx.now() + TAKEN_FOR)
