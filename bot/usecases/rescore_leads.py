"""After a change of the policy: score every lead anew, batch after batch, while all else goes on.

How far it came is a row that is written with each batch, so a killed process goes on where it was. A lead that has
earned another stage is left to the tick, which explains and announces; the batches store numbers alone.
"""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bot.usecases.again import again_on_conflict
from bot.usecases.announce_mqls import PutAside, announce_mqls
from bot.usecases.names import Name, email_names
from bot.usecases.quiet import rare_collections
from bot.usecases.score_leads import customer_accounts, numbers
from funnel.lead import lookup
from funnel.lifecycle import Stage
from funnel.policy import Policy
from storage.scores import Candidate, Rescoring
from storage.store import Store, Transaction

BATCH = 2_000
"""Leads a transaction: some tenths of a second in which others wait on SQLite."""


class Progress(BaseModel):
    """How far the leads are scored under a policy: `scored` of about `total`; `done` when all are."""

    model_config = ConfigDict(frozen=True)

    scored: int
    total: int
    done: bool


def is_rescoring_due(store: Store, policy: Policy) -> bool:
    """Whether any lead may have its score from another policy."""
    progress = rescoring_progress(store, policy)
    return progress is None or not progress.done


def rescoring_progress(store: Store, policy: Policy) -> Progress | None:
    """How far it came; None when it has not begun."""
    with store.read() as tx:
        found = tx.scores.rescoring(policy.stamp, to_change=False)
    if found is None:
        return None
    return Progress(scored=found.scored, total=max(found.last_id, found.scored), done=found.done_at is not None)


def rescore_leads(
    store: Store,
    policy: Policy,
    clock: Callable[[], datetime],
    go_on: Callable[[Progress], bool] = lambda progress: True,
    on_put_aside: PutAside = lambda lead_id: None,
) -> int:
    """Score all leads that were not yet scored under this policy; how many were.

    `go_on` is told after each batch how far it came, and says whether there is time for another. `on_put_aside` is
    called with the id of a lead that could not be scored.
    """
    total = 0
    while True:
        count, progress = _batch(store, policy, clock())
        total += count
        announce_mqls(store, policy, clock(), on_put_aside)  # at once: what waits for the tick must not pile up
        if progress.done or not go_on(progress):
            return total


@again_on_conflict
def _batch(store: Store, policy: Policy, now: datetime) -> tuple[int, Progress]:
    with store.begin() as tx:
        if not tx.policies.counts(policy.hash):
            return 0, Progress(scored=0, total=0, done=True)  # whoever follows the one that counts does it
        at = _place(tx, policy, now)
        found = [] if at.done_at else tx.scores.candidates(at.done_id, at.last_id, BATCH)
        if found:
            with rare_collections():
                _score(tx, policy, found, now)
        done = at.done_at or (now if len(found) < BATCH else None)
        if at.done_at is None:
            reached = found[-1].id if found and done is None else at.last_id
            tx.scores.note_rescoring(policy.stamp, reached, len(found), done)
    return len(found), Progress(scored=at.scored + len(found), total=at.last_id, done=done is not None)


def _place(tx: Transaction, policy: Policy, now: datetime) -> Rescoring:
    at = tx.scores.rescoring(policy.stamp)
    if at is None:
        tx.scores.begin_rescoring(policy.stamp, now)
        at = tx.scores.rescoring(policy.stamp)
    assert at is not None
    return at


def _score(tx: Transaction, policy: Policy, found: list[Candidate], now: datetime) -> None:
    events = tx.scores.events(found[0].id, found[-1].id)
    customers = customer_accounts(tx, policy, (one.facts["account"] for one in found))
    scores, due = [], []
    for one in found:
        if one.rescore_at is not None and one.rescore_at <= now:
            continue  # the tick is about to look at it
        known = lookup(one.facts, one.source, account_is_customer=one.facts["account"] in customers)
        score, standing = numbers(one.id, one.stage, one.wake_at, known, events.get(one.id, []), policy, now)
        if _has_earned(one.stage, standing.earned):
            due.append(one.id)  # under its old score, by which the tick sees that the rules have changed
        else:
            scores.append(score)
    tx.scores.save(scores)
    tx.scores.make_due(due, now)
    tx.leads.name_if_free(_further_names(found, policy))


def _further_names(found: list[Candidate], policy: Policy) -> dict[Name, int]:
    """The names that addresses have under this policy beside themselves."""
    addresses = [(one.facts["email"], one.id) for one in found if one.facts["email"]]
    return {name: lead_id for email, lead_id in addresses for name in email_names(email, policy)[1:]}


def _has_earned(stage: Stage, earned: Stage) -> bool:
    """Whether a lead nobody works on may go on to another stage."""
    return (stage is Stage.RAW and earned is not Stage.RAW) or (stage is Stage.PROSPECT and earned is Stage.MQL)
