"""One tick with a large store against the same tick with a small one: its cost grows with the change alone."""

import time
from collections.abc import Iterator

from benchmarks.measure import Line, in_ms, median_of
from bot.clock import utc_now
from bot.policy_file import example_path, load_policy
from bot.usecases.announce_mqls import announce_mqls, has_due_leads
from bot.usecases.draft import EngagementIn, LeadIn, to_draft, to_seen
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import record_engagements
from funnel.policy import Policy
from storage.engine import open_engine
from storage.store import Store
from tests.support.databases import Databases

SMALL, LARGE, CHANGED = 1_000, 100_000, 100


def run(databases: Databases) -> Iterator[Line]:
    """The tick on each database, with a hundred changed leads and with none."""
    policy = load_policy(example_path(), [])
    for kind in ("sqlite", "postgresql"):
        small, large = (_stocked(databases.fresh(kind), policy, leads) for leads in (SMALL, LARGE))
        busy, idle = [_busy(store, policy) for store in (small, large)], [_idle(store) for store in (small, large)]
        what = f"tick, {CHANGED} changed of {LARGE:,} leads against of {SMALL:,}"
        yield Line(what, kind, in_ms(busy[1]), in_ms(busy[0]), busy[1] / busy[0], "about 1")
        what = f"idle tick, {LARGE:,} leads against {SMALL:,}"
        yield Line(what, kind, in_ms(idle[1]), in_ms(idle[0]), idle[1] / idle[0], "at most 1.5")
        small.close()
        large.close()


def _stocked(url: str, policy: Policy, leads: int) -> Store:
    store, now = Store(open_engine(url)), utc_now()
    for first in range(0, leads, 5000):
        batch = [LeadIn(source="web", email=f"p{n}@c{n}.example") for n in range(first, min(first + 5000, leads))]
        receive_leads(store, policy, [to_draft(lead, now) for lead in batch], now, "bench")
    announce_mqls(store, policy, now)
    if not store.is_sqlite:  # what autovacuum would do within a minute of such a load
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    return store


def _busy(store: Store, policy: Policy) -> float:
    """The median of five ticks after a hundred leads raised a hand each, so that a tick looks at them."""
    taken = []
    for turn in range(5):
        now = utc_now()
        ids = range(1 + turn * CHANGED, 1 + (turn + 1) * CHANGED)
        seen = [to_seen(EngagementIn(lead_id=lead_id, kind="demo_request"), now) for lead_id in ids]
        record_engagements(store, policy, seen, "bench", now)
        started = time.perf_counter()
        assert announce_mqls(store, policy, utc_now()) == CHANGED
        taken.append(time.perf_counter() - started)
    return sorted(taken)[2]


def _idle(store: Store) -> float:
    return median_of(200, lambda: has_due_leads(store, utc_now()))
