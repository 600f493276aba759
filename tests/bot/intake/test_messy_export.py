"""An export of nine thousand leads goes in at the first try, and again it changes nothing."""

import csv
import json
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.intake.guess_words import slug
from funnel.lead import Lead
from tests.bot.intake.messy_export import CHOICES, HEADER, NEVER, Export, write_export
from tests.support import command_line
from tests.support.command_line import CommandResult
from tests.support.databases import Databases, opened

TABLES = ("lead", "identity", "cycle", "move", "engagement", "outbox")


def baton(here: Path, url: str, *words: str) -> CommandResult:
    return command_line.baton(here, *words, DATABASE_URL=url)


def stored(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that an import could write."""
    with opened(url) as store, store.read() as tx:
        rows = {name: tx.connection.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2")) for name in TABLES}
        return {name: [tuple(map(str, row)) for row in found] for name, found in rows.items()}


def by_key(url: str) -> dict[str, Lead]:
    with opened(url) as store, store.read() as tx:
        keys = tx.connection.execute(text("SELECT lead_id, key FROM identity WHERE namespace = 'leads'"))
        names = {row.lead_id: row.key for row in keys}
        return {names[lead_id]: lead for lead_id, lead in tx.leads.get_many(names).items()}


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    return write_export(tmp_path_factory.mktemp("export") / "Leads (2).csv")


def test_a_messy_export_goes_in_at_the_first_try_and_again_changes_nothing(
    databases: Databases, kind: str, tmp_path: Path, export: Export
) -> None:
    url = databases.fresh(kind)
    first = baton(tmp_path, url, "import", str(export.path))
    assert "9,006 rows read: 9,000 new leads, 1 known already, 5 refused." in first.stdout
    before = stored(url)
    assert len(before["lead"]) == len(before["identity"]) == 9_000
    assert before["move"] == before["engagement"] == before["outbox"] == []

    again = baton(tmp_path, url, "import", str(export.path))
    assert "9,006 rows read: 0 new leads, 9,001 known already, 5 refused." in again.stdout
    assert stored(url) == before


def test_every_cell_that_says_something_is_kept_as_it_was(databases: Databases, tmp_path: Path, export: Export) -> None:
    url = databases.fresh("sqlite")
    baton(tmp_path, url, "import", str(export.path))
    leads = by_key(url)
    assert set(leads) == set(export.people)
    nothing = {"", "select", "n/a", "na", "null", "-"}
    for key, row in export.people.items():
        lead = leads[key]
        told = {name: cell.replace("\x00", "") for name, cell in row.items() if cell.lower() not in nothing}
        assert lead.source == told.get("Lead Source", "")
        assert lead.facts.attributes["unsubscribed"] is (row["Do Not Email"] == "Yes")
        assert not {"magazine", "newspaper_article", "do_not_email", "prospect_id"} & set(lead.facts.attributes)
        fields = {"Prospect ID", "Lead Source", "Do Not Email", "Country", *NEVER}
        kept = {name: cell for name, cell in told.items() if name not in fields}
        if lead.facts.attributes["page_views_per_visit"] == "again":  # the file tells of this person twice
            kept["Page Views Per Visit"] = "again"
        assert {slug(name): cell for name, cell in kept.items()} == {
            name: value for name, value in lead.facts.attributes.items() if name != "unsubscribed"
        }


def test_what_was_guessed_is_shown_before_anything_is_stored(tmp_path: Path, export: Export) -> None:
    told = baton(tmp_path, "sqlite:///x.db", "import", str(export.path), "--dry-run").stderr.splitlines()
    assert told[:4] == [
        "  external_id             ← Prospect ID",
        "  source                  ← Lead Source",
        "  country                 ← Country",
        "  attributes.unsubscribed ← Do Not Email",
    ]
    text = " ".join(line.strip() for line in told)
    assert "kept as attributes: lead_number, lead_origin, do_not_call, converted, totalvisits, " in text
    assert f"left out, the same or nothing in every row: {', '.join(NEVER)}" in text
    assert "read as utf-8, cells parted by “,”" in text
    assert "ids in Prospect ID are those of the system “leads”: --system NAME to change" in text


def test_each_refused_row_is_explained_and_can_be_mended(databases: Databases, tmp_path: Path, export: Export) -> None:
    url = databases.fresh("sqlite")
    done = baton(tmp_path, url, "import", str(export.path))
    told = [line for line in done.stderr.splitlines() if line.startswith("line ")]
    assert len(told) == len(export.refused)
    for line, (number, column, why) in zip(told, export.refused, strict=True):
        assert line.startswith(f"line {number}, column {column}: " if column else f"line {number}: ")
        assert why in line
    rejects = tmp_path / "Leads (2).rejects.csv"
    with rejects.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == ["refused_line", "refused_column", "refused_why", *HEADER]
    rejects.write_text(rejects.read_text().replace(",perhaps,", ",Yes,").replace("x" * 200, "Google"))
    mended = json.loads(baton(tmp_path, url, "import", str(rejects), "--json").stdout)
    assert (mended["rows"], mended["known"], mended["refused"]) == (5, 2, 3)


def test_json_is_all_there_is_and_has_the_mapping_in_it(tmp_path: Path, export: Export) -> None:
    done = baton(tmp_path, "sqlite:///x.db", "import", str(export.path), "--dry-run", "--json", "--system", "crm")
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert told["mapping"]["fields"]["external_id"] == "Prospect ID"
    assert set(told["mapping"]["left_out"]) == set(NEVER)
    assert len(told["mapping"]["attributes"]) == len(HEADER) - len(NEVER) - 4
    assert told["mapping"]["encoding"] == "utf-8"
    assert told["mapping"]["system"] is None
    assert {"column": "Do Not Email", "reason": "is neither yes nor no", "rows": 1} in told["reasons"]
    assert set(CHOICES) <= set(HEADER)


def test_many_refusals_are_told_by_their_reasons(tmp_path: Path) -> None:
    rows = "".join(f"p{n}@a.example,{'x' * 200},5\n" for n in range(212)) + "b@b.example,Web,many\n"
    (tmp_path / "leads.csv").write_text(f"email,Lead Source,employees\n{rows}")
    done = baton(tmp_path, "sqlite:///x.db", "import", "leads.csv", "--dry-run")
    assert "… and 203 more; in all:" in done.stderr
    assert "  212 rows: Lead Source is longer than 100 characters" in done.stderr
    assert "  1 row: employees is no number" in done.stderr
