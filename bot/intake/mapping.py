"""Which column of a file is which field of a lead."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.usecases.draft import LeadIn
from funnel.errors import FunnelError
from funnel.problems import sentences


class BadFile(FunnelError):
    """A file cannot be used: `what` says why, and the sentence also what the command line can do about it."""

    def __init__(self, what: str, on_command_line: str = "") -> None:
        super().__init__(f"{what} {on_command_line}".strip())
        self.what = what


class NoSource(BadFile):
    """Nobody said where the leads of a file come from."""


FIELDS = [name for name in LeadIn.model_fields if name != "attributes"]
NAME_PARTS = ("first_name", "last_name")
"""Columns that make up `name`, in this order, where no column has the whole of it."""


class Mapping(BaseModel):
    """How to read a file: `columns` from field to column name, and what every row has in common.

    A field is one of a lead's, `first_name` or `last_name`, or `attributes.NAME`. Times without an offset are in
    `timezone`. Texts in `empty` mean nothing, in any case. Whatever is None is found out from the file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, str] = Field(default={}, validate_default=False)
    source: str | None = None
    system: str | None = None
    stage: str | None = None
    timezone: str | None = None
    date_format: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str | None = None
    empty: list[str] | None = None
    decimal: Literal[",", "."] | None = None

    @field_validator("columns")
    @classmethod
    def _known_fields(cls, columns: dict[str, str]) -> dict[str, str]:
        for field in columns:
            if "\x00" in field:  # which no database can hold
                raise ValueError(f"{field!r} holds a NUL character")
            if field not in (*FIELDS, *NAME_PARTS) and not field.startswith("attributes."):
                there = ", ".join((*FIELDS, *NAME_PARTS))
                raise ValueError(f"{field!r} is no field of a lead; there are {there} and attributes.NAME")
        return columns

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        try:
            ZoneInfo(name or "UTC")
        except (ValueError, ZoneInfoNotFoundError, OSError) as error:
            raise ValueError(f"{name!r} is no IANA time zone") from error
        return name

    @field_validator("delimiter")
    @classmethod
    def _can_part(cls, delimiter: str | None) -> str | None:
        if delimiter is not None and delimiter in '"\r\n\x00':
            raise ValueError(f"{delimiter!r} cannot part cells")
        return delimiter

    @field_validator("date_format")
    @classmethod
    def _can_be_read(cls, form: str | None) -> str | None:
        if form is None:
            return None
        told = form if "%" in form else _by_letters(form)
        try:
            read = datetime.strptime(_SOME_DAY.strftime(told), told)  # noqa: DTZ007  only tried
        except (ValueError, re.error):
            read = None
        if read is None or read.date() != _SOME_DAY.date():
            raise ValueError(
                f"{form!r} is no form of a date with its day, month and year; write it like DD.MM.YYYY HH:MM, "
                "or %d.%m.%Y %H:%M"
            )
        return told


_SOME_DAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


_LETTERS = {"y": "Y", "j": "Y", "d": "d", "t": "d", "h": "H", "s": "S"}
"""What the letters of a form mean to strptime, the German ones too: TT.MM.JJJJ is a day."""


def _by_letters(form: str) -> str:
    """A form that people write by letters, like DD.MM.YYYY HH:MM, as strptime has it; M is minutes behind hours."""
    has_hours = False
    told = ""
    for run in re.findall(r"([a-z])(\1*)|([^a-z])", form, re.IGNORECASE):
        letter, more = run[0].lower(), len(run[1])
        if letter == "m":
            told += "%M" if has_hours else "%m" if more < 2 else "%b" if more == 2 else "%B"
        elif letter in ("y", "j"):
            told += "%Y" if more > 1 else "%y"
        elif letter in _LETTERS and not (letter == "t" and told.endswith("d") and not more):
            told += f"%{_LETTERS[letter]}"
        else:
            told += run[0] + run[1] + run[2]
        has_hours |= letter == "h"
    return told


def read_mapping(path: Path) -> Mapping:
    """The mapping of a TOML file.

    Raises:
        BadFile: with what is wrong in it.
    """
    try:
        return Mapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise BadFile(f"The mapping {path} cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFile(f"The mapping {path.name} is not TOML: {error}.") from error
    except ValidationError as error:
        raise BadFile(f"The mapping {path.name}: {'; '.join(sentences(error, Mapping))}.") from error


def unused_columns(mapping: Mapping, header: list[str]) -> list[str]:
    """The columns of a file that no field is read from."""
    return [column for column in header if column and column not in mapping.columns.values()]


def check_columns(mapping: Mapping, header: list[str]) -> None:
    """Let a mapping pass that this file can satisfy.

    Raises:
        BadFile: with the column that is missing, or what no row could have.
    """
    there = ", ".join(header)
    for field, column in mapping.columns.items():
        if column not in header:
            raise BadFile(f"The file has no column “{column}” (for {field}); its columns are: {there}.")
    if not {"email", "external_id"} & set(mapping.columns):
        raise BadFile(
            f"No column is mapped to email or external_id, so nobody could be known again; the columns are: {there}.",
            "Name the right one in a mapping file: baton import FILE --map mapping.toml",
        )
    if not (mapping.source or mapping.system or "source" in mapping.columns or "system" in mapping.columns):
        raise NoSource("Say where these leads come from: add --source NAME, or map a column to source.")
