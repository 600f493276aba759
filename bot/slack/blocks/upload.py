"""The card of a dropped file: what is in it, what becomes of it, and what became of it."""

from bot.slack import ids, words
from bot.slack.blocks.fields import field, form
from bot.slack.blocks.outlook import outlook_blocks
from bot.slack.words import Block
from funnel.upload import RefusedRow, Tally, Upload, UploadState

_CELLS = 10


def upload_text(upload: Upload) -> str:
    """The card in one line."""
    return _line(upload).replace("*", "")


def upload_blocks(upload: Upload) -> list[Block]:
    """The card as it stands now."""
    match upload.state:
        case UploadState.READY:
            return _ready(upload)
        case UploadState.IMPORTING:
            return [words.section(f"{_line(upload)}\n{progress_text(upload.tally.rows, upload.rows)}")]
        case UploadState.DONE:
            return [words.section(_line(upload)), *_origin(upload)]
        case UploadState.FAILED if upload.outlook:
            return [words.section(_line(upload)), *outlook_blocks(upload.outlook)]
    return [words.section(_line(upload))]


def _line(upload: Upload) -> str:
    name = file_name(upload)
    match upload.state:
        case UploadState.OFFERED:
            return f"⏳ Reading {name} …"
        case UploadState.READY:
            return f"📄 {name} · {words.many(upload.rows, 'row')}"
        case UploadState.QUEUED:
            return f"⏳ {name} is next: the import begins in a moment."
        case UploadState.IMPORTING:
            return f"⏳ Importing {name} …"
        case UploadState.DONE:
            return f"✅ {name} is imported: {_counts(upload.tally)}."
        case UploadState.CANCELLED:
            return f"✖️ {name} was cancelled, nothing of it is stored. Drop it again if you change your mind."
    return f"⚠️ {_problem(upload)}"


def _problem(upload: Upload) -> str:
    """What is wrong with a file; it may quote all its columns."""
    return words.escape(words.cut(upload.problem, 1_000))


def file_name(upload: Upload) -> str:
    return f"*{words.escape(words.cut(upload.name, 100))}*"


def _ready(upload: Upload) -> list[Block]:
    outlook = upload.outlook
    assert outlook is not None  # a file is ready when it was read
    tally = outlook.tally
    all_of_them = "*All of them can be imported.*"
    some = f"*{words.many(tally.good, 'row')} can be imported*, {tally.refused:,} would be refused."
    head = f"{_line(upload)}\n{some if tally.refused else all_of_them}"
    action, value = (ids.IMPORT, "") if outlook.has_source else (ids.IMPORT_FROM, f":{outlook.suggested_source}")
    buttons = [
        words.button(f"Import {words.many(tally.good, 'lead')}", action, f"{upload.id}{value}", "primary"),
        words.button("Cancel", ids.CANCEL_IMPORT, str(upload.id)),
    ]
    return [
        words.section(head),
        *outlook_blocks(outlook),
        {"type": "actions", "elements": buttons},
        words.context(
            "Not right? Cancel, rename the column in the file (`email`, `name`, `company` …) and drop it again."
        ),
    ]


def progress_text(done: int, total: int) -> str:
    """How far an import came: 4,500 of 9,000 rows ▓▓▓▓▓░░░░░."""
    full = min(_CELLS, _CELLS * done // max(total, 1))
    return f"{done:,} of {words.many(total, 'row')} {'▓' * full}{'░' * (_CELLS - full)}"


def _counts(tally: Tally) -> str:
    """What became of the rows; of what there is none, nothing is said."""
    more = {"known already": tally.known, "refused": tally.refused}
    counts = [
        f"*{words.many(tally.created, 'new lead')}*",
        *(f"{count:,} {what}" for what, count in more.items() if count),
    ]
    return ", ".join([*counts, *([words.many(tally.remarks, "remark")] if tally.remarks else [])])


def _origin(upload: Upload) -> list[Block]:
    """Where the leads are from if the file does not say it, and who decided if it was somebody else."""
    told = [f"Source: {words.escape(upload.source)}"] if upload.source else []
    if upload.decided_by and upload.decided_by != upload.user:
        told.append(f"imported by {words.mention(upload.decided_by)}")
    return [words.context(" · ".join(told))] if told else []


def result_text(upload: Upload) -> str:
    """What became of the rows, for who dropped the file."""
    who = words.mention(upload.user)
    if upload.state is UploadState.FAILED:
        return f"{who} {file_name(upload)} is not all imported. {_problem(upload)}"
    return f"{who} I am through with {file_name(upload)}: {_counts(upload.tally)}."


def result_blocks(upload: Upload) -> list[Block]:
    """The result, with the first remarks about rows that were taken all the same."""
    tally = upload.tally
    blocks = [words.section(result_text(upload))]
    if tally.told:
        more = [f"… and {tally.remarks - len(tally.told):,} more"] if tally.remarks > len(tally.told) else []
        blocks.append(words.context("\n".join([*(f"• {words.escape(told)}" for told in tally.told), *more])))
    if tally.created:
        blocks.append(words.context("New leads are scored now; MQLs among them are posted to their channels."))
    return blocks


def hand_back_text(upload: Upload) -> str:
    """What is said beside the file of refused rows."""
    refused = words.many(upload.tally.refused, "row")
    return f"Refused: {refused}, here with line, column and why. Mend this file and drop it on me again."


def reasons_text(upload: Upload) -> str:
    """The refused rows in words, where they cannot be handed back as a file."""
    tally = upload.tally
    lines = [f"• {_refusal(row)}" for row in tally.refusals]
    if tally.refused > len(lines):
        lines.append(f"… and {tally.refused - len(lines):,} more")
    head = f"*{words.many(tally.refused, 'row')} of {words.escape(upload.name)} refused*"
    return "\n".join([head, *lines, "Mend them in your file and drop it on me again: what is known stays as it is."])


def _refusal(row: RefusedRow) -> str:
    column = f", {words.escape(words.cut(row.column, 80))}" if row.column else ""
    return f"line {row.line:,}{column}: {words.escape(words.cut(row.why, 200))}"


def source_view(source: str, metadata: str) -> Block:
    """The modal that asks where the people of a file are from; `source` is suggested."""
    more: Block = {"max_length": 100, "placeholder": words.plain("Fair Berlin 2026", 150)}
    more |= {"initial_value": source[:100]} if source else {}
    hint = "Where are these people from? Reports are split by it. For example: Fair Berlin 2026"
    asked = field(ids.SOURCE, "Source", "plain_text_input", hint, **more)
    return form(ids.SOURCE_MODAL, "Import leads", "Import", [asked], metadata, close="Back")
