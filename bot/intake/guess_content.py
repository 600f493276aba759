"""What the cells of a column look like, whatever the column is called."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from bot.intake.csv_dates import is_date
from bot.intake.csv_numbers import is_number
from bot.intake.guess_words import words
from bot.usecases.consent import reads_as_opt_out

_LOOKED_AT = 100
"""Cells of a column that are looked at where looking is dear."""

_ENOUGH = 10
"""So many cells tell more of a column than its name does."""

EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
_UUID = re.compile(r"\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?", re.IGNORECASE)
_KEY = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}")
_PHONE = re.compile(r"(?:\+|00)?(?:[\s()./-]*\d){6,15}(?:\s*(?:x|ext\.?)\s*\d+)?")
_SITE = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:[/?#]\S*)?", re.IGNORECASE)
_CHECKS: dict[str, Callable[[str], object]] = {
    "email": EMAIL.fullmatch,
    "uuid": _UUID.fullmatch,
    "key": _KEY.fullmatch,
    "phone": _PHONE.fullmatch,
    "website": _SITE.fullmatch,
    "letters": re.compile(r"\D+").fullmatch,
    "number": is_number,
    "date": is_date,
    "opt-out": lambda text: reads_as_opt_out(text) is not None,
}


@dataclass(frozen=True)
class Column:
    """A column: its place and name, its cells in the sample that say something, and how many rows that sample has."""

    place: int
    name: str
    cells: list[str]
    rows: int

    @cached_property
    def words(self) -> set[str]:
        """The words of its name; the last one of "ContactID" too."""
        parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", self.name)
        return {*words(self.name), *words(parted)}

    def share(self, kind: str) -> float:
        """The share of its cells that look like something; 0 without any cell."""
        looked_at = self.cells[:_LOOKED_AT]
        return sum(1 for cell in looked_at if _CHECKS[kind](cell)) / len(looked_at) if looked_at else 0.0

    def contradicts(self, kind: str) -> bool:
        """Whether there are enough cells, and most of them look like something else."""
        return len(self.cells) >= _ENOUGH and self.share(kind) < 0.5

    @property
    def is_mostly_filled(self) -> bool:
        return self.rows == 0 or len(self.cells) >= self.rows / 2

    @property
    def is_unique(self) -> bool:
        """Whether each row has a cell of its own, but for the few people whom an export tells of twice."""
        return len(self.cells) > 1 and len(self.cells) >= 0.95 * self.rows and self._distinct >= 0.95 * len(self.cells)

    @property
    def counts_rows(self) -> bool:
        """Whether it says 1, 2, 3 and so on from the first row to the last."""
        starts = (0, 1) if len(self.cells) > 1 and len(self.cells) == self.rows else ()
        return any(self.cells == [str(number) for number in range(first, first + self.rows)] for first in starts)

    @property
    def is_varied(self) -> bool:
        """Whether most cells are there once: a column of owners tells of few."""
        return len(self.cells) == 1 or self._distinct > len(self.cells) / 2

    @property
    def repeats_itself(self) -> bool:
        """Whether it says so little that it cannot be anybody's id."""
        return len(self.cells) >= _ENOUGH and self._distinct <= 0.1 * len(self.cells)

    @cached_property
    def _distinct(self) -> int:
        return len({cell.lower() for cell in self.cells})
