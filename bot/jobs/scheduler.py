"""The scheduler: APScheduler ticks in every replica, leases in the database keep the work single."""

import logging
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock
from bot.jobs.table import Job
from storage.store import Store

log = logging.getLogger(__name__)

LEASE_FOR = timedelta(minutes=1)
"""After this time another replica believes a job's runner dead. Two at once do no harm, only work for nothing."""


def run_job(store: Store, job: Job, now: datetime, holder: str) -> int | None:
    """Run a job unless another replica is at it; how many things it did, or None."""
    if not job.is_due(now):
        return 0
    if job.everywhere:
        return job.run(now)
    name = f"job:{job.name}"
    with store.begin() as tx:
        if not tx.leases.acquire(name, holder, now, now + LEASE_FOR):
            return None
    try:
        return job.run(now)
    finally:
        with store.begin() as tx:
            tx.leases.acquire(name, holder, now, now)


class Scheduler:
    """Runs the jobs on their cadence."""

    def __init__(self, store: Store, jobs: list[Job], clock: Clock, holder: str) -> None:
        self._store, self._jobs, self._clock, self._holder = store, jobs, clock, holder
        # That a job is still at work when its next turn comes is no news: a long import takes many turns.
        logging.getLogger("apscheduler.scheduler").addFilter(lambda record: "maximum number" not in record.getMessage())
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(len(jobs))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin; every job runs once at once."""
        for job in self._jobs:
            trigger = IntervalTrigger(seconds=job.every.total_seconds())
            self._scheduler.add_job(
                self._run,
                trigger,
                args=[job],
                id=job.name,
                next_run_time=datetime.now(self._scheduler.timezone),
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Let running jobs finish, and stop."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def run_all(self) -> dict[str, int | None]:
        """Run every job once, here and now; what each did."""
        return {job.name: run_job(self._store, job, self._clock(), self._holder) for job in self._jobs}

    def _run(self, job: Job) -> None:
        try:
            run_job(self._store, job, self._clock(), self._holder)
        except Exception:
            log.exception("job %s failed", job.name)
