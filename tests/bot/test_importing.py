"""Files: good rows go in whatever the bad ones are, and every refusal says where and why."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.intake.csv_file import CsvFile
from bot.intake.import_file import Summary, import_file
from bot.intake.mapping import BadFile, Mapping, read_mapping
from funnel.policy import Policy
from storage.store import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def _import(store: Store | None, policy: Policy, path: Path, **mapping: Any) -> Summary:
    file = CsvFile(path, Mapping(**({"source": "fair"} | mapping)), BERLIN)
    return import_file(file, store, policy, "import", NOW, path.with_suffix(".rejects.csv"), lambda summary: None)


def _write(here: Path, text: str, encoding: str = "utf-8") -> Path:
    path = here / "leads.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_good_rows_go_in_and_each_bad_one_is_told_with_line_column_and_why(
    store: Store, policy: Policy, tmp_path: Path
) -> None:
    path = _write(
        tmp_path,
        "E-Mail,Full name,Employees,Created\n"
        "dana@acme.example,Dana,120,2026-11-01\n"
        "nobody,Nobody,5,2026-11-01\n"
        'kim@novum.example,"Kim\nof two lines",many,2026-11-01\n'
        "lee@oak.example,Lee,,2026-02-30\n"
        "too,few\n"
        "max@elm.example,Max,9,2026-11-02T10:00:00\n",
    )
    summary = _import(store, policy, path)
    assert (summary.rows, summary.created, summary.refused) == (6, 2, 4)
    told = [(one.line, one.column, one.why) for one in summary.examples]
    assert [(line, column) for line, column, _ in told] == [(3, "E-Mail"), (4, "Employees"), (6, "Created"), (7, "")]
    assert "is no e-mail address" in told[0][2]
    assert "is no date like 2026-11-22" in told[2][2]
    assert told[3][2] == "has 2 cells where the header has 4; complete the row"
    with store.read() as tx:
        max_ = tx.leads.find("max@elm.example")[0]
    assert max_.first_seen_at == datetime(2026, 11, 2, 9, tzinfo=UTC)  # ten o'clock in Berlin


def test_the_rejects_file_can_be_mended_and_imported(store: Store, policy: Policy, tmp_path: Path) -> None:
    path = _write(tmp_path, "email,name\nwrong,Dana\n")
    _import(store, policy, path)
    rejects = path.with_suffix(".rejects.csv")
    assert rejects.read_text().splitlines()[0] == "refused_line,refused_column,refused_why,email,name"
    rejects.write_text(rejects.read_text().replace("wrong,Dana", "dana@acme.example,Dana"))
    assert _import(store, policy, rejects).created == 1


FORMULA = '=HYPERLINK("http://evil.example","Click")'


def test_a_spreadsheet_runs_nothing_of_the_rejects_file_and_an_import_of_it_takes_the_cells_as_they_were(
    store: Store, policy: Policy, tmp_path: Path
) -> None:
    path = tmp_path / "leads.csv"
    cells = ["wrong", FORMULA, "+49 30 1234567", "'=1+1", "-7", "@home"]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["email", "name", "phone", "=Quoted", "Balance", "Motto"], cells])
    _import(store, policy, path)
    rejects = path.with_suffix(".rejects.csv")
    with rejects.open(newline="") as file:
        header, row = csv.reader(file)
    assert header[3:] == ["email", "name", "phone", "'=Quoted", "Balance", "Motto"]
    assert row[3:] == ["wrong", f"'{FORMULA}", "'+49 30 1234567", "''=1+1", "-7", "'@home"]
    rejects.write_text(rejects.read_text().replace(",wrong,", ",dana@acme.example,"))
    assert _import(store, policy, rejects).created == 1
    with store.read() as tx:
        facts = tx.leads.find("dana@acme.example")[0].facts
    assert (facts.name, facts.phone) == (FORMULA, "+49301234567")
    assert facts.attributes == {"quoted": "'=1+1", "balance": "-7", "motto": "@home"}


def test_why_a_row_was_refused_is_no_formula_either(store: Store, policy: Policy, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("email,employees\n=1+1,\na@a.example,=2+2\n")
    _import(store, policy, path, columns={"email": "email", "employees": "employees"})
    with path.with_suffix(".rejects.csv").open(newline="") as file:
        told = list(csv.reader(file))[1:]
    assert all(cell[:1] not in "=+-@" for row in told for cell in row if cell)


def test_a_file_that_is_none_of_refused_rows_keeps_its_apostrophes(
    store: Store, policy: Policy, tmp_path: Path
) -> None:
    _import(store, policy, _write(tmp_path, "email,name\ndana@acme.example,'=1+1\n"))
    with store.read() as tx:
        assert tx.leads.find("dana@acme.example")[0].facts.name == "'=1+1"


def test_importing_the_same_file_again_changes_nothing(store: Store, policy: Policy, tmp_path: Path) -> None:
    path = _write(tmp_path, "email,name\ndana@acme.example,Dana\nkim@novum.example,Kim\n")
    _import(store, policy, path)
    with store.read() as tx:
        before = tx.leads.latest(None, None, 10)
    summary = _import(store, policy, path)
    assert (summary.created, summary.known) == (0, 2)
    with store.read() as tx:
        assert tx.leads.latest(None, None, 10) == before


def test_a_person_twice_in_a_file_is_one_lead(store: Store, policy: Policy, tmp_path: Path) -> None:
    path = _write(tmp_path, "email,name,company\ndana@acme.example,Dana,\nDANA@acme.example,,Acme\n")
    summary = _import(store, policy, path)
    assert (summary.created, summary.known) == (1, 1)
    with store.read() as tx:
        facts = tx.leads.find("dana@acme.example")[0].facts
    assert (facts.name, facts.company) == ("Dana", "Acme")


def test_a_dry_run_reads_every_row_and_stores_none(policy: Policy, tmp_path: Path) -> None:
    path = _write(tmp_path, "email\ndana@acme.example\nwrong\n")
    summary = _import(None, policy, path)
    assert (summary.rows, summary.refused, summary.created) == (2, 1, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_are_found(policy: Policy, tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = f"email{delimiter}name\ndana@acme.example{delimiter}Zoë Müller\n"
    summary = _import(None, policy, _write(tmp_path, text, encoding))
    assert (summary.rows, summary.refused) == (1, 0)


@pytest.mark.parametrize(
    ("content", "mapping", "told"),
    [
        (b"", {}, "leads.csv is empty."),
        (b"name\nDana\n", {}, "No column is mapped to email or external_id"),
        (b"email\n", {"source": None}, "add --source NAME"),
        (b"mail,x\n", {"columns": {"email": "E-Mail"}}, "no column “E-Mail” (for email); its columns are: mail, x"),
        ("email\nd@a.example\nMüller\n".encode("cp1252"), {"encoding": "utf-8"}, "is not UTF-8; leave --encoding away"),
        (b"email\n", {"encoding": "klingon"}, "is no encoding"),
    ],
    ids=["empty", "no identity", "no source", "no column", "encoding", "unknown encoding"],
)
def test_a_file_that_cannot_be_used_gets_one_sentence(
    policy: Policy, tmp_path: Path, content: bytes, mapping: dict[str, Any], told: str
) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    with pytest.raises(BadFile) as refused:
        _import(None, policy, path, **mapping)
    assert told in refused.value.sentence


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("columns = 3", "columns"),
        ('[columns]\nemial = "x"', "'emial' is no field of a lead"),
        ('sorce = "x"', "did you mean source?"),
        ('timezone = "Mars/Base"', "is no IANA time zone"),
        ("= 1", "is not TOML"),
    ],
)
def test_a_bad_mapping_gets_one_sentence(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(BadFile) as refused:
        read_mapping(path)
    assert told in refused.value.sentence


def test_history_told_in_any_order_gives_the_same_cycle(store: Store, policy: Policy, tmp_path: Path) -> None:
    mql = "external_id,date\n1,2026-10-01\n"
    won = "external_id,date\n1,2026-10-20\n"
    for folder, files in (("a", [("mql", mql), ("customer", won)]), ("b", [("customer", won), ("mql", mql)])):
        for stage, text in files:
            _import(store, policy, _write(tmp_path, text), source=None, system=folder, stage=stage)
    with store.read() as tx:
        one, other = (tx.cycles.of_lead(lead_id)[0] for lead_id in (1, 2))
    assert (one.mql_at, one.customer_at, one.stage) == (other.mql_at, other.customer_at, other.stage)
    assert one.mql_at == datetime(2026, 9, 30, 22, tzinfo=UTC)


def test_a_deal_won_before_the_first_contact_is_reported_and_kept(store: Store, policy: Policy, tmp_path: Path) -> None:
    _import(store, policy, _write(tmp_path, "external_id,date\n1,2026-10-20\n"), stage="mql")
    summary = _import(store, policy, _write(tmp_path, "external_id,date\n1,2026-10-18\n"), stage="customer")
    assert summary.remarks == [
        (2, "It became customer on 2026-10-17, before it became MQL on 2026-10-19; both days are kept.")
    ]
    with store.read() as tx:
        assert tx.cycles.of_lead(1)[0].customer_at == datetime(2026, 10, 17, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rows", "line", "told"),
    [
        (
            'a@a.example,Ann\nb@b.example,"Bob\nc@c.example,Cy\n',
            3,
            "a quote is opened here and never closed, so lines 3 to 4",
        ),
        ('a@a.example,"Ann" x\nb@b.example,Bob\n', 2, "this is not CSV"),
        ("a@a.example," + "x" * 1_100_000 + "\nb@b.example,Bob\n", 2, "this is not CSV (field larger than"),
        ("a@a.example,Acme, Inc\nb@b.example,Bob\n", 2, "has 3 cells where the header has 2"),
    ],
    ids=["open quote", "text after a quote", "huge cell", "too many cells"],
)
def test_a_row_that_is_no_csv_is_told_and_the_others_are_taken(
    store: Store, policy: Policy, tmp_path: Path, rows: str, line: int, told: str
) -> None:
    summary = _import(store, policy, _write(tmp_path, "email,name\n" + rows))
    assert [(one.line, told in one.why) for one in summary.examples] == [(line, True)]
    assert summary.created == 1


def test_a_refused_row_loses_no_cell_and_is_refused_again_unmended(
    store: Store, policy: Policy, tmp_path: Path
) -> None:
    path = _write(tmp_path, "email,name,phone\na@a.example,Acme, Inc,123\n")
    _import(store, policy, path)
    rejects = path.with_suffix(".rejects.csv")
    assert rejects.read_text().splitlines()[1].endswith("a@a.example,Acme, Inc,123")
    assert _import(store, policy, rejects).refused == 1


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31T23:59:59", "1066-10-14"])
def test_an_impossible_day_is_a_refused_row(policy: Policy, tmp_path: Path, day: str) -> None:
    summary = _import(None, policy, _write(tmp_path, f"email,date\na@a.example,{day}\n"))
    assert (summary.refused, summary.examples[0].column) == (1, "date")
