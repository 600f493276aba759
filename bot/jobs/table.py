"""The jobs: name, cadence, what it does; and what runs for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.clock import Clock
from bot.intake.doors import Doors, replay
from bot.jobs.plan import JobPlan
from bot.jobs.uploads import Uploads
from bot.metrics import ProcessFigures
from bot.policy_in_force import PolicyInForce
from bot.slack.directory import Directory
from bot.slack.standing import AppStanding
from bot.slack.trouble import SlackTrouble
from bot.usecases.announce_mqls import announce_mqls, has_due_leads
from bot.usecases.follow_hours import look_anew
from bot.usecases.keep_body import bodies_left_behind
from bot.usecases.refresh_homes import EVERY as REFRESH_EVERY
from bot.usecases.refresh_homes import has_moved, refresh_homes
from bot.usecases.release_gone import release_gone
from bot.usecases.replies import forget_old
from bot.usecases.rescore_leads import is_rescoring_due, rescore_leads
from bot.usecases.send_digests import digests_due, send_digests
from bot.usecases.watch_sla import has_ladders_due, watch_sla
from bot.usecases.work_on_upload import uploads_wait
from funnel.policy import Policy
from funnel.upload import UploadState
from storage.store import Store

RESCORING_TURN = timedelta(seconds=20)
"""After which the next batch waits for the job's next turn; well within the lease."""


JOBS = (
    JobPlan(
        "announce_mqls",
        timedelta(seconds=2),
        "score what changed, and open a cycle for each new MQL",
        if_any=True,
    ),
    JobPlan(
        "watch_sla",
        timedelta(seconds=5),
        "remind, tell and assign where a lead has waited for too long",
        if_any=True,
    ),
    JobPlan(
        "refresh_homes",
        REFRESH_EVERY,
        "show on App Homes what colleagues did",
        if_any=True,
    ),
    JobPlan(
        "send_digests",
        timedelta(minutes=1),
        "tell people their morning, and teams their week",
        if_any=True,
    ),
    JobPlan(
        "follow_policy",
        timedelta(seconds=5),
        "take over the policy in force, and put a changed file in force",
        everywhere=True,
    ),
    JobPlan(
        "follow_people",
        timedelta(seconds=5),
        "take over what other replicas learned of people",
        everywhere=True,
    ),
    JobPlan(
        "rescore_leads",
        timedelta(seconds=5),
        "after a change of the policy, score every lead anew",
        if_any=True,
    ),
    JobPlan(
        "replay_bodies",
        timedelta(minutes=1),
        "work through what a process that died had accepted",
    ),
    JobPlan(
        "read_uploads",
        timedelta(seconds=1),
        "say what would become of a file that was dropped",
        if_any=True,
    ),
    JobPlan(
        "import_uploads",
        timedelta(seconds=2),
        "import the files that somebody decided on",
        if_any=True,
    ),
    JobPlan(
        "refresh_people",
        timedelta(hours=1),
        "ask Slack who people are and where; offer the leads of those who left",
    ),
    JobPlan(
        "check_slack",
        timedelta(minutes=1),
        "ask Slack whether it still takes our calls",
        everywhere=True,
    ),
    JobPlan(
        "forget_old",
        timedelta(hours=6),
        "forget the answers to old Idempotency-Keys, and messages sent a month ago",
    ),
)
"""All jobs, as `baton jobs` shows them."""


class Work(NamedTuple):
    """What runs for a job: `run` returns how many things it did; `look`, whether there is any to do at all."""

    run: Callable[[datetime], int]
    look: Callable[[datetime], bool] | None = None


@dataclass(frozen=True)
class Job:
    """A plan and what runs for it."""

    plan: JobPlan
    work: Work

    def is_due(self, now: datetime) -> bool:
        """Whether there may be anything to do; a mere look, which writes nothing."""
        return self.work.look is None or self.work.look(now)

    def run(self, now: datetime) -> int:
        return self.work.run(now)


def job_table(
    store: Store,
    policy: PolicyInForce,
    clock: Clock,
    directory: Directory,
    doors: Doors,
    uploads: Uploads,
    standing: AppStanding,
    figures: ProcessFigures,
) -> list[Job]:
    """All jobs, each bound to what runs for it."""
    work = {
        "watch_sla": Work(
            lambda now: watch_sla(store, policy(), now),
            lambda now: has_ladders_due(store, now),
        ),
        "refresh_homes": Work(
            lambda now: refresh_homes(store, now),
            lambda now: has_moved(store, now),
        ),
        "send_digests": Work(
            lambda now: send_digests(store, policy(), now),
            lambda now: digests_due(store, policy(), now),
        ),
        "follow_policy": Work(lambda now: policy.look(store, now)),
        "follow_people": Work(lambda now: directory.follow()),
        "replay_bodies": Work(
            lambda now: replay(doors, bodies_left_behind(store), lambda: figures.count_failure("replay_bodies"))
        ),
        "read_uploads": Work(
            lambda now: uploads.read_offered(),
            lambda now: uploads_wait(store, UploadState.OFFERED),
        ),
        "import_uploads": Work(
            lambda now: uploads.import_queued(),
            lambda now: uploads_wait(store, UploadState.IMPORTING),
        ),
        "refresh_people": Work(lambda now: _refresh_people(store, policy(), directory, now)),
        "check_slack": Work(lambda now: int(standing.check())),
        "forget_old": Work(lambda now: forget_old(store, now)),
    }
    return bound(JOBS, work | _scoring(store, policy, clock, figures))


def _scoring(store: Store, policy: PolicyInForce, clock: Clock, figures: ProcessFigures) -> dict[str, Work]:
    return {
        "announce_mqls": Work(
            lambda now: announce_mqls(store, policy(), now, figures.count_put_aside),
            lambda now: has_due_leads(store, now),
        ),
        "rescore_leads": Work(
            lambda now: rescore_leads(
                store, policy(), clock, lambda progress: clock() - now < RESCORING_TURN, figures.count_put_aside
            ),
            lambda now: is_rescoring_due(store, policy()),
        ),
    }


def _refresh_people(store: Store, policy: Policy, directory: Directory, now: datetime) -> int:
    return _ask_for_people(store, policy, directory, now) + release_gone(store, policy, now)


def _ask_for_people(store: Store, policy: Policy, directory: Directory, now: datetime) -> int:
    """How many people Slack told of; none while it refuses the app, which is told elsewhere and no fault of a run."""
    try:
        return directory.refresh(lambda tx, user: look_anew(tx, policy, user, now))
    except SlackTrouble as trouble:
        if not trouble.refuses_app:
            raise
        return 0


def bound(plans: Sequence[JobPlan], work: dict[str, Work]) -> list[Job]:
    """Each plan with what runs for it."""
    assert {plan.name for plan in plans} == work.keys(), "every job has a plan, and every plan something that runs"
    jobs = [Job(plan, work[plan.name]) for plan in plans]
    assert all(job.plan.if_any == (job.work.look is not None) for job in jobs), "who runs `if_any` has a look"
    return jobs
