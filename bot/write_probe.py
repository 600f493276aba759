"""Whether the database takes writes: found out in a thread of its own, so that no load keeps the answer waiting."""

import asyncio
import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from bot.clock import Clock
from bot.lateness import late_messages
from storage.errors import StorageError
from storage.store import Store

FRESH_SECONDS = 1.0
"""For so long an answer is given again: whoever asks often causes one small write a second."""
PATIENCE_SECONDS = 5.0
"""After which a write that has not come to an end counts as none."""

log = logging.getLogger(__name__)


class Readiness(NamedTuple):
    """Whether it can do its work: `trouble` says why not, `late` what waits for too long; each "" when all is well."""

    trouble: str
    late: str


class WriteProbe:
    """Writes a row and takes it away again, when it is asked. Two that ask at once share an answer."""

    def __init__(
        self,
        store: Store,
        holder: str,
        clock: Clock,
        fresh_seconds: float = FRESH_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """`holder` names this process among the replicas."""
        self._store, self._holder, self._clock = store, holder, clock
        self.fresh_seconds, self.patience_seconds = fresh_seconds, patience_seconds
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="write probe")
        self._answer: Future[str] | None = None
        self._asked_at = 0.0
        self.late = ""

    async def trouble(self) -> str:
        """Why the database takes no writes, in a sentence; "" when it does."""
        age = time.monotonic() - self._asked_at
        if self._answer is None or (self._answer.done() and age >= self.fresh_seconds):
            self._answer, self._asked_at = self._pool.submit(self._write), time.monotonic()
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._answer)), self.patience_seconds)
        except TimeoutError:
            return f"the database has taken no write for {self.patience_seconds:g} s: see what holds it up"

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _write(self) -> str:
        try:
            with self._store.read() as tx:
                self.late = late_messages(tx)
        except StorageError as error:
            log.warning("the database cannot be read: %s", error)
            return "the database cannot be reached"
        try:
            with self._store.begin() as tx:
                tx.leases.probe(self._holder, self._clock())
        except StorageError as error:
            log.warning("the database takes no writes: %s", error)
            # What PostgreSQL says may name its host and user, and this answer is for everybody.
            why = f" ({error})" if self._store.is_sqlite else ""
            return f"the database takes no writes{why}: make room on its disk, and see that Baton may write there"
        return ""
