"""The jobs: what they do and how their last runs went."""

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.cli.output import AsJson, say_json, say_table
from bot.cli.stores import open_ready_store
from bot.clock import utc_now
from bot.jobs.plan import JobPlan, cadence_text, next_occurrence, occurrence
from bot.jobs.table import JOBS
from bot.settings import load_settings
from storage.job_runs import JobRun


class Told(NamedTuple):
    """What is told of a job. `next_run` is None where nobody can say: for want of work, or each replica for itself."""

    plan: JobPlan
    last: JobRun | None
    result: str
    next_run: datetime | None


def jobs(as_json: AsJson = False) -> None:
    """Show the jobs: what each does, its last run that had work, how it went, and when the next one is."""
    settings, now = load_settings(), utc_now()
    with open_ready_store(settings, may_make=False).read() as tx:
        runs = tx.job_runs.all()
        at = tx.now()
        held = {name for name, _, until in tx.leases.all() if until >= at}
    told = [tell(plan, runs.get(plan.name), now, is_held=f"job:{plan.name}" in held) for plan in JOBS]
    if as_json:
        return say_json([_json(one) for one in told])
    head = ["Name", "Cadence", "What it does", f"Last run ({settings.baton_timezone})", "Result", "Next run"]
    return say_table(head, [_row(one, settings.zone, now) for one in told])


def tell(plan: JobPlan, last: JobRun | None, now: datetime, *, is_held: bool) -> Told:
    """What is told of a job whose lease somebody holds, or nobody."""
    next_run = None
    if not plan.if_any and not plan.everywhere:
        present = occurrence(plan, now)
        next_run = next_occurrence(plan, now) if last and last.occurrence >= present else present
    return Told(plan, last, _result(last, is_held), next_run)


def _result(last: JobRun | None, is_held: bool) -> str:
    if last is None:
        return "never yet"
    if last.done_at is None:
        return "at it" if is_held else "broken off"
    if last.error:
        return f"failed: {last.error}"
    return f"did {last.did:,}" if last.did else "nothing to do"


def _took(last: JobRun) -> timedelta | None:
    return last.done_at - last.started_at if last.done_at else None


def _row(told: Told, zone: ZoneInfo, now: datetime) -> tuple[str, ...]:
    plan, last, result, next_run = told
    named = (plan.name, cadence_text(plan.cadence), plan.does)
    if plan.everywhere:
        return (*named, "", "each replica’s own", "")
    ran = _local(last.started_at, zone) if last else ""
    if last and (took := _took(last)):
        ran += f", took {took.total_seconds():,.2f} s"
    if next_run is None:
        return (*named, ran, result, "when there is work")
    return (*named, ran, result, "due" if next_run <= now else _local(next_run, zone))


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _json(told: Told) -> dict[str, object]:
    plan, last, result, next_run = told
    took = _took(last) if last else None
    return {
        "name": plan.name,
        "every": cadence_text(plan.cadence),
        "does": plan.does,
        "everywhere": plan.everywhere,
        "last_run": last.started_at.isoformat() if last else None,
        "seconds": took.total_seconds() if took is not None else None,
        "result": "" if plan.everywhere else result,
        "did": last.did if last else None,
        "error": last.error if last else "",
        "next_run": next_run.isoformat() if next_run else None,
    }
