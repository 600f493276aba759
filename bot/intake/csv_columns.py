"""All columns of a file that are read, and what some rows say in them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import compress
from typing import Any, NamedTuple

from bot.intake.csv_column import Column, Misread
from bot.intake.csv_refusal import shown
from bot.intake.mapping import NAME_PARTS, BadFile, Mapping
from bot.usecases.draft import check_not_future

_BLANK = frozenset({""})

Fault = tuple[str, Misread]
"""The field whose cell cannot be read, and why."""


class Said(NamedTuple):
    """What rows say: for each field its value in each row that can be read, in order; and by row what is at fault."""

    values: dict[str, list[Any]]
    faults: dict[int, Fault]


class Columns:
    """Columns with their places, and what a mapping says of every row: `common` has its checked values by field."""

    def __init__(self, mapping: Mapping, columns: Sequence[tuple[int, Column]]) -> None:
        """The columns that are read, each with its place in a row.

        Raises:
            BadFile: what the mapping says of all rows can be true of none.
        """
        self.needed = max((place + 1 for place, _ in columns), default=0)
        self.common = _common(mapping)
        self._columns = columns
        self._name = Column("name", _BLANK)

    def read(self, rows: Sequence[list[str]], now: datetime) -> Said:
        """What rows say that have as many cells as are needed, or more; the first column at fault speaks for its row.

        An attribute's field begins with `attributes.`; a name that stands in two columns is put together.
        """
        values: dict[str, list[Any]] = {}
        faults: dict[int, Fault] = {}
        texts = list(zip(*rows, strict=False))  # a row may lack cells at its end from which nothing is read
        for place, column in self._columns if rows else ():
            self._add(column, texts[place], values, faults)
        self._join_names(values, faults)
        self._add_common(values)
        _check_days(values, faults, now)
        if faults:
            sound = [row not in faults for row in range(len(rows))]
            values = {field: list(compress(column, sound)) for field, column in values.items()}
        return Said(values, faults)

    def _add(
        self, column: Column, texts: Sequence[str], values: dict[str, list[Any]], faults: dict[int, Fault]
    ) -> None:
        values[column.field], misread = column.read(texts)
        for row, why in misread.items():
            faults.setdefault(row, (column.field, why))

    def _join_names(self, values: dict[str, list[Any]], faults: dict[int, Fault]) -> None:
        """Make one name of its parts, in the rows that have no whole one."""
        parts = [values.pop(part) for part in NAME_PARTS if part in values]
        if parts:
            whole = values.get("name") or [None] * len(parts[0])
            joined = [
                "" if name else " ".join(filter(None, some))
                for name, some in zip(whole, zip(*parts, strict=True), strict=True)
            ]
            self._add(self._name, joined, values, faults)
            values["name"] = [one or other for one, other in zip(whole, values["name"], strict=True)]

    def _add_common(self, values: dict[str, list[Any]]) -> None:
        """Let a blank cell say what all rows say."""
        for field, value in self.common.items():
            if field in values:
                values[field] = [value if one is None else one for one in values[field]]


def _common(mapping: Mapping) -> dict[str, Any]:
    """What a mapping says of every row, checked as a cell would be."""
    told = {"source": mapping.source, "system": mapping.system, "stage": mapping.stage}
    found = {}
    for field, said in told.items():
        text = (said or "").replace("\x00", "")  # which no database can hold
        values, misread = Column(field, _BLANK, str.lower if field == "stage" else None).read([text])
        if misread:
            raise BadFile(f"All rows are to have the {field} {shown(text)}, which {misread[0].reason}.")
        found[field] = values[0]
    return {field: value for field, value in found.items() if value is not None}


def _check_days(values: dict[str, list[Any]], faults: dict[int, Fault], now: datetime) -> None:
    """Note the rows that happen only in the future."""
    for row, at in enumerate(values.get("occurred_at", ())):
        try:
            check_not_future(None if row in faults else at, now)
        except ValueError as error:
            faults[row] = ("occurred_at", Misread(f"{error}; mend the date", "is in the future"))
