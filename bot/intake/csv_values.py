"""Cells that mean nothing, and cells that mean yes or no."""

from collections.abc import Iterable

from bot.intake.csv_refusal import Unreadable
from bot.usecases.consent import reads_as_opt_out

EMPTY = (
    *("", "select", "please select", "n/a", "n.a.", "na", "#n/a", "null", "none", "nil", "nan", "undefined"),
    *("-", "--", "–", "—", ".", "?", "--none--", "- none -", "--select--", "- select -", "select one", "not provided"),
    *("(blank)", "(none)", "(empty)", "(leer)", "[not provided]", "(not set)", "not set", "not specified"),
    *("k.a.", "k. a.", "keine angabe", "bitte wählen", "bitte auswählen", "#nv"),
)
"""Texts that mean nothing was entered. “Unknown” and “other” are not among them: they are answers that systems offer
and reports count by."""

_NAMES = {"name", "first_name", "last_name"}


def empty_words(field: str, told: Iterable[str] | None) -> frozenset[str]:
    """The texts that mean nothing in a field, in lower case: those told, or the usual ones.

    People are called Na, None, Null and Select; nobody is called “n/a”. So of a name only signs mean nothing.
    """
    words = {word.strip().lower() for word in (EMPTY if told is None else told)} | {""}
    return frozenset(word for word in words if not (field in _NAMES and word.isalpha()))


def read_opt_out(text: str) -> bool | str:
    """Whether somebody has unsubscribed: yes, no, or the day of it as it is written.

    Raises:
        ValueError: with what was expected.
    """
    said = reads_as_opt_out(text)
    if said is None:
        raise Unreadable(text, "is neither yes nor no", "write yes or no, or leave the cell empty")
    return said
