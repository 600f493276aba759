"""How commands speak: tables for people, JSON for programs, one sentence for a refusal."""

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from funnel.text import visible, visible_line

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def say(text: str) -> None:
    """A line for the person, on standard output; nothing in it moves the cursor."""
    sys.stdout.write(f"{visible(text)}\n")


def say_exactly(text: str) -> None:
    """What was handed in, for whoever reads it in a pipe as it was; on a terminal as `say` does."""
    sys.stdout.write(f"{visible(text) if sys.stdout.isatty() else text}\n")


def say_json(data: Any) -> None:
    """JSON that says the same, with what cannot be seen written as its number."""
    sys.stdout.write(_UNSEEN.sub(_numbered, json.dumps(data, indent=2, ensure_ascii=False)) + "\n")


_UNSEEN = re.compile(r"[^\S \n]|[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def _numbered(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def warn(text: str) -> None:
    """A line beside the output, on standard error."""
    sys.stderr.write(f"{visible(text)}\n")


def fail(sentence: str) -> NoReturn:
    """Say why not, and leave with exit code 1."""
    warn(f"baton: {sentence}")
    sys.exit(1)


def say_table(head: Sequence[str], rows: Sequence[Sequence[str]], right: int = 99) -> None:
    """A table; the columns from number `right` on are numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(head):
        table.add_column(name, justify="right" if place >= right else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(visible_line, row))
    # In a pipe there is no width to keep to.
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False, emoji=False)
    console.print(table)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal; nothing in a pipe. Tell it how much of how much is done."""
    columns = (TextColumn(what), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
