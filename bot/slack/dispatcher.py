"""The dispatcher: takes letters lane by lane, at Slack's pace, under a lease that keeps it the only one."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

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

Deliver = Callable[[Letter], datetime | None]
log = logging.getLogger(__name__)


class Dispatcher:
    """One thread that hands letters to a few workers; each lane has one letter in flight at a time."""

    def __init__(self, store: Store, deliver: Deliver, clock: Clock, holder: str) -> None:
        self._store, self._deliver, self._clock, self._holder = store, deliver, clock, holder
        self._wake = threading.Event()
        self._stopping = False
        self._busy: set[str] = set()
        self._free_at: dict[str, datetime] = {}
        self._lock = threading.Lock()
        self._leased_until: datetime | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Look for letters now."""
        self._wake.set()

    def start(self) -> None:
        self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="delivery")
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let what is in flight finish, and stop."""
        self._stopping = True
        self._wake.set()
        if self._thread and self._pool:
            self._thread.join()
            self._pool.shutdown(wait=True)

    def drain(self, wait: Callable[[float], None] = time.sleep) -> int:
        """Send everything that is due, here and now, waiting between messages as the pace asks; how many."""
        sent = 0
        while True:
            now = self._clock()
            self._recover(now)
            heads = self._heads(now)
            if not heads:
                return sent
            ready = [(lane, head) for lane, head in heads if self._free_at.get(lane, now) <= now]
            for lane, letter_id in ready:
                letter = self._take(letter_id, now)
                if letter:
                    self._handle(lane, letter)
                    sent += 1
            if not ready:
                wait((min(self._free_at[lane] for lane, _ in heads) - now).total_seconds())

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping:
            self._wake.wait(pause)
            self._wake.clear()
            try:
                pause = self._round() if self._has_lease() else LEASE_FOR.total_seconds() / 3
            except StorageError as error:
                log.warning("the outbox cannot be read: %s", error)
                pause = 2.0

    def _has_lease(self) -> bool:
        """Whether we are the dispatcher; the lease is renewed well before it ends."""
        now = self._clock()
        if self._leased_until and now < self._leased_until - LEASE_FOR / 2:
            return True
        with self._store.begin() as tx:
            got = tx.leases.acquire(LEASE, self._holder, now, now + LEASE_FOR)
        self._leased_until = now + LEASE_FOR if got else None
        return got

    def _round(self) -> float:
        """Start what can be started; seconds until the next look."""
        now = self._clock()
        self._recover(now)
        pauses = [LOOK_EVERY]
        for lane, letter_id in self._heads(now):
            free_at = self._free_at.get(lane, now)
            if lane in self._busy or len(self._busy) >= IN_FLIGHT:
                continue
            if free_at > now:
                pauses.append((free_at - now).total_seconds())
                continue
            letter = self._take(letter_id, now)
            if letter:
                self._start(lane, letter)
        return max(0.0, min(pauses))

    def _start(self, lane: str, letter: Letter) -> None:
        assert self._pool is not None
        with self._lock:
            self._busy.add(lane)

        def done(finished: "Future[None]") -> None:
            with self._lock:
                self._busy.discard(lane)
            error = finished.exception()
            if error:
                log.error("notice %s (%s) broke", letter.id, letter.notice.kind, exc_info=error)
            self._wake.set()

        self._pool.submit(self._handle, lane, letter).add_done_callback(done)

    def _handle(self, lane: str, letter: Letter) -> None:
        blocked_until = self._deliver(letter)
        now = self._clock()
        paced = now + PACE if lane.startswith("post:") else now
        with self._lock:
            self._free_at = {name: at for name, at in self._free_at.items() if at > now}
            self._free_at[lane] = max(paced, blocked_until or paced)

    def _recover(self, now: datetime) -> None:
        with self._store.read() as tx:
            orphaned = tx.outbox.has_orphans(now)
        if orphaned:
            with self._store.begin() as tx:
                tx.outbox.recover(now)

    def _heads(self, now: datetime) -> list[tuple[str, int]]:
        with self._store.read() as tx:
            return tx.outbox.heads(now)

    def _take(self, letter_id: int, now: datetime) -> Letter | None:
        with self._store.begin() as tx:
            return tx.outbox.take(letter_id, now + TAKEN_FOR)
