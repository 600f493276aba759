"""Times, percentiles, and the lines a benchmark reports."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Line:
    """One result: what was measured, and its ratio to the limit of the same run. `goal` is in words."""

    what: str
    database: str
    ours: str
    limit: str
    ratio: float
    goal: str

    def as_text(self) -> str:
        """For a terminal."""
        figures = f"{self.ours:>10} {self.limit:>10} {self.ratio:7.2f}"
        return f"{self.what:58} {self.database:11} {figures}  {self.goal}"

    def as_row(self) -> str:
        """For a table in Markdown."""
        figures = f"{self.ours} | {self.limit} | {self.ratio:.2f}"
        return f"| {self.what} | {self.database} | {figures} | {self.goal} |"


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median_of(times: int, run: Callable[[], object]) -> float:
    """The median of so many runs, in seconds."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def in_ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
