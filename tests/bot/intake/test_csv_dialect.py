"""The encoding and the delimiter of a file are found, and shown."""

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.intake.csv_file import CsvFile
from bot.intake.csv_refusal import Refusal
from bot.intake.mapping import BadFile, Mapping
from funnel.lead import Draft

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GERMAN = "email;name;city\nzoe@a.example;Zoë Müller;Köln\njo@b.example;Jörg Straßer;Düsseldorf\n"


def read(here: Path, content: bytes | str, **mapping: Any) -> tuple[CsvFile, list[Draft], list[Refusal]]:
    path = here / "leads.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    file = CsvFile(path, Mapping(**({"source": "fair"} | mapping)), UTC)
    rows = [row for _, row in file.rows(NOW)]
    return file, [row for row in rows if isinstance(row, Draft)], [row for row in rows if isinstance(row, Refusal)]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
    ],
)
def test_an_encoding_is_found_without_being_told(tmp_path: Path, encoding: str, found: str) -> None:
    file, drafts, refused = read(tmp_path, GERMAN.encode(encoding))
    assert (file.encoding, file.delimiter, refused) == (found, ";", [])
    assert [draft.facts.name for draft in drafts] == ["Zoë Müller", "Jörg Straßer"]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1251", "Иван Петров из Москвы"),
        ("cp1250", "Jiří Dvořák a Jan Šťastný"),
        ("cp932", "山田太郎と鈴木花子"),
        ("gb18030", "王小明和李华在北京市"),
    ],
)
def test_an_encoding_of_elsewhere_is_found_too(tmp_path: Path, encoding: str, name: str) -> None:
    file, drafts, _ = read(tmp_path, f"email,name\na@a.example,{name}\n".encode(encoding))
    assert (file.encoding, drafts[0].facts.name) == (encoding, name)


def test_a_guess_is_told_with_the_way_to_say_otherwise(tmp_path: Path) -> None:
    file, _, _ = read(tmp_path, GERMAN.encode("cp1252"))
    assert "read as cp1252, cells parted by “;”; say --encoding if that is wrong" in file.preview.choices()
    assert file.preview.encoding_guessed
    assert not read(tmp_path, GERMAN)[0].preview.encoding_guessed


def test_what_is_asked_for_wins(tmp_path: Path) -> None:
    _, drafts, _ = read(tmp_path, "email,name\na@a.example,Müller\n".encode(), encoding="latin-1")
    assert drafts[0].facts.name == "MÃ¼ller"


def test_a_foreign_letter_far_behind_the_sample_is_not_too_late(tmp_path: Path) -> None:
    rows = "".join(f"p{n}@a.example,Person {n}\n" for n in range(40_000))
    content = f"email,name\n{rows}last@a.example,Zoë Müller\n".encode("cp1252")
    file, drafts, _ = read(tmp_path, content)
    assert (file.encoding, drafts[-1].facts.name) == ("cp1252", "Zoë Müller")


@pytest.mark.parametrize(
    ("content", "mapping", "told"),
    [
        (b"PK\x03\x04rest of a workbook", {}, "is an Excel workbook or a ZIP file, not CSV; save it as CSV first."),
        (b"%PDF-1.7", {}, "is a PDF, not CSV"),
        (b"email\nd@a.example\n", {"encoding": "klingon"}, "'klingon' is no encoding; try utf-8, utf-16 or cp1252."),
        (b"email\nd@a.example\n", {"encoding": "hex"}, "is no encoding"),
        (b"email\nd@a.example\n", {"encoding": "unicode_escape"}, "is no encoding"),
        (b"email\nd@a.example\n", {"encoding": "a\x00b"}, "is no encoding"),
        (b"email\nM\xfcller\n", {"encoding": "utf-8"}, "leads.csv is not UTF-8; leave --encoding away"),
        (b"\xff\xfee\x00m\x00a", {}, "leads.csv is marked as UTF-16 and breaks off in it"),
        (b"email,name\n" + "a@a.example,Zoë Müller\n".encode() * 20 + b"b@b.example,M\xfcller\n", {}, "is UTF-8 but"),
    ],
    ids=["workbook", "pdf", "klingon", "hex", "escape", "nul", "asked", "half a character", "one broken byte"],
)  # fmt: skip
def test_what_cannot_be_decoded_gets_one_sentence(
    tmp_path: Path, content: bytes, mapping: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadFile) as refused:
        read(tmp_path, content, **mapping)
    assert told in refused.value.sentence
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", ":"])
def test_a_delimiter_is_found_whatever_it_is(tmp_path: Path, delimiter: str) -> None:
    text = "email,name,city\na@a.example,Ann,Ulm\nb@b.example,Bob,Bonn\n".replace(",", delimiter)
    file, drafts, _ = read(tmp_path, text)
    assert (file.delimiter, drafts[1].facts.name) == (delimiter, "Bob")


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ('"Name, first, last, other";E-Mail\n"Ann, A, B, C";a@a.example\nBob;b@b.example\n', ";"),
        ("Revenue, in EUR;E-Mail;City\n1,5;a@a.example;Ulm\n2,5;b@b.example;Bonn\n", ";"),
        ('email,notes\na@a.example,"x;y;z"\nb@b.example,"one\ntwo; three"\n', ","),
        ("email\na@a.example\n", ","),
        ("E-Mail: all\na@a.example\n", ","),
        ("email;name;\na@a.example;Ann;\n", ";"),
        ("email|name\na@a.example|Ann|\nb@b.example|Bob|\n", "|"),
    ],
)
def test_the_delimiter_is_what_parts_all_rows_alike_and_not_what_the_header_has_most(
    tmp_path: Path, text: str, delimiter: str
) -> None:
    assert read(tmp_path, text)[0].delimiter == delimiter


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_excels_first_line_names_the_delimiter_and_is_no_header(tmp_path: Path, first: str) -> None:
    file, drafts, refused = read(tmp_path, f"{first}\r\nemail;a,b\r\nx@a.example;1,2\r\nwrong;3,4\r\n")
    assert (file.delimiter, file.header, len(drafts)) == (";", ["email", "a,b"], 1)
    assert [one.line for one in refused] == [4]


