"""Scoring: an engagement, a look for who is due, and all leads anew, each against the bare database.

The large store holds a million leads who did ten things each; BATON_BENCH_LEADS makes it smaller.
"""

import os
import resource
import time
from collections.abc import Iterator
from datetime import timedelta

from benchmarks.measure import Line, in_ms, median_of
from benchmarks.stock import NOW, stock
from bot.policy_file import example_path, load_policy
from bot.usecases.announce_mqls import announce_mqls, has_due_leads
from bot.usecases.backtest_policy import backtest_policy
from bot.usecases.record_engagements import Seen, record_engagements
from bot.usecases.rescore_leads import rescore_leads
from funnel.lead import Engagement
from funnel.policy import Policy
from storage.engine import open_engine
from storage.store import Store
from tests.support.databases import Databases

LEADS = int(os.environ.get("BATON_BENCH_LEADS", "1000000"))
EACH, BATCH, TURNS = 10, 1_000, 7
PAST = 100_000

_POINTS = "CASE kind WHEN 'webinar' THEN 20 WHEN 'download' THEN 8 WHEN 'page_view' THEN 10 ELSE 2 END"
_AGE = {
    "sqlite": "(julianday('2026-11-22 12:00:00') - julianday(occurred_at))",
    "postgresql": "(extract(epoch FROM timestamptz '2026-11-22 12:00:00Z' - occurred_at)::float8 / 86400)",
}


def run(databases: Databases) -> Iterator[Line]:
    """Everything on each database."""
    policy = load_policy(example_path(), [])
    for kind in ("sqlite", "postgresql"):
        store = Store(open_engine(databases.fresh(kind)))
        small = Store(open_engine(databases.fresh(kind)))
        stock(store, LEADS, EACH)
        stock(small, 1_000, EACH)
        yield from _rescoring(store, policy, kind)
        rescore_leads(small, policy, lambda: NOW)
        yield from _engagements(store, policy, kind)
        yield from _idle(store, small, kind)
        yield _backtest(databases, policy, kind)
        store.close()
        small.close()


def _rescoring(store: Store, policy: Policy, kind: str) -> Iterator[Line]:
    """All leads, against one statement that sums and stores; the moves to new stages are the tick's.

    The first scoring also makes every row longer; after a change of the policy the rows keep their length.
    """
    changed = load_policy(example_path(), []).model_copy(update={"version": "changed"})
    for rule, how, goal in ((policy, "for the first time", ""), (changed, "anew", "at most 10")):
        limit = _timed(lambda: _plain_sum(store, kind))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ours = _timed(lambda rule=rule: rescore_leads(store, rule, lambda: NOW))
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        what = f"score {LEADS:,} leads and {LEADS * EACH:,} engagements {how} ({more:.0f} MB more)"
        yield Line(what, kind, f"{ours:.1f} s", f"{limit:.1f} s", ours / limit, goal)


def _plain_sum(store: Store, kind: str) -> None:
    total = f"sum({_POINTS} * pow(2, -{_AGE[kind]} / 14.0))"
    if kind == "postgresql":  # pow() of PostgreSQL raises on what is too small to be told from nothing
        total = f"sum({_POINTS} * pow(2, greatest(-{_AGE[kind]} / 14.0, -900)))"
    with store.begin() as tx:
        tx.connection.exec_driver_sql(
            f"UPDATE lead SET behaviour = found.points FROM (SELECT lead_id, {total} AS points FROM engagement "
            "GROUP BY lead_id) AS found WHERE lead.id = found.lead_id"
        )


def _engagements(store: Store, policy: Policy, kind: str) -> Iterator[Line]:
    """A thousand engagements of a thousand leads, stored and scored, against storing them alone."""
    alone, scored = [], []
    for turn in range(TURNS):
        events = [(1 + (turn * 7919 + n * 997) % LEADS, _event(f"a{turn}:{n}")) for n in range(BATCH)]
        alone.append(_with_its_log(store, lambda events=events: _store_alone(store, events)))
        seen = [Seen(event=_event(f"b{turn}:{n}"), lead_id=lead_id) for n, (lead_id, _) in enumerate(events)]
        scored.append(_with_its_log(store, lambda seen=seen: record_engagements(store, policy, seen, "bench", NOW)))
        announce_mqls(store, policy, NOW)
    ours, limit = sorted(scored)[TURNS // 2], sorted(alone)[TURNS // 2]
    goal = "at most 3" if kind == "sqlite" else "at most 4.5"
    what = f"score {BATCH:,} engagements, against storing them"
    yield Line(what, kind, in_ms(ours), in_ms(limit), ours / limit, goal)


def _with_its_log(store: Store, work: object) -> float:
    """Seconds of a transaction that copies its own part of SQLite's log into the file; else it is chance which does."""
    _copy_log(store)
    started = time.perf_counter()
    work()  # type: ignore[operator]
    _copy_log(store)
    return time.perf_counter() - started


def _copy_log(store: Store) -> None:
    if store.is_sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _event(event_id: str) -> Engagement:
    return Engagement(kind="email_open", occurred_at=NOW, event_id=event_id)


def _store_alone(store: Store, events: list[tuple[int, Engagement]]) -> None:
    with store.begin() as tx:
        tx.engagements.add(events, "bench", NOW)


def _idle(store: Store, small: Store, kind: str) -> Iterator[Line]:
    large = median_of(200, lambda: has_due_leads(store, NOW))
    little = median_of(200, lambda: has_due_leads(small, NOW))
    scan = median_of(3, lambda: _scan(store))
    what = f"idle tick, {LEADS:,} leads"
    yield Line(f"{what}, against 1,000", kind, in_ms(large), in_ms(little), large / little, "at most 1.5")
    yield Line(f"{what}, against a scan", kind, in_ms(large), in_ms(scan), large / scan, "at most 0.01")


def _scan(store: Store) -> None:
    with store.read() as tx:
        tx.connection.exec_driver_sql("SELECT count(*) FROM lead WHERE fit + behaviour >= 60").all()


def _backtest(databases: Databases, policy: Policy, kind: str) -> Line:
    store = Store(open_engine(databases.fresh(kind)))
    stock(store, min(PAST, LEADS), EACH)
    limit = _timed(lambda: _read_all(store))
    ours = _timed(lambda: backtest_policy(store, policy, policy, NOW - timedelta(days=90), NOW))
    store.close()
    what = f"backtest over {min(PAST, LEADS):,} leads, against reading their engagements"
    return Line(what, kind, f"{ours:.1f} s", f"{limit:.1f} s", ours / limit, "seconds")


def _read_all(store: Store) -> None:
    with store.read() as tx:
        for first in range(1, min(PAST, LEADS), 5_000):
            tx.scores.events(first, first + 4_999)


def _timed(work: object) -> float:
    started = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - started
