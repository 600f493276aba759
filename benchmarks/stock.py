"""A large store, filled by the shortest way: leads who did ten things each over half a year."""

from datetime import UTC, datetime, timedelta
from random import Random

from storage.bulk import insert_rows
from storage.store import Store
from storage.tables import engagement, identity, lead

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHUNK = 20_000
TITLES = ("VP Sales", "Engineer", "Head of IT", "Student", "Buyer", None)
COUNTRIES = ("Germany", "France", "Brazil", "Poland", None)
KINDS = ("page_view", "page_view", "page_view", "email_open", "email_open", "download", "webinar")
PATHS = ({"path": "/pricing"}, {"path": "/blog"}, {"path": "/docs"})


def stock(store: Store, leads: int, each: int) -> None:
    """Fill a store; nobody is due."""
    chance = Random(7)
    for first in range(1, leads + 1, CHUNK):
        ids = range(first, min(first + CHUNK, leads + 1))
        with store.begin() as tx:
            insert_rows(tx.connection, lead, _LEAD, [_lead(n, chance) for n in ids])
            names = [("@", f"p{n}@c{n % 5000}.example", n) for n in ids]
            insert_rows(tx.connection, identity, ("namespace", "key", "lead_id"), names)
            rows = [_event(n, place, chance) for n in ids for place in range(each)]
            insert_rows(tx.connection, engagement, _EVENT, rows)
    if not store.is_sqlite:  # what autovacuum would do within a minute of such a load
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
            connection.exec_driver_sql("SELECT setval('lead_id_seq', (SELECT max(id) FROM lead))")


_LEAD = (
    *("id", "email", "domain", "account", "name", "company", "title", "country", "employees", "attributes"),
    *("source", "stage", "first_seen_at", "received_at", "last_activity_at", "fit", "behaviour", "rescore_at"),
)
_EVENT = ("lead_id", "kind", "occurred_at", "received_at", "source", "event_id", "properties")


def _lead(n: int, chance: Random) -> tuple[object, ...]:
    """A lead whose story is over, so that a score moves it nowhere."""
    domain, seen = f"c{n % 5000}.example", NOW - timedelta(days=chance.randrange(180))
    names = (f"p{n}@{domain}", domain, domain, f"P {n}", f"C {n % 5000}")
    facts = (chance.choice(TITLES), chance.choice(COUNTRIES), chance.randrange(1, 3000))
    return (n, *names, *facts, {}, "web", "rejected", seen, seen, seen, 0.0, 0.0, None)


def _event(n: int, place: int, chance: Random) -> tuple[object, ...]:
    at = NOW - timedelta(minutes=chance.randrange(180 * 1440))
    return n, chance.choice(KINDS), at, at, "web", f"{n}:{place}", chance.choice(PATHS)
