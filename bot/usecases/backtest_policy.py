"""Hold a policy against the stored history, before it goes live."""

from collections.abc import Callable, Iterable
from datetime import datetime

from bot.usecases.quiet import rare_collections
from funnel.backtest import Backtest
from funnel.decay import instant, moment
from funnel.lead import lookup
from funnel.policy import Policy
from funnel.replay import Episode, replay
from funnel.scorer import scorer
from funnel.trial import Trial
from storage.past import PastCycle
from storage.store import Store, Transaction

STRETCH = 5_000
"""Ids of leads that are read at once."""


def backtest_policy(
    store: Store,
    new: Policy,
    old: Policy,
    start: datetime,
    end: datetime,
    per_week: float | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Backtest:
    """What `new` would have done from `start` to `end` in place of `old`.

    `progress` is told how many ids of how many are done. It reads, and stores nothing. A wish for so many MQLs a
    week is answered with a threshold.
    """
    trial = Trial(start, end)
    with store.read() as tx:
        last = tx.past.last_lead()
    for first in range(1, last + 1, STRETCH):
        with rare_collections(), store.read() as tx:  # a stretch each: no snapshot is held for long
            _take(tx, trial, new, old, first, min(first + STRETCH - 1, last))
        progress(min(first + STRETCH - 1, last), last)
    return trial.result(new.stamp, old.stamp, new.mql.threshold, per_week)


def _take(tx: Transaction, trial: Trial, new: Policy, old: Policy, first: int, last: int) -> None:
    leads = tx.scores.candidates(first - 1, last, STRETCH, to_change=False)
    events = tx.scores.events(first, last)
    episodes = _episodes(tx.past.cycles(first, last), trial.start, trial.end)
    customers, later = set(), set()
    if scorer(new).asks_account or scorer(old).asks_account:
        # As of the first day: whom a lead of the period made a customer must not shut that lead out.
        accounts = {one.facts["account"] for one in leads if one.facts["account"]}
        customers = tx.past.customers(accounts, moment(trial.start))
        later = tx.past.customers(accounts, moment(trial.end)) - customers
    for one in leads:
        assert one.first_seen_at is not None
        seen = instant(one.first_seen_at)
        account = one.facts["account"]
        known = lookup(one.facts, one.source, account_is_customer=account in customers)
        done = events.get(one.id, ())
        episode = episodes.get(one.id, _NONE)
        under_new = replay(scorer(new), known, done, seen, trial.start, trial.end, episode)
        same = new.hash == old.hash and new is old
        under_old = under_new if same else replay(scorer(old), known, done, seen, trial.start, trial.end, episode)
        trial.trace(seen, done)
        trial.take(under_new, under_old, episode, later_customer=account in later)


_NONE = Episode()


def _episodes(cycles: Iterable[PastCycle], start: float, end: float) -> dict[int, Episode]:
    """What became of each lead: its first cycle in the period, or its first of all."""
    found: dict[int, Episode] = {}
    for cycle in cycles:
        episode = _episode(cycle)
        known = found.get(cycle.lead_id)
        if known is None or (start <= episode.mql_at < end and not start <= known.mql_at < end):
            found[cycle.lead_id] = episode
    return found


def _episode(cycle: PastCycle) -> Episode:
    beyond = (cycle.sql_at, cycle.opportunity_at, cycle.customer_at)
    taken = [instant(at) for at in (cycle.accepted_at, *beyond, cycle.closed_at) if at is not None]
    is_sql = any(at is not None for at in beyond)
    return Episode(
        mql_at=instant(cycle.mql_at),
        taken_at=min(taken, default=_NONE.taken_at),
        is_sql=is_sql,
        is_settled=is_sql or cycle.closed_at is not None,
    )
