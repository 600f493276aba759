"""The jobs: name, cadence, what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.intake.doors import Doors, replay
from bot.jobs.uploads import Uploads
from bot.policy_in_force import PolicyInForce
from bot.slack.directory import Directory
from bot.usecases.announce_mqls import announce_mqls, has_due_leads
from bot.usecases.keep_body import bodies_left_behind
from bot.usecases.release_gone import release_gone
from bot.usecases.replies import forget_old
from bot.usecases.rescore_leads import is_rescoring_due, rescore_leads
from bot.usecases.watch_sla import has_ladders_due, watch_sla
from bot.usecases.work_on_upload import uploads_wait
from funnel.upload import UploadState
from storage.store import Store

RESCORING_TURN = timedelta(seconds=20)
"""After which the next batch waits for the job's next turn; well within the lease."""


@dataclass(frozen=True)
class Job:
    """Something done every so often, by one replica at a time.

    `run` returns how many things it did; `is_due`, a mere look, spares the lease when there is nothing to do.
    A job that is done `everywhere` is each replica's own.
    """

    name: str
    every: timedelta
    does: str
    run: Callable[[datetime], int]
    is_due: Callable[[datetime], bool] = lambda now: True
    everywhere: bool = False


def job_table(
    store: Store, policy: PolicyInForce, clock: Clock, directory: Directory, doors: Doors, uploads: Uploads
) -> list[Job]:
    """All jobs."""
    return [
        Job(
            "announce_mqls",
            timedelta(seconds=2),
            "score what changed, and open a cycle for each new MQL",
            lambda now: announce_mqls(store, policy(), now),
            lambda now: has_due_leads(store, now),
        ),
        Job(
            "watch_sla",
            timedelta(seconds=5),
            "remind, tell and assign where a lead has waited for too long",
            lambda now: watch_sla(store, policy(), now),
            lambda now: has_ladders_due(store, now),
        ),
        *_policy_jobs(store, policy, clock),
        Job(
            "replay_bodies",
            timedelta(minutes=1),
            "work through what a process that died had accepted",
            lambda now: replay(doors, bodies_left_behind(store, now)),
        ),
        *_upload_jobs(store, uploads),
        Job(
            "refresh_people",
            timedelta(hours=1),
            "ask Slack who people are, and offer the leads of those who left",
            lambda now: directory.refresh() + release_gone(store, policy(), now),
        ),
        Job(
            "forget_old",
            timedelta(hours=6),
            "forget the answers to old Idempotency-Keys, and messages sent a month ago",
            lambda now: forget_old(store, now),
        ),
    ]


def _upload_jobs(store: Store, uploads: Uploads) -> list[Job]:
    return [
        Job(
            "read_uploads",
            timedelta(seconds=1),
            "say what would become of a file that was dropped",
            lambda now: uploads.read_offered(),
            lambda now: uploads_wait(store, UploadState.OFFERED, now),
        ),
        Job(
            "import_uploads",
            timedelta(seconds=2),
            "import the files that somebody decided on",
            lambda now: uploads.import_queued(),
            lambda now: uploads_wait(store, UploadState.IMPORTING, now),
        ),
    ]


def _policy_jobs(store: Store, policy: PolicyInForce, clock: Clock) -> list[Job]:
    return [
        Job(
            "follow_policy",
            timedelta(seconds=5),
            "take over the policy in force, and put a changed file in force",
            lambda now: policy.look(store, now),
            everywhere=True,
        ),
        Job(
            "rescore_leads",
            timedelta(seconds=5),
            "after a change of the policy, score every lead anew",
            lambda now: rescore_leads(store, policy(), clock, lambda progress: clock() - now < RESCORING_TURN),
            lambda now: is_rescoring_due(store, policy()),
        ),
    ]