def test_blank_lines_quoted_newlines_and_nul_characters_do_no_harm(tmp_path: Path) -> None:
    rows = '"a@a.example","Ann\r\nof Ulm",1\r\n,,\r\nb@b.example,B\x00ob,1\x002\r\n\r\n'
    _, drafts, refused = read(tmp_path, f"\r\n\r\nemail,name,employees\r\n\r\n{rows}")
    assert [(one.facts.name, one.facts.employees) for one in drafts] == [("Ann of Ulm", 1), ("Bob", 12)]
    assert refused == []


@pytest.mark.parametrize("header", ["email,name", "email,name,", "email,name,,"])
def test_a_delimiter_at_the_end_of_every_row_is_no_column(tmp_path: Path, header: str) -> None:
    file, drafts, refused = read(tmp_path, f"{header}\na@a.example,Ann,\nb@b.example,Bob,\n")
    assert (file.header, len(drafts), refused) == (["email", "name"], 2, [])


def test_a_cell_too_many_is_refused_where_rows_have_none_even_if_it_is_blank(tmp_path: Path) -> None:
    rows = "a@a.example,Ann,1\nb@b.example,Bob,2\nc@c.example,Acme, Inc,\n"
    _, drafts, refused = read(tmp_path, "email,name,phone\n" + rows)
    assert len(drafts) == 2
    assert [one.why for one in refused] == [
        "has 4 cells where the header has 3; put quotes around the cell that has the delimiter in it"
    ]


def test_a_cell_is_missed_only_if_something_is_read_from_its_column(tmp_path: Path) -> None:
    text = "email,name,magazine\na@a.example,Ann,No\nb@b.example,Bob\nc@c.example\nd@d.example,Dan,No\n"
    _, drafts, refused = read(tmp_path, text)
    assert [draft.facts.name for draft in drafts] == ["Ann", "Bob", "Dan"]
    assert [(one.line, one.why) for one in refused] == [(4, "has 1 cells where the header has 3; complete the row")]


def test_columns_without_a_name_or_with_the_same_one_are_told_apart(tmp_path: Path) -> None:
    text = "email,,Phone,Phone,Phone\na@a.example,x,+49 30 1,+49 30 2,+49 30 3\nb@b.example,y,4,5,6\n"
    file, drafts, _ = read(tmp_path, text)
    assert file.header == ["email", "column 2", "Phone", "Phone (2)", "Phone (3)"]
    assert drafts[0].facts.attributes == {"column_2": "x", "phone_2": "+49 30 2", "phone_3": "+49 30 3"}


def test_a_file_without_a_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="The first line of leads.csv is a lead; put a line with the columns' names"):
        read(tmp_path, "a@a.example,Ann\nb@b.example,Bob\n")


def test_a_long_file_is_read_without_being_held(tmp_path: Path) -> None:
    read(tmp_path, "email,notes,Day\nwarm@up.example,x,01/11/2025\n")  # what is loaded once is no part of a file
    path = tmp_path / "leads.csv"
    with path.open("w") as out:
        out.write("email,notes,Day\n")
        out.writelines(f'p{n}@a.example,"{"note " * 40}{n}",0{n % 9 + 1}/11/2025\n' for n in range(40_000))
    tracemalloc.start()
    try:
        file = CsvFile(path, Mapping(source="fair"), UTC)
        assert sum(isinstance(row, Draft) for _, row in file.rows(NOW)) == 40_000
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size / 3
    finally:
        tracemalloc.stop()
