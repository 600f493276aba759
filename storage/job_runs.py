"""The last run of each job: which occurrence it was of, when and how it ended."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, or_, select, update

from storage.rows import upsert_if
from storage.tables import job_run


class JobRun(NamedTuple):
    """A run; `done_at` and `did` are None until it ends, `error` is "" unless it failed."""

    name: str
    occurrence: datetime
    started_at: datetime
    done_at: datetime | None
    did: int | None
    error: str
    holder: str


class JobRuns:
    """The last runs of the jobs, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(
        self,
        name: str,
        occurrence: datetime,
        now: datetime,
        holder: str,
        *,
        again: bool = False,
        may_repeat: bool = False,
    ) -> bool:
        """Begin the run of an occurrence; False when it was run, or a later one was begun.

        Only who holds the job's lease may ask: to them, a run that has not ended is one whose process died.
        `again` takes an occurrence that was run; `may_repeat`, one from before the last, if that began after `now`: the
        clock was set back, and a job of an interval must not stand still until it has caught up.
        """
        row = JobRun(name, occurrence, now, None, None, "", holder)._asdict()
        newer = job_run.c.occurrence <= occurrence if again else job_run.c.occurrence < occurrence
        died = and_(job_run.c.occurrence == occurrence, job_run.c.done_at.is_(None))
        # The race ends in this condition: of any number of replicas, one finds the occurrence not taken.
        ahead = [job_run.c.started_at > now] if may_repeat else []
        return upsert_if(self._connection, job_run, row, or_(newer, died, *ahead))

    def end(self, name: str, occurrence: datetime, holder: str, now: datetime, did: int | None, error: str) -> None:
        """Note how a run ended, unless somebody else's has begun meanwhile."""
        ours = (job_run.c.name == name, job_run.c.occurrence == occurrence, job_run.c.holder == holder)
        self._connection.execute(update(job_run).where(*ours).values(done_at=now, did=did, error=error))

    def is_over(self, name: str, occurrence: datetime, now: datetime, *, may_repeat: bool = False) -> bool:
        """Whether an occurrence was run to its end, or a later one was begun; as `take` sees it."""
        ended = and_(job_run.c.occurrence == occurrence, job_run.c.done_at.is_not(None))
        statement = select(job_run.c.name).where(job_run.c.name == name, or_(job_run.c.occurrence > occurrence, ended))
        if may_repeat:
            statement = statement.where(job_run.c.started_at <= now)
        return self._connection.scalar(statement) is not None

    def all(self) -> dict[str, JobRun]:
        """The last run of each job that ever ran, by its name."""
        columns = [job_run.c[name] for name in JobRun._fields]
        return {row.name: JobRun(**row._asdict()) for row in self._connection.execute(select(*columns))}
