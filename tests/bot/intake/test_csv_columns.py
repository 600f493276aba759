"""A file is read column by column, and says of each row what the row alone would say."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.intake.csv_file import CsvFile
from bot.intake.csv_refusal import Refusal
from bot.intake.mapping import BadFile, Mapping
from bot.usecases.draft import LeadIn, to_draft
from funnel.lead import Draft

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIELDS = ["email", "external_id", "name", "title", "phone", "country", "website", "stage", "system"]
SAID = {
    "email": ["a@b.example", " A@B.example ", "no address", "x@gmail.com", ""],
    "phone": ["030 1234567", "+49 30 1234567", "ask her", "", "1" * 101],
    "country": ["DE", "Germany", "Atlantis", "", "United States"],
    "website": ["www.acme.example", "https://linkedin.com/in/x", "", "\u2028"],
    "stage": ["mql", "raw", "customer", "gold", ""],
}
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8), st.just("x" * 501), st.just("")
)
ROWS = st.lists(
    st.tuples(*(st.one_of(st.sampled_from(SAID[one]), TEXTS) if one in SAID else TEXTS for one in FIELDS)), max_size=8
)


def _read(here: Path, header: list[str], rows: list[list[str]], **mapping: object) -> list[Draft | Refusal]:
    path = here / "leads.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    told = {"source": "web", "encoding": "utf-8", "delimiter": ",", "empty": [], **mapping}
    return [row for _, row in CsvFile(path, Mapping.model_validate(told), UTC).rows(NOW)]


def _alone(said: dict[str, str | None]) -> Draft | None:
    try:
        return to_draft(LeadIn.model_validate({"source": "web", **said}), NOW)
    except ValidationError:
        return None


@given(ROWS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_row_means_what_its_lead_would_mean_at_the_door(tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    there = [list(row) for row in rows if any(row)]
    columns = {field: field for field in FIELDS}
    found = _read(tmp_path, FIELDS, there, columns=columns)
    told = [_alone(dict(zip(FIELDS, [*row[:7], row[7].strip().lower() or None, row[8]], strict=True))) for row in there]
    assert [None if isinstance(one, Refusal) else one for one in found] == told


def test_rows_and_refusals_stay_in_order_beyond_what_is_read_at_once(tmp_path: Path) -> None:
    rows = [[f"p{n}@b.example" if n % 7 else "no address", f"P {n}"] for n in range(900)]
    found = _read(tmp_path, ["email", "name"], rows)
    assert [isinstance(one, Refusal) for one in found] == [not n % 7 for n in range(900)]
    assert [one.facts.name for one in found if isinstance(one, Draft)] == [f"P {n}" for n in range(900) if n % 7]
    assert [one.line for one in found if isinstance(one, Refusal)] == [n + 2 for n in range(0, 900, 7)]


def test_the_first_column_that_cannot_be_read_speaks_for_its_row(tmp_path: Path) -> None:
    columns = {"email": "Mail", "employees": "Size", "stage": "Stage"}
    (refusal,) = _read(tmp_path, ["Mail", "Size", "Stage"], [["a@b.example", "many", "gold"]], columns=columns)
    assert isinstance(refusal, Refusal)
    assert refusal.column == "Size"


def test_a_name_in_two_columns_is_one_text_with_one_limit(tmp_path: Path) -> None:
    columns = {"email": "Mail", "first_name": "First", "last_name": "Last"}
    rows = [["a@b.example", "Ann", "Lee"], ["b@b.example", "", "Lee"], ["c@b.example", "x" * 300, "y" * 300]]
    ann, lee, long = _read(tmp_path, ["Mail", "First", "Last"], rows, columns=columns)
    assert isinstance(ann, Draft)
    assert isinstance(lee, Draft)
    assert isinstance(long, Refusal)
    assert (ann.facts.name, lee.facts.name) == ("Ann Lee", "Lee")
    assert (long.column, "longer than 500 characters" in long.why) == ("First + Last", True)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"source": "x" * 101}, "All rows are to have the source 'xxx"),
        ({"system": "x" * 101}, "which is longer than 100 characters"),
        ({"stage": "gold"}, "All rows are to have the stage 'gold', which is none of 'raw'"),
    ],
)
def test_what_is_said_of_all_rows_is_checked_before_the_first(tmp_path: Path, said: dict[str, str], why: str) -> None:
    with pytest.raises(BadFile) as told:
        _read(tmp_path, ["email"], [["a@b.example"]], **said)
    assert why in str(told.value)
