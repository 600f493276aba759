"""Rows a second through the CSV import, validation included, against the database's own bulk path."""

import csv
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from benchmarks.measure import Line
from bot.clock import utc_now
from bot.intake.csv_file import CsvFile
from bot.intake.import_file import import_file
from bot.intake.mapping import Mapping
from bot.policy_file import example_path, load_policy
from storage.engine import open_engine
from storage.store import Store
from tests.support.databases import Databases

ROWS = 100_000
HEADER = ["email", "name", "company", "title", "country", "employees"]


def rows() -> Iterator[list[str]]:
    for n in range(ROWS):
        yield [f"p{n}@company{n % 5000}.example", f"Person {n}", f"Company {n % 5000}", "VP Sales", "Germany", "250"]


def run(databases: Databases) -> Iterator[Line]:
    """The import on each database."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leads.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(rows())
        for kind in ("sqlite", "postgresql"):
            limit = ROWS / _bulk(databases.fresh(kind), kind)
            ours = ROWS / _import(databases.fresh(kind), path)
            yield Line("import, rows a second", kind, f"{ours:,.0f}", f"{limit:,.0f}", ours / limit, "at least 0.33")


def _import(url: str, path: Path) -> float:
    store, policy = Store(open_engine(url)), load_policy(example_path(), [])
    started = time.perf_counter()
    file = CsvFile(path, Mapping(source="bench"), UTC)
    summary = import_file(file, store, policy, "import", utc_now(), path.with_suffix(".rejects"), lambda summary: None)
    taken = time.perf_counter() - started
    assert summary.created == ROWS
    store.close()
    return taken


def _bulk(url: str, kind: str) -> float:
    """Seconds the bare driver takes for the same leads and their names, without any check."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    leads = []
    for n, (email, *told, employees) in enumerate(rows(), 1):
        domain = email.partition("@")[2]
        found = (domain, domain, False, "{}", "bench", "raw")
        leads.append((n, email, *told, int(employees), *found, now, now, now, 0, 0, now))
    names = [("@", row[1], row[0]) for row in leads]
    columns = (
        "id, email, name, company, title, country, employees, domain, account, free_mail, attributes, source, stage, "
        "first_seen_at, received_at, last_activity_at, fit, behaviour, rescore_at"
    )
    started = time.perf_counter()
    if kind == "sqlite":
        file = sqlite3.connect(url.removeprefix("sqlite:///"))
        file.execute("PRAGMA synchronous = FULL")
        marks = ", ".join("?" * len(leads[0]))
        file.executemany(f"INSERT INTO lead ({columns}) VALUES ({marks})", leads)
        file.executemany("INSERT INTO identity (namespace, key, lead_id) VALUES (?, ?, ?)", names)
        file.commit()
        file.close()
    else:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            for statement, values in (
                (f"COPY lead ({columns}) FROM STDIN", leads),
                ("COPY identity (namespace, key, lead_id) FROM STDIN", names),
            ):
                with connection.cursor().copy(statement) as copy:
                    for value in values:
                        copy.write_row(value)
    return time.perf_counter() - started
