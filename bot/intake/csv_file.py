"""CSV files, row by row: each becomes a draft, or a refusal with its line, its column and why."""

import codecs
import csv
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from charset_normalizer import from_bytes
from pydantic import ValidationError

from bot.intake.mapping import BadFile, Mapping, check_columns, guess_columns
from bot.usecases.draft import LeadIn, check_not_future, to_draft
from funnel.lead import Draft
from funnel.problems import plain_problem

LARGEST_CELL = 1_000_000
_CHUNK = 1 << 20
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Refusal(NamedTuple):
    """Why a row was not taken: its line in the file (1 is the header), the column, the reason, and its cells."""

    line: int
    column: str
    why: str
    cells: list[str]


class CsvFile:
    """A file with its encoding, delimiter, header and mapping settled, before any row is read."""

    def __init__(self, path: Path, mapping: Mapping, zone: tzinfo) -> None:
        """Settle what can be known beforehand.

        Raises:
            BadFile: with one sentence that says what to do.
        """
        self.path = path
        self.encoding = mapping.encoding or _encoding(path)
        self.lines = _count_lines(path, self.encoding)
        self.delimiter = mapping.delimiter or _delimiter(path, self.encoding)
        self.header = self._read_header()
        if not mapping.columns:
            mapping = mapping.model_copy(update={"columns": guess_columns(self.header)})
        check_columns(mapping, self.header)
        self.mapping = mapping
        self._zone = ZoneInfo(mapping.timezone) if mapping.timezone else zone
        self._places = {field: self.header.index(column) for field, column in mapping.columns.items()}

    def _read_header(self) -> list[str]:
        header = next(self._cells(), None)
        if header is None:
            raise BadFile(f"{self.path.name} is empty.")
        if isinstance(header, Refusal):
            raise BadFile(f"{self.path.name}, line 1: {header.why}.")
        return [cell.strip() for cell in header[1]]

    def _cells(self) -> Iterator[tuple[int, list[str]] | Refusal]:
        """The cells of each row with its first line; a row that is no CSV is a refusal, and the next one is read."""
        csv.field_size_limit(LARGEST_CELL)
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            while True:
                line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield Refusal(line, "", _no_csv(error, line, reader.line_num), [])
                    continue
                if any(cells):
                    yield line, cells

    def rows(self, now: datetime) -> Iterator[tuple[int, Draft | Refusal]]:
        """Every row with its line: a draft, or why not."""
        rows = self._cells()
        next(rows)
        for row in rows:
            if isinstance(row, Refusal):
                yield row.line, row
            else:
                yield row[0], self._read(*row, now)

    def _read(self, line: int, cells: list[str], now: datetime) -> Draft | Refusal:
        if len(cells) != len(self.header):
            why = f"has {len(cells)} cells where the header has {len(self.header)}"
            return Refusal(line, "", why, cells)
        try:
            lead = LeadIn.model_validate(self._fields(cells))
            check_not_future(lead.occurred_at, now)
            return to_draft(lead, now)
        except ValidationError as error:
            detail = error.errors(include_url=False, include_input=False)[0]
            field = ".".join(str(part) for part in detail["loc"])
            why = plain_problem(detail)
        except ValueError as error:
            field, why = "occurred_at", str(error)
        return Refusal(line, self.mapping.columns.get(field, field), why, cells)

    def _fields(self, cells: list[str]) -> dict[str, Any]:
        mapping = self.mapping
        fields: dict[str, Any] = {"source": mapping.source or ""}
        if mapping.system:
            fields["system"] = mapping.system
        if mapping.stage:
            fields["stage"] = mapping.stage
        attributes = {}
        for field, place in self._places.items():
            value = cells[place].strip()
            if field.startswith("attributes."):
                if value:
                    attributes[field.removeprefix("attributes.")] = value
            elif value:
                fields[field] = value
        if "stage" in fields:
            fields["stage"] = fields["stage"].lower()
        if "occurred_at" in fields:
            fields["occurred_at"] = self._time(fields["occurred_at"])
        return fields | {"attributes": attributes}

    def _time(self, text: str) -> datetime:
        form = self.mapping.date_format
        try:
            at = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007  zoned below
            return (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)
        except (OverflowError, ValueError) as error:  # year 1, east of Greenwich
            expected = f"of the form {form}" if form else "like 2026-11-22 or 2026-11-22T09:30:00+01:00"
            raise ValueError(f"{text[:80]!r} is no date {expected}") from error


def _no_csv(error: csv.Error, first: int, last: int) -> str:
    if "unexpected end" in str(error):
        return f"a quote is opened here and never closed, so lines {first} to {last} could not be read"
    return f"this is not CSV ({error})"


def _encoding(path: Path) -> str:
    """UTF-8, unless a byte order mark says otherwise."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise BadFile(f"{path} cannot be read ({error.strerror}).") from error
    return next((name for bom, name in _BOMS.items() if head.startswith(bom)), "utf-8")


def _count_lines(path: Path, encoding: str) -> int:
    """How many lines a file has, once all of it was decoded: nothing is taken from a file that breaks midway."""
    lines = 0
    try:
        with path.open(encoding=encoding, newline="") as file:
            while chunk := file.read(_CHUNK):
                lines += chunk.count("\n")
    except (UnicodeDecodeError, UnicodeError) as error:
        raise BadFile(_wrong_encoding(path, encoding)) from error
    except LookupError as error:
        raise BadFile(f"{encoding!r} is no encoding; try utf-8, utf-16 or cp1252.") from error
    except OSError as error:
        raise BadFile(f"{path} cannot be read ({error.strerror}).") from error
    return lines


def _wrong_encoding(path: Path, encoding: str) -> str:
    with path.open("rb") as file:
        best = from_bytes(file.read(_CHUNK)).best()
    likely = best.encoding if best else "cp1252"
    return f"{path.name} is not {encoding.upper()}; it looks like {likely}: add --encoding {likely}."


def _delimiter(path: Path, encoding: str) -> str:
    """The separator that the header uses most."""
    with path.open(encoding=encoding, newline="") as file:
        header = file.readline(LARGEST_CELL)
    return max(",;\t|", key=header.count)
