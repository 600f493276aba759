"""Whatever is in a file: it is refused with a sentence, or each of its rows is stored or refused, and none is both."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.intake.csv_file import CsvFile
from bot.intake.import_file import Summary, import_file
from bot.intake.mapping import BadFile, Mapping
from funnel.policy import Policy
from storage.store import Store
from tests.support.databases import Databases, opened
from tests.support.size import sized

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEADERS = [
    *("email", "Lead ID", "source", "Name", "Vorname", "employees", "Umsatz", "created", "stage", "Lifecycle Stage"),
    *("Email Opt Out", "City", "", "system", "Telefon", "country", "website", "refused_line"),
]
CELLS = st.one_of(
    st.sampled_from(
        [
            *("", "Select", "a@a.example", "b@b.example", "no address", "1", "2", "1.234,5", "1e999", "-7", "51-200"),
            *("yes", "no", "mql", "customer", "2026-11-01", "31/12/2025", "12/31/2025", "0001-01-01", "\x00", "\ufeff"),
            *("=1+1", "x" * 600, "Müller", "😀", "\u2028", "9" * 400, "1" * 5000, "+49 30 1234567", "DE", "a\r\nb"),
        ]
    ),
    st.text(max_size=12),
)
TABLES = st.lists(st.lists(CELLS, max_size=8), max_size=12)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"])


@pytest.fixture(scope="module", params=sized(["sqlite"], ["sqlite", "postgresql"]))
def store(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Store]:
    """One for all examples: what they are about is what becomes of the rows of a file."""
    with opened(databases.fresh(request.param)) as store:
        yield store


def _import(store: Store, policy: Policy, here: Path, content: bytes, mapping: Mapping) -> Summary | None:
    """Import; nothing but BadFile comes out of it, and the counts add up, in the database too."""
    path, rejects = here / "any.csv", here / "any.rejects.csv"
    path.write_bytes(content)
    rejects.unlink(missing_ok=True)
    before = _count(store)
    try:
        summary = import_file(CsvFile(path, mapping, UTC), store, policy, "import", NOW, rejects, lambda summary: None)
    except BadFile:
        assert _count(store) == before
        return None
    assert summary.rows == summary.created + summary.known + summary.refused
    assert sum(summary.kinds.values()) == summary.refused
    assert _count(store) == before + summary.created
    assert _refused(rejects) == summary.refused
    return summary


def _count(store: Store) -> int:
    with store.read() as tx:
        return len(tx.leads.latest(None, None, 1_000_000))


def _refused(rejects: Path) -> int:
    if not rejects.exists():
        return 0
    with rejects.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def _csv(rows: list[list[str]], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


ANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@ANY
@given(content=st.binary(max_size=300))
@example(content=b"")
@example(content=b"\xff\xfe\x00")
@example(content=b"email\n\xff@a.example\n")
@example(content=b'email,name\n"a@a.example')
@example(content=b"sep=;\n")
@example(content=b"\n\n\x00\n")
def test_any_bytes(store: Store, policy: Policy, tmp_path: Path, content: bytes) -> None:
    _import(store, policy, tmp_path, content, Mapping(source="any"))
    _import(store, policy, tmp_path, b"email,Lead ID,created,employees\n" + content, Mapping())


@ANY
@given(
    header=st.permutations(HEADERS),
    width=st.integers(min_value=1, max_value=8),
    rows=TABLES,
    delimiter=st.sampled_from(",;\t|"),
    encoding=ENCODINGS,
)
def test_any_table_under_names_we_know(
    store: Store,
    policy: Policy,
    tmp_path: Path,
    header: list[str],
    width: int,
    rows: list[list[str]],
    delimiter: str,
    encoding: str,
) -> None:
    text = _csv([["email", *header[:width]], *rows], delimiter)
    content = text.encode(encoding, errors="replace")
    summary = _import(store, policy, tmp_path, content, Mapping(source="any"))
    if summary is not None:
        again = _import(store, policy, tmp_path, content, Mapping(source="any"))
        assert again is not None
        assert (again.created, again.refused) == (0, summary.refused)


@ANY
@given(encoding=st.text(max_size=12) | st.sampled_from(["utf_7", "idna", "punycode", "rot13", "cp037", "utf-16-be"]))
def test_any_name_of_an_encoding(store: Store, policy: Policy, tmp_path: Path, encoding: str) -> None:
    _import(store, policy, tmp_path, b"email,name\na@a.example,+2AA-\n", Mapping(source="any", encoding=encoding))


@ANY
@given(
    text=st.text(max_size=200),
    delimiter=st.none() | st.characters(exclude_characters='"\r\n\x00', exclude_categories=["Cs"]),
)
def test_any_text_and_any_delimiter(
    store: Store, policy: Policy, tmp_path: Path, text: str, delimiter: str | None
) -> None:
    content = f"email,name\n{text}".encode(errors="replace")
    _import(store, policy, tmp_path, content, Mapping(source="any", delimiter=delimiter))
