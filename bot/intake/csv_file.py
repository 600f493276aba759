"""CSV files, row by row: each becomes a draft, or a refusal with its line, its column and why."""

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.intake.csv_column import Column
from bot.intake.csv_columns import Columns
from bot.intake.csv_dates import START, DateReader, DayOrder, day_order
from bot.intake.csv_dialect import find_dialect
from bot.intake.csv_harmless import as_it_was
from bot.intake.csv_numbers import decimal_sign, read_number
from bot.intake.csv_preview import Preview, attributes_of, fields_of
from bot.intake.csv_refusal import Refusal
from bot.intake.csv_rows import RowReader
from bot.intake.csv_survey import Row, Survey, take_survey
from bot.intake.csv_values import empty_words, read_opt_out
from bot.intake.guess import REFUSED, guess, telling_places
from bot.intake.guess_aliases import UNSUBSCRIBED
from bot.intake.guess_content import EMAIL
from bot.intake.guess_words import system_name, words
from bot.intake.mapping import BadFile, Mapping, check_columns, unused_columns
from bot.usecases.consent import role_of
from funnel.lead import Draft

_MOST_COLUMNS = 2_000
_READ_AT_ONCE = 250
"""Rows: enough to find out once what most of them say, few enough to be held."""
_NUMBERS = ("employees", "revenue")


