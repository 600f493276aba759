"""The jobs: name, cadence, what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.slack.directory import Directory
from bot.usecases.announce_mqls import announce_mqls, has_due_leads
from bot.usecases.replies import forget_old
from funnel.policy import Policy
from storage.store import Store


@dataclass(frozen=True)
class Job:
    """Something done every so often, by one replica at a time.

    `run` returns how many things it did; `is_due`, a mere look, spares the lease when there is nothing to do.
    """

    name: str
    every: timedelta
    does: str
    run: Callable[[datetime], int]
    is_due: Callable[[datetime], bool] = lambda now: True


def job_table(store: Store, policy: Policy, directory: Directory) -> list[Job]:
    """All jobs."""
    return [
        Job(
            "announce_mqls",
            timedelta(seconds=2),
            "score what changed, and open a cycle for each new MQL",
            lambda now: announce_mqls(store, policy, now),
            lambda now: has_due_leads(store, now),
        ),
        Job(
            "refresh_people",
            timedelta(hours=12),
            "ask Slack who people are",
            lambda now: directory.refresh(),
        ),
        Job(
            "forget_old",
            timedelta(hours=6),
            "forget the answers to old Idempotency-Keys, and messages sent a month ago",
            lambda now: forget_old(store, now),
        ),
    ]
