"""`make bench`: run every benchmark, or those named; --write puts the figures into docs/benchmarks.md."""

import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import clicks, imports, scoring, sizes, starts, ticks
from benchmarks.measure import Line
from tests.support.databases import Databases

ALL = {"clicks": clicks, "imports": imports, "ticks": ticks, "scoring": scoring, "sizes": sizes, "starts": starts}
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
INTRO = """# Benchmarks

Measured by `make bench` ({when}, Python {python}). Every figure is a ratio to a limit taken in the same run on the
same machine; the absolute times beside it mean nothing elsewhere. The goal is where we want to arrive: a ratio beyond
it is work to do, and the clicks have some left. BATON_BENCH_LEADS makes the large store smaller.

- **Claim click**: a signed HTTP request, one committed transaction, the acknowledgement; against a Bolt app behind the
  same web server and the same signature check whose listener does nothing. The dispatcher and the scheduler rest.
  SQLite runs with `synchronous = FULL`.
- **Import**: `baton import` with every check, against the bare driver's `executemany` (SQLite) or `COPY` (PostgreSQL)
  of the same rows into the same tables.
- **Tick**: a hundred leads that raised a hand become MQLs in a large store, against the same in a small one; and the
  look for who is due, which is all an idle tick does, against a scan of all leads.
- **Scores**: a thousand engagements stored and scored, against storing them alone, on SQLite each with the copying of
  its own part of the log into the file; all leads scored anew by every rule (caps, frequencies, half-lives, fit,
  thresholds) against one SQL statement that sums points and stores the sums. The collector of cycles looks less often
  during a batch: as often as usual, it would take a quarter more.
- **Backtest**: replaying half a year of a hundred thousand leads, against reading what they did.
- **Sizes**: a store of 200,000 leads with notes of 3,000 signs: `/lead find` against the plain statement that reads all
  rows; `/metrics` against counting the leads of each stage; the look for who is due against that in a small store; and
  what is held in memory after engagements with texts of 50 kB were read, against the texts.
- **Start**: from the command to `/readyz`, against importing the libraries alone.

| what | database | ours | limit | ratio | goal |
| --- | --- | ---: | ---: | ---: | --- |
"""


def main() -> None:
    names = [name for name in sys.argv[1:] if name in ALL] or list(ALL)
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        for name in names:
            for line in ALL[name].run(databases):
                lines.append(line)
                print(line.as_text(), flush=True)
        databases.close()
    if "--write" in sys.argv:
        intro = INTRO.format(when=f"{datetime.now(UTC):%Y-%m-%d}", python=platform.python_version())
        PAGE.write_text(intro + "\n".join(one.as_row() for one in lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
