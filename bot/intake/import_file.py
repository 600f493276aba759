"""Import a file: batch after batch, each committed; a bad row holds up no good one."""

import csv
import os
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TextIO

from bot.intake.csv_file import CsvFile
from bot.intake.csv_harmless import harmless
from bot.intake.csv_refusal import Refusal
from bot.intake.guess import REFUSED
from bot.intake.mapping import BadFile
from bot.usecases.quiet import rare_collections
from bot.usecases.receive_leads import receive_leads
from funnel.lead import Draft
from funnel.policy import Policy
from storage.engine import PRIVATE
from storage.store import Store

BATCH = 1_000
"""Rows a transaction: enough to be fast, few enough that a click in between does not wait for long."""


EXAMPLES = 10
_KINDS = 200


@dataclass
class Summary:
    """What became of a file's rows, up to `line`.

    `undated` of the rows taken tell of a stage without its day. `remarks` are (line, sentence) about rows that were
    taken all the same. Of the refusals the first ones are kept as
    `examples`, and `kinds` counts those of a kind (column, reason).
    """

    line: int = 0
    rows: int = 0
    created: int = 0
    known: int = 0
    refused: int = 0
    undated: int = 0
    examples: list[Refusal] = field(default_factory=list)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    remarks: list[tuple[int, str]] = field(default_factory=list)

    def refuse(self, refusal: Refusal) -> None:
        """Count a refusal."""
        self.refused += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(refusal)
        is_new = refusal.kind not in self.kinds
        self.kinds[("", "other reasons") if is_new and len(self.kinds) >= _KINDS else refusal.kind] += 1


def import_file(
    file: CsvFile,
    store: Store | None,
    policy: Policy,
    actor: str,
    now: datetime,
    rejects: Path,
    progress: Callable[[Summary], None],
    after: int = 0,
) -> Summary:
    """Take every good row in the name of `actor` and write every refused one to `rejects`; without a store, only look.

    `progress` is told after every batch of rows what became of all so far. The good rows up to the line `after` were
    taken by an earlier import that broke off: they count as rows, and are neither new nor known.
    """
    summary, rows = Summary(), file.rows(now)
    with ExitStack() as stack:
        refuse = _Rejects(rejects, file.header, stack)
        while True:
            before = summary.rows
            with rare_collections():
                batch = _read(islice(rows, BATCH), refuse, summary, after)
                _take(batch, store, policy, actor, now, summary)
            if summary.rows - before < BATCH:
                return summary
            progress(summary)


def _read(
    rows: Iterable[tuple[int, Draft | Refusal]], refuse: "_Rejects", summary: Summary, after: int
) -> list[tuple[int, Draft]]:
    """The good rows beyond the line `after`; the refused ones are counted and written down."""
    good = []
    for line, row in rows:
        summary.rows, summary.line = summary.rows + 1, line
        if isinstance(row, Refusal):
            summary.refuse(row)
            refuse.write(row)
        elif line > after:
            good.append((line, row))
    return good


def _take(
    batch: list[tuple[int, Draft]], store: Store | None, policy: Policy, actor: str, now: datetime, summary: Summary
) -> None:
    summary.undated += sum(draft.stage is not None and not draft.is_dated for _, draft in batch)
    if store is not None and batch:
        received = receive_leads(store, policy, [draft for _, draft in batch], now, actor)
        created = sum(one.created for one in received)
        summary.created += created
        summary.known += len(received) - created
        summary.remarks += [(line, one.remark) for (line, _), one in zip(batch, received, strict=True) if one.remark]


def _opened_private(path: Path) -> TextIO:
    """A file to be written, which nobody else can read if it is new: its rows are people's data."""
    return open(path, "w", encoding="utf-8", newline="", opener=lambda name, flags: os.open(name, flags, PRIVATE))


class _Rejects:
    """The file of refused rows, made when the first one comes: line, column and why, then the cells as they were.

    But what a spreadsheet would run is written harmless; an import of the file takes that away again. A row of the
    wrong width stays of the wrong width: imported again unmended, it is refused again.
    """

    def __init__(self, path: Path, header: list[str], stack: ExitStack) -> None:
        self._path, self._header, self._stack = path, header, stack
        self._write: Callable[[list[object]], object] | None = None

    def write(self, refusal: Refusal) -> None:
        if self._write is None:
            try:
                file = self._stack.enter_context(_opened_private(self._path))
            except OSError as error:
                raise BadFile(f"The refused rows cannot be written to {self._path} ({error.strerror}).") from error
            self._write = csv.writer(file).writerow
            self._write([*REFUSED, *map(harmless, self._header)])
        why = refusal.why if refusal.why.startswith("'") else harmless(refusal.why)  # a quoted cell runs nowhere
        self._write([refusal.line, harmless(refusal.column), why, *map(harmless, refusal.cells)])