class CsvFile:
    """A file with its encoding, delimiter, header and mapping settled, before any row is taken.

    The file is read twice and never held: once to settle what can be known beforehand, once for `rows`. `preview` says
    what was settled; `lines` is how long the file is, for whoever shows progress.
    """

    def __init__(self, path: Path, mapping: Mapping, zone: tzinfo, name: str | None = None) -> None:
        """Settle what can be known beforehand; columns are guessed if the mapping has none.

        `name` is what the file is called where it comes from, if that is not the path's.

        Raises:
            BadFile: with one sentence that says what to do.
        """
        self.path, self.name = path, name or path.name
        self.dialect = find_dialect(path, self.name, mapping.encoding, mapping.delimiter)
        self.encoding, self.delimiter = self.dialect.encoding.name, self.dialect.delimiter
        self.header = self._read_header()
        survey = self._look(mapping)
        self.lines = survey.lines
        self.mapping, left_out = self._settle(mapping, survey)
        self._decimals = self._decimal_signs(survey)
        self._order = self._day_order(survey)
        self._zone = ZoneInfo(mapping.timezone) if mapping.timezone else zone
        self.preview = self._preview(mapping, left_out)
        self._reader = RowReader(
            self.mapping.columns,
            Columns(self.mapping, self._columns()),
            len(self.header),
            survey.width,
            # Nobody said that this column has ids, nor whose they are: they may count the rows of any list.
            ids_are_guesses=not mapping.columns and mapping.system in (None, system_name(self.name)),
        )

    def rows(self, now: datetime) -> Iterator[tuple[int, Draft | Refusal]]:
        """Every row with its line: a draft, or why not."""
        rows = iter(self._below_header())
        while some := list(islice(rows, _READ_AT_ONCE)):
            yield from self._reader.read(some, now)

    def _read_header(self) -> list[str]:
        """The names of the columns: unnamed ones get a number, and so does a name that comes again."""
        header = next(self.dialect.rows(), None)
        if header is None:
            raise BadFile(f"{self.name} is empty.")
        if isinstance(header, Refusal):
            raise BadFile(f"{self.name}, line {header.line}: {header.why}.")
        names = [cell.strip() for cell in header[1]]
        if REFUSED[0] in names:
            names = list(map(as_it_was, names))
        while len(names) > 1 and not names[-1]:  # a delimiter at the end of every line makes no column
            names.pop()
        if len(names) > _MOST_COLUMNS:
            raise BadFile(f"{self.name} has {len(names):,} columns; up to {_MOST_COLUMNS:,} can be read.")
        return _unique([name or f"column {place}" for place, name in enumerate(names, 1)])

    def _below_header(self) -> Iterator[Row]:
        """The rows of cells; those of a file of refused rows as they were before they were written there."""
        rows = self.dialect.rows()
        next(rows, None)
        return map(_as_they_were, rows) if REFUSED[0] in self.header else rows

    def _look(self, mapping: Mapping) -> Survey:
        """The first pass over the file."""
        if mapping.columns:
            day = mapping.columns.get("occurred_at")
            places = {self.header.index(day): START} if day in self.header else {}
        else:
            places = telling_places(self.header)
        return take_survey(self._below_header(), len(self.header), empty_words("", mapping.empty), places)

    def _settle(self, mapping: Mapping, survey: Survey) -> tuple[Mapping, list[str]]:
        """The whole mapping, and the columns that a guess leaves out."""
        columns = mapping.columns
        left_out: list[str] = []
        if not columns:
            if any(EMAIL.fullmatch(name) for name in self.header):
                raise BadFile(f"The first line of {self.name} is a lead; put a line with the columns' names above it.")
            columns, left_out = guess(self.header, survey, mapping.empty)
        mapping = mapping.model_copy(update={"columns": columns})
        check_columns(mapping, self.header)
        if not (mapping.source or mapping.system or "system" in columns):
            mapping = mapping.model_copy(update={"system": system_name(self.name)})
        return mapping, left_out

    def _place(self, field: str) -> int | None:
        column = self.mapping.columns.get(field)
        return None if column is None else self.header.index(column)

    def _decimal_signs(self, survey: Survey) -> dict[str, str]:
        """The decimal sign of each column of numbers that has any; the mapping's wins."""
        signs: dict[str, str] = {}
        for field in _NUMBERS:
            place = self._place(field)
            if place is not None:
                sign = self.mapping.decimal or decimal_sign(cells[place] for cells in survey.sample)
                signs |= {} if sign is None else {field: sign}
        return signs

    def _day_order(self, survey: Survey) -> DayOrder | None:
        place = self._place("occurred_at")
        if place is None or self.mapping.date_format:
            return None
        of_twelve = any(cells[place].rstrip().lower().endswith(("am", "pm")) for cells in survey.sample)
        return day_order(survey.starts.get(place, ()), clock_of_twelve=of_twelve, semicolons=self.delimiter == ";")

    def _columns(self) -> list[tuple[int, Column]]:
        """The columns that are read, each with its place."""
        dates = DateReader(
            self.mapping.date_format, day_first=bool(self._order and self._order.day_first), zone=self._zone
        )
        convert: dict[str, Callable[[str], Any]] = {
            "occurred_at": dates.read,
            "stage": str.lower,
            UNSUBSCRIBED: read_opt_out,
            **{field: partial(read_number, decimal=self._decimals.get(field) or None) for field in _NUMBERS},
        }
        return [
            (self.header.index(column), Column(field, empty_words(field, self.mapping.empty), convert.get(field)))
            for field, column in self.mapping.columns.items()
        ]

    def _preview(self, asked: Mapping, left_out: list[str]) -> Preview:
        columns = self.mapping.columns
        return Preview(
            fields=fields_of(self.mapping),
            attributes=attributes_of(self.mapping),
            left_out=left_out,
            unused=unused_columns(self.mapping, self.header) if asked.columns else [],
            encoding=self.encoding,
            encoding_guessed=self.dialect.encoding.guessed,
            delimiter=self.delimiter,
            system=None if asked.system else self.mapping.system or self.mapping.source,
            day_order=self._order,
            decimals=self._decimals,
            opt_outs=_opt_outs(self.header),
            says_unsubscribed=bool({*words(self.name)} & _UNSUBSCRIBED_FILES),
            undated_stage=bool((self.mapping.stage or "stage" in columns) and "occurred_at" not in columns),
        )


_UNSUBSCRIBED_FILES = {*words("unsubscribed unsubscribes unsubscribe optout optouts suppression suppressed abgemeldet")}


def _opt_outs(header: list[str]) -> list[str]:
    """The columns that say who has opted out, when, or why."""
    return [name for name in header if role_of(name) in ("flag", "time", "reason")]


def _as_they_were(row: Row) -> Row:
    return row if isinstance(row, Refusal) else (row[0], list(map(as_it_was, row[1])))


def _unique(names: list[str]) -> list[str]:
    """Names of which none comes twice: the second Phone is Phone (2)."""
    unique: dict[str, None] = {}
    for name in names:
        number, free = 1, name
        while free in unique:
            number += 1
            free = f"{name} ({number})"
        unique[free] = None
    return list(unique)
