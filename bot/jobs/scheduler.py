"""The scheduler: APScheduler ticks in every replica; the database says who runs an occurrence."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock
from bot.jobs.plan import interval_start, occurrence
from bot.jobs.table import Job
from bot.jobs.turn import Turn
from storage.store import Store

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=30)
"""At most so long after its time a job begins, after a downtime too; a look finds by the primary key what was run."""


def run_job(store: Store, job: Job, clock: Clock, holder: str, *, by_hand: bool = False) -> int | None:
    """Run a job unless its present occurrence was run: once, then, however many it missed before.

    Returns how many things it did, or None while another replica is at it. By hand, a job of an interval is run even
    when it was run in this one already; what is done at a local time is never done twice.
    """
    now, plan = clock(), job.plan
    if not job.is_due(now):
        return 0
    if plan.everywhere:
        return job.run(now)
    is_interval = isinstance(plan.cadence, timedelta)
    again = by_hand and is_interval
    turn = Turn(store, plan.name, occurrence(plan, now), clock, holder, may_repeat=is_interval)
    if not again and turn.is_over():
        return 0
    if not (taken := turn.take(again=again)):
        return None if taken is None else 0
    with turn:
        turn.did = job.run(now)
    return turn.did


class Scheduler:
    """Runs the jobs on their cadence."""

    def __init__(
        self,
        store: Store,
        jobs: list[Job],
        clock: Clock,
        holder: str,
        count_failure: Callable[[str], object] = lambda job: None,
    ) -> None:
        """`count_failure` is called with the name of a job whose run failed."""
        self._count_failure = count_failure
        self._store, self._jobs, self._clock, self._holder = store, jobs, clock, holder
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(len(jobs))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin; every job has its first tick at once."""
        for job in self._jobs:
            cadence = job.plan.cadence
            every = min(cadence, LOOK_EVERY) if isinstance(cadence, timedelta) else LOOK_EVERY
            # The tick that has just passed is made up for, so that each later one comes right where an interval begins.
            # Ticks close to the end of intervals would leave one out whenever they are a little late.
            passed = interval_start(every, datetime.now(self._scheduler.timezone))
            trigger = IntervalTrigger(seconds=every.total_seconds(), timezone="UTC")
            self._scheduler.add_job(self._run, trigger, args=[job], id=job.plan.name, next_run_time=passed)
        self._scheduler.start()

    def stop(self) -> None:
        """Let running jobs finish, and stop."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def run_all(self) -> dict[str, int | None]:
        """Run every job once, here and now, by hand; what each did."""
        return {job.plan.name: run_job(self._store, job, self._clock, self._holder, by_hand=True) for job in self._jobs}

    def _run(self, job: Job) -> None:
        try:
            run_job(self._store, job, self._clock, self._holder)
        except Exception:
            log.exception("job %s failed", job.plan.name)
            self._count_failure(job.plan.name)
