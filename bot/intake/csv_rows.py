"""Rows of cells become drafts, or refusals."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any

from bot.intake.csv_columns import Columns, Fault
from bot.intake.csv_refusal import Refusal
from bot.intake.csv_survey import Row
from bot.intake.mapping import NAME_PARTS
from bot.usecases.damaged import DAMAGED_ID
from bot.usecases.draft import check_somebody, draft_of, facts_of
from funnel.lead import FACTS, Draft

_ATTRIBUTE = "attributes."


class RowReader:
    """Reads rows, some hundreds at once; what can be settled beforehand is settled here."""

    def __init__(
        self, names: dict[str, str], columns: Columns, header: int, width: int, *, ids_are_guesses: bool
    ) -> None:
        """A row may have `width` cells where the header has fewer, which are blank.

        `names` has the name of the column of each field that is read.
        """
        self._names, self._columns, self._is_guess = names, columns, ids_are_guesses
        self._header, self._width = header, max(width, header)

    def read(self, rows: Sequence[Row], now: datetime) -> Iterator[tuple[int, Draft | Refusal]]:
        """The draft of each row, or why not, with its line. All rows are held meanwhile."""
        fitting = list(map(self._fitting, rows))
        drafts = self._drafts([row for row in fitting if not isinstance(row, Refusal)], now)
        for row in fitting:
            yield (row.line, row) if isinstance(row, Refusal) else (row[0], next(drafts))

    def _drafts(self, rows: Sequence[tuple[int, list[str]]], now: datetime) -> Iterator[Draft | Refusal]:
        values, faults = self._columns.read([cells for _, cells in rows], now)
        drafts = self._made(values, now)
        for place, (line, cells) in enumerate(rows):
            if place in faults:
                yield self._refusal(line, cells, faults[place])
            else:
                yield self._of_somebody(next(drafts), line, cells)

    def _made(self, values: dict[str, list[Any]], now: datetime) -> Iterator[Draft]:
        """The drafts of rows that can be read. Without a list between a column and its draft they cost half."""

        def column(field: str) -> Iterable[Any]:
            return values.get(field) or repeat(self._columns.common.get(field))

        facts = map(facts_of, _attributes(values), *map(column, FACTS))
        others = map(column, ("source", "system", "external_id", "occurred_at", "stage"))
        return map(draft_of, facts, repeat(now), *others, repeat(self._is_guess))

    def _of_somebody(self, draft: Draft, line: int, cells: list[str]) -> Draft | Refusal:
        try:
            check_somebody(draft.facts.email, draft.external_id or draft.facts.attributes.get(DAMAGED_ID), draft.system)
        except ValueError as error:
            columns = " or ".join(self._names[field] for field in ("email", "external_id") if field in self._names)
            mend = "" if DAMAGED_ID in draft.facts.attributes else f"; fill in {columns}"
            return Refusal(line, columns, f"{error}{mend}", cells, str(error))
        return draft

    def _refusal(self, line: int, cells: list[str], fault: Fault) -> Refusal:
        field, (why, reason) = fault
        column = self._names.get(field, field)
        if field == "name" and field not in self._names:
            column = " + ".join(self._names[part] for part in NAME_PARTS if part in self._names)
        return Refusal(line, column, why, cells, reason)

    def _fitting(self, row: Row) -> Row:
        """A row that can be read, or why not: it is as wide as the header, or nearly so.

        Some programs write a delimiter behind every row, and then there is a blank cell more; a cell that is missing
        at the end is no harm where nothing is read from its column. Any other row may have lost a cell in the middle.
        """
        if isinstance(row, Refusal) or len(row[1]) == self._header:
            return row
        line, cells = row
        less = len(cells) < self._header
        if less and len(cells) >= self._columns.needed:
            return row
        if not less and len(cells) <= self._width and not any(map(str.strip, cells[self._header :])):
            return row
        mend = "complete the row" if less else "put quotes around the cell that has the delimiter in it"
        why = f"has {len(cells)} cells where the header has {self._header}; {mend}"
        return Refusal(line, "", why, cells, f"has too {'few' if less else 'many'} cells")


def _attributes(values: dict[str, list[Any]]) -> Iterable[dict[str, Any]]:
    """The attributes of each row, those alone that say something."""
    columns = {field.removeprefix(_ATTRIBUTE): values[field] for field in values if field.startswith(_ATTRIBUTE)}
    if not columns:
        return ({} for _ in repeat(None))
    rows = zip(*columns.values(), strict=True)
    return ({name: value for name, value in zip(columns, row, strict=True) if value is not None} for row in rows)
