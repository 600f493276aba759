"""Mapping files: their page names every key, and a form of a date is read as people write it."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.intake.mapping import FIELDS, NAME_PARTS, Mapping, read_mapping
from tests.bot.intake.test_csv_dialect import read

PAGE = (Path(__file__).parent.parent.parent.parent / "docs" / "mapping.md").read_text(encoding="utf-8")


def test_the_page_shows_every_key_and_names_every_field() -> None:
    example = re.search("```toml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    written = tomllib.loads(example[1])
    Mapping.model_validate(written)
    assert set(written) == set(Mapping.model_fields)
    for field in (*FIELDS, *NAME_PARTS):
        assert f"`{field}`" in PAGE, field


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("DD.MM.YYYY", "%d.%m.%Y"),
        ("TT.MM.JJJJ", "%d.%m.%Y"),
        ("TT.MM.JJ hh:mm", "%d.%m.%y %H:%M"),
        ("yyyy-mm-dd HH:MM:SS", "%Y-%m-%d %H:%M:%S"),
        ("YYYY-MM-DDTHH:MM", "%Y-%m-%dT%H:%M"),
        ("DD MMM YYYY", "%d %b %Y"),
        ("%m/%d/%Y", "%m/%d/%Y"),
    ],
)
def test_a_form_of_a_date_may_be_written_in_letters(written: str, meant: str) -> None:
    assert Mapping(date_format=written).date_format == meant


@pytest.mark.parametrize("form", ["DD.MM", "%d.%m", "day", "MM/YYYY", ""])
def test_a_form_that_tells_no_whole_day_is_refused_with_one_that_does(form: str) -> None:
    with pytest.raises(ValidationError, match="write it like DD.MM.YYYY HH:MM, or %d.%m.%Y %H:%M"):
        Mapping(date_format=form)


def test_a_german_form_reads_german_dates(tmp_path: Path) -> None:
    _, drafts, _ = read(tmp_path, "E-Mail,Datum\na@a.example,03.04.2026\n", date_format="TT.MM.JJJJ")
    assert f"{drafts[0].occurred_at:%Y-%m-%d}" == "2026-04-03"


def test_a_byte_order_mark_before_a_mapping_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text('source = "fair"\n', encoding="utf-8-sig")
    assert read_mapping(path).source == "fair"


def test_headers_of_more_systems_are_known(tmp_path: Path) -> None:
    text = "Email,Company / Organization,Position Title,Nation,Lifecycle Stage\na@a.example,Acme,CEO,Germany,MQL\n"
    file, _, refused = read(tmp_path, text)
    assert refused == []
    assert file.preview.fields == {
        "email": "Email",
        "company": "Company / Organization",
        "title": "Position Title",
        "country": "Nation",
        "stage": "Lifecycle Stage",
    }
