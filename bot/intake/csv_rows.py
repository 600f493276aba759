"""A row of cells becomes a draft, or a refusal."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ValidationError

from bot.intake.csv_refusal import Refusal, Unreadable, told_by_check
from bot.intake.mapping import NAME_PARTS, Mapping
from bot.usecases.draft import LeadIn, check_not_future, to_draft
from funnel.lead import Draft

_ATTRIBUTE = "attributes."


class Cell(NamedTuple):
    """Where a field is read from, which texts there mean nothing, and what makes a value of the others."""

    field: str
    place: int
    empties: frozenset[str]
    convert: Callable[[str], Any] | None = None


class RowReader:
    """Reads rows by a mapping whose cells were found; what can be settled beforehand is settled here."""

    def __init__(self, mapping: Mapping, cells: list[Cell], header: list[str], width: int) -> None:
        """A row may have `width` cells where the header has fewer; those are blank."""
        self._columns = mapping.columns
        self._header, self._width = len(header), max(width, len(header))
        self._needed = max((cell.place + 1 for cell in cells), default=0)
        plain = [cell for cell in cells if cell.convert is None]
        self._texts = [(field, at, no) for field, at, no, _ in plain if not field.startswith(_ATTRIBUTE)]
        self._attributes = [
            (field.removeprefix(_ATTRIBUTE), at, no) for field, at, no, _ in plain if field.startswith(_ATTRIBUTE)
        ]
        self._converted = [(*cell[:3], cell.convert) for cell in cells if cell.convert]
        self._has_name_parts = any(part in mapping.columns for part in NAME_PARTS)
        common = {"source": mapping.source or "", "system": mapping.system, "stage": mapping.stage}
        self._common = {field: value for field, value in common.items() if value is not None}

    def read(self, line: int, cells: list[str], now: datetime) -> Draft | Refusal:
        """The draft of a row, or why not."""
        if len(cells) != self._header and not self._fits(cells):
            return self._wrong_width(line, cells)
        fields = self._plain(cells)
        for field, place, empties, convert in self._converted:
            text = cells[place].strip()
            if text.lower() in empties:
                continue
            try:
                _put(fields, field, convert(text))
            except Unreadable as error:
                return Refusal(line, self.column_of(field), str(error), cells, error.reason)
        return self._checked(line, cells, fields, now)

    def column_of(self, field: str) -> str:
        """The column, or the columns, that a field is read from."""
        if field == "name" and field not in self._columns:
            return " + ".join(self._columns[part] for part in NAME_PARTS if part in self._columns)
        return self._columns.get(field, field)

    def _plain(self, cells: list[str]) -> dict[str, Any]:
        """The fields that are read as they stand."""
        fields: dict[str, Any] = self._common.copy()
        for field, place, empties in self._texts:
            text = cells[place].strip()
            if text.lower() not in empties:
                fields[field] = text
        fields["attributes"] = {
            name: text
            for name, place, empties in self._attributes
            if (text := cells[place].strip()).lower() not in empties
        }
        if self._has_name_parts:
            name = " ".join(fields.pop(part) for part in NAME_PARTS if part in fields)
            fields.setdefault("name", name)
        return fields

    def _checked(self, line: int, cells: list[str], fields: dict[str, Any], now: datetime) -> Draft | Refusal:
        try:
            lead = LeadIn.model_validate(fields)
            check_not_future(lead.occurred_at, now)
        except ValidationError as error:
            return self._failed(line, cells, fields, error)
        except ValueError as error:
            why = f"{error}; mend the date"
            return Refusal(line, self.column_of("occurred_at"), why, cells, "is in the future")
        return to_draft(lead, now)

    def _failed(self, line: int, cells: list[str], fields: dict[str, Any], error: ValidationError) -> Refusal:
        detail = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in detail["loc"])
        why, reason = told_by_check(detail, fields.get(field))
        if field:
            return Refusal(line, self.column_of(field), why, cells, reason)
        column = self._identity()
        return Refusal(line, column, f"{why}; fill in {column}", cells, reason)

    def _identity(self) -> str:
        """The columns of which one must say who it is."""
        return " or ".join(self._columns[field] for field in ("email", "external_id") if field in self._columns)

    def _fits(self, cells: list[str]) -> bool:
        """Whether a row that is not as wide as the header can be read all the same.

        Some programs write a delimiter behind every row, and then there is a blank cell more; a cell that is missing
        at the end is no harm where nothing is read from its column. Any other row may have lost a cell in the middle.
        """
        if len(cells) < self._header:
            return len(cells) >= self._needed
        return len(cells) <= self._width and not any(map(str.strip, cells[self._header :]))

    def _wrong_width(self, line: int, cells: list[str]) -> Refusal:
        less = len(cells) < self._header
        mend = "complete the row" if less else "put quotes around the cell that has the delimiter in it"
        why = f"has {len(cells)} cells where the header has {self._header}; {mend}"
        return Refusal(line, "", why, cells, f"has too {'few' if less else 'many'} cells")


def _put(fields: dict[str, Any], field: str, value: object) -> None:
    if field.startswith(_ATTRIBUTE):
        fields["attributes"][field.removeprefix(_ATTRIBUTE)] = value
    else:
        fields[field] = value
