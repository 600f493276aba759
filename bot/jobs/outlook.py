"""What a file read by the intake looks like to whoever dropped it in Slack."""

from datetime import datetime
from itertools import islice

from bot.intake.csv_file import CsvFile
from bot.intake.csv_refusal import Refusal
from bot.intake.guess_words import slug, system_name
from bot.intake.import_file import Summary
from bot.intake.mapping import FIELDS, Mapping
from funnel.lead import Draft
from funnel.upload import MOST_TOLD, Kind, Outlook, RefusedRow, Tally, stem_of

_ORDER = ["email", "external_id", *(field for field in FIELDS if field != "source"), "source"]
_KINDS = 10
_FIRST = 3


def mapping_of(name: str, source: str | None) -> Mapping:
    """How a dropped file is read: by guessing, its ids being those of the system it is named after.

    `source` is for files without a column that says it.
    """
    return Mapping(source=source, system=system_name(name))


def outlook_of(file: CsvFile, summary: Summary, now: datetime) -> Outlook:
    """What would become of a file, after a look at all of its rows."""
    seen = file.preview
    has_ids = "external_id" in seen.fields and "system" not in seen.fields
    return Outlook(
        fields=dict(sorted(seen.fields.items(), key=lambda pair: _place(pair[0]))),
        kept=list(seen.attributes.values()),
        left_out=seen.left_out,
        encoding=seen.encoding,
        encoding_guessed=seen.encoding_guessed,
        delimiter=seen.delimiter,
        day_order=seen.day_order.sentence if seen.day_order else "",
        decimals={seen.fields[field]: sign for field, sign in seen.decimals.items()},
        system=(file.mapping.system or "") if has_ids else "",
        undated_stage=seen.undated_stage,
        suggested_source=slug(stem_of(file.name)),
        tally=tally_of(summary),
        first=_first(file, now),
    )


def _place(field: str) -> int:
    """Where a field is shown: who it is first, where they are from last."""
    return _ORDER.index(field) if field in _ORDER else len(_ORDER) - 1


def _first(file: CsvFile, now: datetime) -> list[Draft]:
    """The first leads; their attributes are not shown, so they are not kept either."""
    drafts = (row for _, row in file.rows(now) if not isinstance(row, Refusal))
    return [draft._replace(facts=draft.facts._replace(attributes={})) for draft in islice(drafts, _FIRST)]


def tally_of(summary: Summary) -> Tally:
    """What became of rows, as it is kept: the numbers, and the first of what is told one by one."""
    return Tally(
        rows=summary.rows,
        created=summary.created,
        known=summary.known,
        refused=summary.refused,
        remarks=len(summary.remarks),
        kinds=[
            Kind(column=column, reason=reason, rows=rows)
            for (column, reason), rows in summary.kinds.most_common(_KINDS)
        ],
        refusals=[RefusedRow(line=one.line, column=one.column, why=one.why) for one in summary.examples[:MOST_TOLD]],
        told=[f"line {line:,}: {sentence}" for line, sentence in summary.remarks[:MOST_TOLD]],
    )
