"""A list of leads that somebody dropped on the bot: what it is, what could become of it, and what became of it."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, field_serializer

from funnel.lead import Draft

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes; a hundred thousand leads are about ten million."""

MOST_TOLD = 10
"""Refused rows, and remarks, that are told one by one."""

_ENDINGS = {"csv", "tsv", "txt"}
_WORKBOOKS = {"xlsx", "xls", "xlsm", "ods", "numbers"}


class UploadState(StrEnum):
    """offered -> ready -> queued -> importing -> done; or cancelled, or failed.

    An offered file waits to be read, a ready one for somebody to decide, a queued one to be imported.
    """

    OFFERED = "offered"
    READY = "ready"
    QUEUED = "queued"
    IMPORTING = "importing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class DroppedFile(BaseModel):
    """A file as Slack tells of it: `kind` is Slack's own word for its type, `size` is in bytes.

    `ts` is of the message it came with, `thread_ts` of the one whose thread answers stand in. `url` is empty where
    Slack does not hand the file out.
    """

    model_config = ConfigDict(frozen=True)

    file_id: str
    name: str
    kind: str
    size: int
    url: str
    channel: str
    ts: str
    thread_ts: str


class Kind(BaseModel):
    """How many rows were refused for the same reason in the same column."""

    model_config = ConfigDict(frozen=True)

    column: str
    reason: str
    rows: int


class RefusedRow(BaseModel):
    """A row that was not taken: its line in the file, the column, and why."""

    model_config = ConfigDict(frozen=True)

    line: int
    column: str
    why: str


class Tally(BaseModel):
    """What became of rows. `remarks` counts those that were taken with something odd about them.

    `kinds` has the commonest reasons first; `refusals` and `told` are the first refused rows and the first remarks.
    """

    model_config = ConfigDict(frozen=True)

    rows: int = 0
    created: int = 0
    known: int = 0
    refused: int = 0
    remarks: int = 0
    kinds: list[Kind] = []
    refusals: list[RefusedRow] = []
    told: list[str] = []

    @property
    def good(self) -> int:
        """The rows that were, or could be, taken."""
        return self.rows - self.refused

    def after(self, earlier: "Tally") -> "Tally":
        """This tally of a file that was gone on with, where some rows were taken `earlier`."""
        return self.model_copy(
            update={
                "rows": max(earlier.rows, self.rows),
                "created": earlier.created + self.created,
                "known": earlier.known + self.known,
                "remarks": earlier.remarks + self.remarks,
                "told": [*earlier.told, *self.told][:MOST_TOLD],
            }
        )


class Outlook(BaseModel):
    """What would become of a file: which column is read as what, what was chosen, and how many rows could be taken.

    `fields` is by field; `kept` are columns that become attributes, `left_out` those that say the same in every row.
    `day_order` is how dates are read and how that is known; `decimals` has the decimal sign by the column's name, ""
    where the file leaves it open. `system` names the system of the ids, if there are any. `suggested_source` is what
    the leads' source may be called if no column says it. `first` are some of the leads, without attributes.
    """

    model_config = ConfigDict(frozen=True)

    fields: dict[str, str]
    kept: list[str] = []
    left_out: list[str] = []
    encoding: str = "utf-8"
    encoding_guessed: bool = False
    delimiter: str = ","
    day_order: str = ""
    decimals: dict[str, str] = {}
    system: str = ""
    undated_stage: bool = False
    suggested_source: str = ""
    tally: Tally
    first: list[Draft] = []

    @field_serializer("first")
    def _by_name(self, first: list[Draft]) -> list[dict[str, Any]]:
        """By the names of what is known, not by places, which another version may have otherwise."""
        return [draft._asdict() | {"facts": draft.facts._asdict()} for draft in first]

    @property
    def has_source(self) -> bool:
        """Whether the file itself says where each lead is from."""
        return "source" in self.fields


class Upload(BaseModel):
    """A dropped file and how far it came.

    `message_ts` is where its card stands in the thread. `line` is the last line whose leads are stored, `turn` how
    often it was taken up since somebody last decided on it. `outlook` is kept until somebody has decided.
    """

    model_config = ConfigDict(frozen=True)

    id: int
    file_id: str
    name: str
    url: str
    user: str
    channel: str
    thread_ts: str
    message_ts: str | None
    state: UploadState
    source: str | None
    decided_by: str | None
    outlook: Outlook | None
    rows: int
    tally: Tally
    line: int
    turn: int
    problem: str

    @property
    def stem(self) -> str:
        """The name without its ending."""
        return stem_of(self.name)


def stem_of(name: str) -> str:
    """A file's name without its ending; refused rows that are handed in again are named like their file."""
    return (name.rpartition(".")[0] or name).removesuffix(".rejects")


def problem_of(file: DroppedFile) -> str:
    """Why a file is not even looked at, in one sentence for the person; "" when it can be."""
    ending = file.name.rpartition(".")[2].lower() if "." in file.name else ""
    if ending in _WORKBOOKS:
        return f"{file.name} is a workbook: save it as CSV (File, Save as, “CSV UTF-8”) and drop that on me."
    if ending not in _ENDINGS and file.kind not in {"csv", "tsv"} and (ending or file.kind != "text"):
        return f"I cannot read {file.name}. Drop a list of leads on me as a .csv, .tsv or .txt file."
    if file.size > LARGEST_FILE:
        most, size = LARGEST_FILE // 1024**2, -(-file.size // 1024**2)  # rounded up
        return f"{file.name} has {size:,} MB and I take up to {most}; drop it in parts."
    if not file.url:
        return f"Slack does not hand {file.name} out to me; drop the file itself, from your computer."
    return ""
