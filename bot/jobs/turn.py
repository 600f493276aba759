"""One turn of a job: taken by one replica, held under a lease for as long as it lasts, and noted."""

import logging
import threading
from datetime import datetime, timedelta
from types import TracebackType

from bot.clock import Clock
from bot.slack.trouble import SlackTrouble
from bot.usecases.again import again_on_conflict
from funnel.errors import FunnelError
from storage.errors import StorageError
from storage.store import Store

LEASE_FOR = timedelta(minutes=1)
"""After this time another replica believes a job's runner dead. Two at once do no harm, only work for nothing."""

RENEW_EVERY = timedelta(seconds=20)

log = logging.getLogger(__name__)


class Turn:
    """An occurrence of a job. `take` it, then run the job inside its `with`, and say in `did` how much it did."""

    def __init__(
        self, store: Store, job: str, occurrence: datetime, clock: Clock, holder: str, *, may_repeat: bool = False
    ) -> None:
        """`may_repeat`: once the clock was set back, an occurrence from before the last run may be taken."""
        self._store, self._job, self._occurrence, self._may_repeat = store, job, occurrence, may_repeat
        self._clock, self._holder = clock, holder
        self._lease = f"job:{job}"
        self._over = threading.Event()
        self._renewer = threading.Thread(target=self._renew, name=f"lease of {job}", daemon=True)
        self.did: int | None = None

    def is_over(self) -> bool:
        """Whether it was run; a mere look, by the primary key."""
        with self._store.read() as tx:
            return tx.job_runs.is_over(self._job, self._occurrence, tx.now(), may_repeat=self._may_repeat)

    def take(self, *, again: bool = False) -> bool | None:
        """Make it ours; False when it was run already (unless `again`), None while another replica is at the job.

        A run whose process died has the lease no more and has not ended: its turn is taken once more.
        """
        with self._store.begin() as tx:
            now = tx.now()
            if not tx.leases.acquire(self._lease, self._holder, now, now + LEASE_FOR):
                return None
            runs, repeat = tx.job_runs, self._may_repeat
            if runs.take(self._job, self._occurrence, now, self._holder, again=again, may_repeat=repeat):
                return True
            tx.leases.give_back(self._lease, self._holder)
        return False

    def __enter__(self) -> None:
        self._renewer.start()

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Note how it ended; one that was broken off (Ctrl-C) has not ended, and may be taken at once."""
        self._over.set()
        self._renewer.join()
        self._end(None if error is None else in_a_line(error), is_over=error is None or isinstance(error, Exception))

    @again_on_conflict
    def _end(self, error: str | None, *, is_over: bool) -> None:
        # The lease comes first here as in `take`, or the two could wait for each other.
        with self._store.begin() as tx:
            tx.leases.give_back(self._lease, self._holder)
            if is_over:
                now = self._clock()
                tx.job_runs.end(self._job, self._occurrence, self._holder, now, self.did, error or "")

    def _renew(self) -> None:
        """Keep the lease while the run lasts."""
        while not self._over.wait(RENEW_EVERY.total_seconds()):
            try:
                with self._store.begin() as tx:
                    now = tx.now()
                    is_ours = tx.leases.acquire(self._lease, self._holder, now, now + LEASE_FOR)
            except StorageError as error:
                log.warning("the lease of job %s could not be renewed: %s", self._job, error, exc_info=error)
                continue
            if not is_ours:
                log.warning("job %s took so long to renew its lease that another replica took it over", self._job)
                return


def in_a_line(error: BaseException) -> str:
    """An error's type, and the sentence of one of ours. What a library says is left out: it may quote people's data."""
    said = ""
    if isinstance(error, FunnelError):
        said = error.sentence
    elif isinstance(error, StorageError | SlackTrouble):
        said = str(error)
    return " ".join(f"{type(error).__name__}: {said}".removesuffix(": ").split())
