"""Import leads from a file."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.output import AsJson, fail, progress_bar, say, say_json, warn
from bot.cli.stores import open_ready_store
from bot.clock import utc_now
from bot.intake.csv_file import CsvFile
from bot.intake.csv_refusal import printable
from bot.intake.import_file import Summary, import_file
from bot.intake.mapping import Mapping, NoSource, read_mapping
from bot.settings import Settings, load_settings
from bot.slack.words import many
from bot.wiring import policy_now, settings_policy
from funnel.lifecycle import Stage


def register(app: typer.Typer) -> None:
    app.command("import")(import_leads)


def import_leads(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv")],
    mapping: Annotated[
        Path | None, typer.Option("--map", help="A TOML file that says which column is what: docs/mapping.md.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Where these leads come from.")] = None,
    system: Annotated[str | None, typer.Option(help="The system whose ids are in the file.")] = None,
    stage: Annotated[Stage | None, typer.Option(help="The stage every row has reached: history.")] = None,
    encoding: Annotated[str | None, typer.Option(help="If it is found wrongly: utf-8, cp1252, utf-16 …")] = None,
    rejects: Annotated[Path | None, typer.Option(help="Where refused rows go (FILE.rejects.csv).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row, store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import leads from a CSV file. Good rows are taken, refused ones are written to a file of their own.

    Without --map, the columns are guessed by their names and by what is in them, and shown before anything is stored.
    """
    settings = load_settings()
    given = {"source": source, "system": system, "stage": stage, "encoding": encoding}
    asked = (read_mapping(mapping) if mapping else Mapping()).model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    table, lacks = _table(file, asked, settings, dry_run=dry_run)
    if not as_json:
        for line in table.preview.lines():
            warn(line)
    out = _rejects(file, rejects)
    summary = _import(table, settings, out, dry_run=dry_run)
    if as_json:
        say_json(_as_json(summary, out, dry_run=dry_run) | {"mapping": table.preview.as_json()})
    else:
        _print(summary, out, dry_run=dry_run, undated=0 if table.preview.undated_stage else summary.undated)
    if lacks:
        fail(lacks)
    if summary.rows and summary.refused == summary.rows:
        fail("no row could be taken.")


def _table(file: Path, asked: Mapping, settings: Settings, *, dry_run: bool) -> tuple[CsvFile, str]:
    """The file, and what an import of it lacks, but not a mere look at it."""
    try:
        return CsvFile(file, asked, settings.zone), ""
    except NoSource as error:
        if not dry_run:
            raise
        return CsvFile(file, asked.model_copy(update={"source": "unknown"}), settings.zone), error.sentence


def _import(table: CsvFile, settings: Settings, out: Path, *, dry_run: bool) -> Summary:
    store = None if dry_run else open_ready_store(settings)
    policy = policy_now(store, settings, utc_now()) if store else settings_policy(settings)
    with progress_bar("Importing") as progress:

        def reached(summary: Summary) -> None:
            progress(summary.line, table.lines)

        return import_file(table, store, policy, "import", utc_now(), out, reached)


def _rejects(file: Path, asked: Path | None) -> Path:
    """Where refused rows go: never over the file they are of, nor unasked over those of the last time."""
    if asked and asked.exists() and asked.samefile(file):
        fail("--rejects names the file that is imported; name another.")
    return asked or _free(Path(f"{file.stem}.rejects.csv"))


def _free(path: Path) -> Path:
    """The path, or one beside it: somebody may be mending the rows there."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}.{number}{path.suffix}")
    return free


def _print(summary: Summary, out: Path, *, dry_run: bool, undated: int) -> None:
    _print_refusals(summary)
    for line, remark in summary.remarks[:10]:
        warn(f"line {line}: {remark}")
    if len(summary.remarks) > 10:
        warn(f"… and {len(summary.remarks) - 10:,} more remarks")
    if undated:
        warn(f"{many(undated, 'row')} without the day of a stage: it counts as of now, and new MQLs are announced")
    good = summary.rows - summary.refused
    if dry_run:
        read = f"{many(summary.rows, 'row')} read"
        say(f"{read}: {good:,} could be taken, {summary.refused:,} refused. Nothing was stored.")
    else:
        say(
            f"{many(summary.rows, 'row')} read: {many(summary.created, 'new lead')}, {summary.known:,} known already, "
            f"{summary.refused:,} refused."
        )
    if summary.refused:
        say(f"The refused rows are in {out}, each with its line, its column and why; mend them and import that file.")


def _print_refusals(summary: Summary) -> None:
    """The first refused rows each by itself; if there are more, then how many there are of each kind."""
    for refusal in summary.examples:
        column = f", column {printable(refusal.column)}" if refusal.column else ""
        warn(f"line {refusal.line}{column}: {refusal.why}")
    if summary.refused > len(summary.examples):
        warn(f"… and {summary.refused - len(summary.examples):,} more; in all:")
        for (column, reason), count in summary.kinds.most_common():
            warn(f"  {many(count, 'row')}: {printable(f'{column} {reason}').strip()}")


def _as_json(summary: Summary, out: Path, *, dry_run: bool) -> dict[str, object]:
    return {
        "rows": summary.rows,
        "new": summary.created,
        "known": summary.known,
        "refused": summary.refused,
        "undated": summary.undated,
        "reasons": [
            {"column": column, "reason": reason, "rows": count}
            for (column, reason), count in summary.kinds.most_common()
        ],
        "rejects_file": str(out) if summary.refused else None,
        "remarks": [{"line": line, "remark": remark} for line, remark in summary.remarks],
        "dry_run": dry_run,
    }
