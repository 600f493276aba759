"""Which column of a file is which field of a lead."""

import re
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.usecases.draft import LeadIn
from funnel.errors import FunnelError
from funnel.problems import sentences


class BadFile(FunnelError):
    """A file cannot be used."""


FIELDS = [name for name in LeadIn.model_fields if name != "attributes"]

ALIASES = {
    "e_mail": "email",
    "mail": "email",
    "email_address": "email",
    "full_name": "name",
    "contact": "name",
    "company_name": "company",
    "organisation": "company",
    "organization": "company",
    "account": "company",
    "job_title": "title",
    "position": "title",
    "phone_number": "phone",
    "telephone": "phone",
    "number_of_employees": "employees",
    "annual_revenue": "revenue",
    "url": "website",
    "lead_source": "source",
    "id": "external_id",
    "created_at": "occurred_at",
    "created": "occurred_at",
    "created_on": "occurred_at",
    "date": "occurred_at",
    "day": "occurred_at",
    "stage_date": "occurred_at",
    "stage_day": "occurred_at",
    "reached_at": "occurred_at",
    "firma": "company",
    "land": "country",
    "telefon": "phone",
    "branche": "industry",
    "mitarbeiter": "employees",
}
"""Headers that say the same as a field's name."""


class Mapping(BaseModel):
    """How to read a file: `columns` from field to column name, and what every row has in common.

    A field is one of a lead's, or `attributes.NAME`. Times without an offset are in `timezone`.
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

    @field_validator("columns")
    @classmethod
    def _known_fields(cls, columns: dict[str, str]) -> dict[str, str]:
        for field in columns:
            if field not in FIELDS and not field.startswith("attributes."):
                raise ValueError(f"{field!r} is no field of a lead; there are {', '.join(FIELDS)} and attributes.NAME")
        return columns

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        try:
            ZoneInfo(name or "UTC")
        except (ValueError, ZoneInfoNotFoundError, OSError) as error:
            raise ValueError(f"{name!r} is no IANA time zone") from error
        return name


def read_mapping(path: Path) -> Mapping:
    """The mapping of a TOML file.

    Raises:
        BadFile: with what is wrong in it.
    """
    try:
        return Mapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadFile(f"The mapping {path} cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFile(f"The mapping {path.name} is not TOML: {error}.") from error
    except ValidationError as error:
        raise BadFile(f"The mapping {path.name}: {'; '.join(sentences(error, Mapping))}.") from error


def guess_columns(header: list[str]) -> dict[str, str]:
    """The columns whose names say which field they are; the first of two that say the same."""
    guessed: dict[str, str] = {}
    for column in header:
        word = re.sub(r"[^a-z0-9]+", "_", column.strip().lower()).strip("_")
        field = word if word in FIELDS else ALIASES.get(word)
        if field:
            guessed.setdefault(field, column)
    return guessed


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
            f"No column is mapped to email or external_id, so nobody could be known again; the columns are: {there}. "
            "Name the right one in a mapping file: baton import FILE --map mapping.toml"
        )
    if not (mapping.source or mapping.system or "source" in mapping.columns or "system" in mapping.columns):
        raise BadFile("Say where these leads come from: add --source NAME, or map a column to source.")
