"""Cells that mean nothing, and cells that mean yes or no."""

from collections.abc import Iterable

from bot.intake.csv_refusal import Unreadable


def _words(text: str) -> list[str]:
    return text.split()


EMPTY = (
    *("", "select", "please select", "n/a", "n.a.", "na", "#n/a", "null", "none", "nil", "nan", "undefined"),
    *("-", "--", "–", "—", ".", "?", "--none--", "- none -", "--select--", "- select -", "select one", "not provided"),
    *("(blank)", "(none)", "(empty)", "(leer)", "[not provided]", "(not set)", "not set", "not specified"),
    *("k.a.", "k. a.", "keine angabe", "bitte wählen", "bitte auswählen", "#nv"),
)
"""Texts that mean nothing was entered. “Unknown” and “other” are not among them: they are answers that systems offer
and reports count by."""

_NAMES = {"name", "first_name", "last_name"}
_YES = {*_words("yes y true t 1 on x checked ja j wahr oui vrai si sí sim verdadero")}
_NO = {*_words("no n false f 0 off unchecked nein falsch non faux não falso")}


def empty_words(field: str, told: Iterable[str] | None) -> frozenset[str]:
    """The texts that mean nothing in a field, in lower case: those told, or the usual ones.

    People are called Na, None, Null and Select; nobody is called “n/a”. So of a name only signs mean nothing.
    """
    words = {word.strip().lower() for word in (EMPTY if told is None else told)} | {""}
    return frozenset(word for word in words if not (field in _NAMES and word.isalpha()))


def read_boolean(text: str) -> bool:
    """Yes or no.

    Raises:
        ValueError: with what was expected.
    """
    word = text.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unreadable(text, "is neither yes nor no", "write yes or no, or leave the cell empty")


def is_boolean(text: str) -> bool:
    return text.strip().lower() in _YES | _NO
