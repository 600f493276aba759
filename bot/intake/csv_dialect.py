"""How a file is to be read: its encoding, its delimiter, and the rows of cells in it."""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from operator import methodcaller
from pathlib import Path
from typing import NamedTuple, TextIO

from bot.intake.csv_encoding import Encoding, find_encoding
from bot.intake.csv_refusal import Refusal
from bot.intake.mapping import BadFile

LARGEST_CELL = 1_000_000
_LONGEST_LINE = 16 * LARGEST_CELL
"""A longer line is read in pieces, so that no file fills the memory; it is refused as what it is: no row."""

_SAMPLE = 200
_USUAL = ",;\t|"
_UNUSUAL = re.compile(r"[:^~!*§¦\x1e\x1f]")
_QUOTED = re.compile(r'"[^"]*"')
_SEP = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE | re.DOTALL)
_without_nul = methodcaller("replace", "\x00", "")


class Dialect(NamedTuple):
    """How to read a file, and what to call it; `skip` is 1 if a line before its header tells Excel the delimiter."""

    path: Path
    name: str
    encoding: Encoding
    delimiter: str
    skip: int

    def rows(self) -> Iterator[tuple[int, list[str]] | Refusal]:
        """The cells of each row with its first line; a row that is no CSV is a refusal, and the next one is read.

        Blank rows are left out, and NUL characters, which no database can hold.

        Raises:
            BadFile: the file cannot be read, or is in another encoding.
        """
        csv.field_size_limit(LARGEST_CELL)
        try:
            with _open(self.path, self.encoding.name) as file:
                yield from self._rows(islice(_lines(file), self.skip, None))
        except OSError as error:
            raise BadFile(f"{self.path} cannot be read ({error.strerror}).") from error
        except UnicodeError as error:
            raise BadFile(_wrong_encoding(self.name, self.encoding.name)) from error

    def _rows(self, lines: Iterator[str]) -> Iterator[tuple[int, list[str]] | Refusal]:
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        while True:
            line = reader.line_num + 1 + self.skip
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield _no_csv(error, line, reader.line_num + self.skip)
                continue
            if any(cells):
                yield line, cells


def find_dialect(path: Path, name: str, encoding: str | None, delimiter: str | None) -> Dialect:
    """How the file of that name at `path` is to be read; what is asked for wins over what is found.

    Raises:
        BadFile: with one sentence.
    """
    found = find_encoding(path, name, encoding)
    csv.field_size_limit(LARGEST_CELL)
    try:
        with _open(path, found.name) as file:
            lines = _head(_lines(file))
    except OSError as error:
        raise BadFile(f"{path} cannot be read ({error.strerror}).") from error
    except UnicodeError as error:
        raise BadFile(_wrong_encoding(name, found.name)) from error
    told = _SEP.fullmatch(lines[0]) if lines else None
    skip = 1 if told else 0
    return Dialect(path, name, found, delimiter or (told[1] if told else find_delimiter(lines)), skip)


def _head(lines: Iterator[str]) -> list[str]:
    """The first lines, as far as they are not too long to be held."""
    head: list[str] = []
    size = 0
    for line in islice(lines, _SAMPLE):
        head.append(line)
        size += len(line)
        if size > LARGEST_CELL:
            break
    return head


def find_delimiter(lines: list[str]) -> str:
    """The character that parts the first rows into as many cells as the header, quotes respected.

    Of several the usual one, and of those the one that makes more cells: a header may have a comma in a name. An
    unusual one must part some row below the header, too.
    """
    header = next((line for line in lines if line.strip()), "")
    scores = {}
    for sign in dict.fromkeys((*_USUAL, *_UNUSUAL.findall(_QUOTED.sub("", header)))):
        cells, share = _parted(lines, sign)
        if cells > 1 and (share or sign in _USUAL):
            scores[sign] = (share, sign in _USUAL, cells)
    return max(scores, key=lambda sign: scores[sign]) if scores else ","


def _parted(lines: list[str], sign: str) -> tuple[int, float]:
    """Into how many cells a sign parts the header, and the share of the rows that fit under it."""
    try:
        rows = [cells for cells in csv.reader(lines, delimiter=sign) if any(cells)]
    except csv.Error:
        return 0, 0.0
    if len(lines) > 2:
        rows = rows[:-1] or rows  # the last row may be cut
    width = len(rows[0]) if rows else 0
    fit = sum(len(cells) >= width and not any(cells[width:]) for cells in rows[1:])
    return width, round(fit / max(len(rows) - 1, 1), 2)


@contextmanager
def _open(path: Path, encoding: str) -> Iterator[TextIO]:
    """A file at its first character behind a byte order mark."""
    with path.open(encoding=encoding, newline="") as file:
        if file.read(1) != "\ufeff":
            file.seek(0)
        yield file


def _lines(file: TextIO) -> Iterator[str]:
    return map(_without_nul, iter(partial(file.readline, _LONGEST_LINE), ""))


def _no_csv(error: csv.Error, first: int, last: int) -> Refusal:
    if "unexpected end" in str(error):
        why = f"a quote is opened here and never closed, so lines {first} to {last} could not be read; close it"
        return Refusal(first, "", why, [], "a quote is opened and never closed")
    return Refusal(first, "", f"this is not CSV ({error}); mend the quotes of this row", [], f"not CSV ({error})")


def _wrong_encoding(name: str, encoding: str) -> str:
    return f"{name} is not {encoding.upper()}; leave --encoding away to have its encoding found."
