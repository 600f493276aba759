"""What a file will be taken for, as data and in words, before any row of it is stored."""

from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

from bot.intake.csv_dates import DayOrder
from bot.intake.csv_refusal import printable
from bot.intake.guess_aliases import UNSUBSCRIBED
from bot.intake.mapping import NAME_PARTS, Mapping

_SHOWN_DELIMITERS = {"\t": "tabs", "\x1e": "record separators", "\x1f": "unit separators"}

_DECIMALS = {
    ",": "are written like 1.234,50",
    ".": "are written like 1,234.50",
    "": "leave open what a single sign is: 1.234 and 1,234 are read as 1234",
}


@dataclass(frozen=True)
class Preview:
    """What becomes of a file's columns, and what was chosen for it.

    `fields` and `attributes` say from which column each is read; `left_out` are columns of a guess that say the same,
    or nothing, in every row; `unused` are columns that a mapping does not name. `decimals` has the decimal sign of
    each column of numbers where it matters, "" where the file leaves it open; `system` is there if it was chosen for
    the file, and not said. `opt_outs` are the columns that say who has opted out; `says_unsubscribed` is of the
    file's name.
    """

    fields: dict[str, str]
    attributes: dict[str, str]
    left_out: list[str]
    unused: list[str]
    encoding: str
    encoding_guessed: bool
    delimiter: str
    system: str | None = None
    day_order: DayOrder | None = None
    decimals: dict[str, str] = field(default_factory=dict)
    undated_stage: bool = False
    opt_outs: list[str] = field(default_factory=list)
    says_unsubscribed: bool = False

    def lines(self) -> list[str]:
        """The preview for people, line by line: the fields below each other, then the attributes, then the choices."""
        width = max((len(name) for name in self.fields), default=0)
        lines = [
            *(f"  {name:<{width}} ← {column}" for name, column in self.fields.items()),
            *self._attribute_lines(),
            *(f"  {sentence}" for sentence in self.choices()),
        ]
        return [printable(line) for line in lines]

    def _attribute_lines(self) -> list[str]:
        lists = {
            "kept as attributes": list(self.attributes),
            "left out, the same or nothing in every row": self.left_out,
            "not used": self.unused,
        }
        told = [f"{what}: {', '.join(names)}" for what, names in lists.items() if names]
        if self.unused:
            told[-1] += " (name them in a mapping file: --map)"
        return [line for text in told for line in _wrapped(text)]

    def choices(self) -> list[str]:
        """What was chosen where the file leaves it open, and how to say otherwise; a sentence each, without its dot."""
        sign = _SHOWN_DELIMITERS.get(self.delimiter, f"“{self.delimiter}”")
        wrong = "; say --encoding if that is wrong" if self.encoding_guessed else ""
        told = [f"read as {self.encoding}, cells parted by {sign}{wrong}"]
        if self.system and "external_id" in self.fields:
            column = self.fields["external_id"]
            told.append(f"ids in {column} are those of the system “{self.system}”: --system NAME to change")
        if self.day_order:
            column = self.fields["occurred_at"]
            told.append(f"dates in {column} have {self.day_order.sentence}; date_format in a mapping changes it")
        for name, decimal in self.decimals.items():
            told.append(f"numbers in {self.fields[name]} {_DECIMALS[decimal]}; decimal in a mapping changes it")
        told += self._opt_out_choices()
        if self.undated_stage:
            told.append(
                "no column says on which day a stage was reached: it counts as of now, and new MQLs are announced"
            )
        return told

    def _opt_out_choices(self) -> list[str]:
        """What is read of who has opted out; and what is not, but looks as if it were meant."""
        unread = [name for name in self.opt_outs if name in self.unused]
        read = [name for name in self.opt_outs if name not in unread]
        told = [f"who has opted out is read from {', '.join(read)}; no list lifts an opt-out"] if read else []
        if unread:
            told.append(f"{', '.join(unread)} may say who has opted out, and is not read; map it to {UNSUBSCRIBED}")
        if self.says_unsubscribed and not read:
            told.append(
                "the file's name says that its people have unsubscribed, but no column that is read does: they would "
                "come in as if they had not; add a column “unsubscribed” that says yes"
            )
        return told

    def as_json(self) -> dict[str, Any]:
        """The preview for programs."""
        return {
            "fields": self.fields,
            "attributes": self.attributes,
            "left_out": self.left_out,
            "unused": self.unused,
            "encoding": self.encoding,
            "encoding_guessed": self.encoding_guessed,
            "delimiter": self.delimiter,
            "system": self.system,
            "day_first": self.day_order.day_first if self.day_order else None,
            "decimals": self.decimals,
            "choices": self.choices(),
        }


def _wrapped(text: str) -> list[str]:
    lines = wrap(text, 110, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return [f"  {line}" for line in lines]


def fields_of(mapping: Mapping) -> dict[str, str]:
    """The columns of each field, as people read it: a name may be in two."""
    told = {name: column for name, column in mapping.columns.items() if not name.startswith("attributes.")}
    parts = [told.pop(part) for part in NAME_PARTS if part in told]
    if parts:
        whole = [told["name"]] if "name" in told else []
        told["name"] = " or ".join([*whole, " + ".join(parts)])
    if UNSUBSCRIBED in mapping.columns:
        told[UNSUBSCRIBED] = mapping.columns[UNSUBSCRIBED]
    return told


def attributes_of(mapping: Mapping) -> dict[str, str]:
    """The columns that are kept as they are, by the attribute's name."""
    return {
        name.removeprefix("attributes."): column
        for name, column in mapping.columns.items()
        if name.startswith("attributes.") and name != UNSUBSCRIBED
    }
