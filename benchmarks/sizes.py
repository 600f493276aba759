"""A large store of leads with long notes: what a search, /metrics and an idle tick take, and what caches keep."""

import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from benchmarks.measure import Line, in_ms, median_of
from benchmarks.scoring import LEADS
from benchmarks.stock import NOW, stock
from bot.metrics import Metrics
from bot.usecases.announce_mqls import has_due_leads
from funnel.lead import Engagement
from storage.engine import open_engine
from storage.store import Store
from tests.support.databases import Databases

MANY = min(200_000, LEADS)
NOTES = {
    "sqlite": "UPDATE lead SET attributes = json_object('notes', hex(randomblob(1500)))",
    "postgresql": (
        "UPDATE lead SET attributes = json_build_object('notes', (SELECT string_agg(md5(lead.id::text || n::text), '') "
        "FROM generate_series(1, 94) AS n))"
    ),
}
"""Three thousand signs that no two leads share."""
TEXTS, LONG = 1_000, 50_000
"""Engagements, each with a text of so many signs."""


def run(databases: Databases) -> Iterator[Line]:
    """Everything on each database."""
    for kind in ("sqlite", "postgresql"):
        store, small = (Store(open_engine(databases.fresh(kind))) for _ in range(2))
        for one, leads in ((store, MANY), (small, 1_000)):
            stock(one, leads, 0)
            _write_notes(one, kind)
        yield from _searches(store, kind)
        yield _scrape(store, kind)
        large, little = (_idle(one) for one in (store, small))
        what = f"idle tick, {MANY:,} leads with long notes, against 1,000"
        yield Line(what, kind, in_ms(large), in_ms(little), large / little, "at most 1.5")
        yield _kept(small, kind)
        store.close()
        small.close()


def _idle(store: Store) -> float:
    return median_of(200, lambda: has_due_leads(store, NOW))


def _write_notes(store: Store, kind: str) -> None:
    with store.begin() as tx:
        tx.connection.exec_driver_sql(NOTES[kind])
    if not store.is_sqlite:  # what autovacuum would do within a minute of such a load
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM FULL ANALYZE")


def _searches(store: Store, kind: str) -> Iterator[Line]:
    """A text that few leads contain, and one that all do, against the plain statement that reads all rows."""
    for what, text in (("few", f"p {MANY - 1}"), ("all", "c1")):
        limit, ours = median_of(3, partial(_scan, store, text)), median_of(5, partial(_find, store, text))
        goal = "at most 0.5" if kind == "sqlite" else "at most 1"
        yield Line(f"search of a text in {what} of {MANY:,} leads", kind, in_ms(ours), in_ms(limit), ours / limit, goal)


def _find(store: Store, text: str) -> None:
    with store.read() as tx:
        assert tx.leads.find(text)


def _scan(store: Store, text: str) -> None:
    facts = " OR ".join(f"lower({name}) LIKE '%%{text}%%'" for name in ("name", "company", "email"))
    with store.read() as tx:
        asked = f"SELECT * FROM lead WHERE {facts} ORDER BY last_activity_at DESC LIMIT 20"
        tx.connection.exec_driver_sql(asked if not store.is_sqlite else asked.replace("%%", "%")).all()


def _scrape(store: Store, kind: str) -> Line:
    """All of /metrics, against counting the leads of each stage."""
    metrics = Metrics(store, lambda: NOW)
    limit = median_of(3, lambda: _count(store))
    ours = median_of(20, metrics.text)
    what = f"/metrics of {MANY:,} leads, against counting them"
    return Line(what, kind, in_ms(ours), in_ms(limit), ours / limit, "at most 0.1")


def _count(store: Store) -> None:
    with store.read() as tx:
        tx.connection.exec_driver_sql("SELECT stage, count(*) FROM lead GROUP BY stage").all()


def _kept(store: Store, kind: str) -> Line:
    """The memory that is held after long texts were read, against the texts."""
    events = [(1 + n % 1_000, _event(n)) for n in range(TEXTS)]
    with store.begin() as tx:
        tx.engagements.add(events, "bench", NOW)
    del events
    tracemalloc.start()
    for first in range(1, 1_000, 100):
        with store.read() as tx:
            tx.scores.events(first, first + 99)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    read = TEXTS * LONG
    what = f"memory held of {TEXTS:,} texts of {LONG // 1000} kB that were read"
    return Line(what, kind, f"{kept / 1e6:.1f} MB", f"{read / 1e6:.0f} MB", kept / read, "at most 0.02")


def _event(n: int) -> Engagement:
    properties = {"text": f"{n} ".ljust(LONG, "x")}
    at = NOW - timedelta(minutes=n)
    return Engagement(kind="page_view", occurred_at=at, event_id=f"long{n}", properties=properties)
