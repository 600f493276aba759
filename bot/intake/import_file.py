"""Import a file: batch after batch, each committed; a bad row holds up no good one."""

import csv
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.intake.csv_file import CsvFile
from bot.intake.csv_refusal import Refusal
from bot.intake.mapping import BadFile
from bot.usecases.receive_leads import receive_leads
from funnel.lead import Draft
from funnel.policy import Policy
from storage.store import Store

BATCH = 500
"""Rows a transaction: enough to be fast, few enough that a click in between does not wait for long."""


EXAMPLES = 10
_KINDS = 200


@dataclass
class Summary:
    """What became of a file's rows. `remarks` are (line, sentence) about rows that were taken all the same.

    Of the refusals the first ones are kept as `examples`, and `kinds` counts those of a kind (column, reason).
    """

    rows: int = 0
    created: int = 0
    known: int = 0
    refused: int = 0
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
    now: datetime,
    rejects: Path,
    progress: Callable[[int], None],
) -> Summary:
    """Take every good row and write every refused one to `rejects`; without a store, only look.

    `progress` is told the line that was reached.
    """
    summary = Summary()
    batch: list[tuple[int, Draft]] = []
    with ExitStack() as stack:
        refuse = _Rejects(rejects, file.header, stack)
        for line, row in file.rows(now):
            summary.rows += 1
            if isinstance(row, Refusal):
                summary.refuse(row)
                refuse.write(row)
            else:
                batch.append((line, row))
            if len(batch) >= BATCH:
                _take(batch, store, policy, now, summary)
                progress(line)
        _take(batch, store, policy, now, summary)
    return summary


def _take(batch: list[tuple[int, Draft]], store: Store | None, policy: Policy, now: datetime, summary: Summary) -> None:
    if store is not None and batch:
        received = receive_leads(store, policy, [draft for _, draft in batch], now, "import")
        created = sum(one.created for one in received)
        summary.created += created
        summary.known += len(received) - created
        summary.remarks += [(line, one.remark) for (line, _), one in zip(batch, received, strict=True) if one.remark]
    batch.clear()


class _Rejects:
    """The file of refused rows, made when the first one comes: line, column and why, then the cells as they were.

    A row of the wrong width stays of the wrong width: imported again unmended, it is refused again.
    """

    def __init__(self, path: Path, header: list[str], stack: ExitStack) -> None:
        self._path, self._header, self._stack = path, header, stack
        self._write: Callable[[list[object]], object] | None = None

    def write(self, refusal: Refusal) -> None:
        if self._write is None:
            try:
                file = self._stack.enter_context(self._path.open("w", encoding="utf-8", newline=""))
            except OSError as error:
                raise BadFile(f"The refused rows cannot be written to {self._path} ({error.strerror}).") from error
            self._write = csv.writer(file).writerow
            self._write(["refused_line", "refused_column", "refused_why", *self._header])
        self._write([refusal.line, refusal.column, refusal.why, *refusal.cells])
