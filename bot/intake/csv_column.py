"""The columns of a file: what the texts in them mean.

A file says the same things again and again. So a column is read many cells at a time, and what a text means is found
out once for all of them: by row, every cell would be checked anew, which takes three times as long.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from bot.intake.csv_refusal import Unreadable, told_by_check
from bot.usecases.draft import LeadIn, check_of

Convert = Callable[[str], Any]


class Misread(NamedTuple):
    """Why a cell cannot be read, and the reason that all such cells share."""

    why: str
    reason: str


def _unchecked(values: list[Any]) -> list[Any]:
    return values


class Column:
    """What the texts in the column of a field mean: nothing, what `convert` makes of them, or what they say.

    A text means nothing, which is None, if it is among `empties`, in lower case. What a lead has no field for is taken
    as it is.
    """

    def __init__(self, field: str, empties: frozenset[str], convert: Convert | None = None) -> None:
        self.field = field
        self._empties, self._convert = empties, convert
        self._check_all = check_of(field) if field in LeadIn.model_fields else _unchecked

    def read(self, texts: Sequence[str]) -> tuple[list[Any], dict[int, Misread]]:
        """The values of cells, in their order, and why those that cannot be read cannot be, by their places."""
        meanings = self._meanings(list(set(texts)))
        misread = {text: meaning for text, meaning in meanings.items() if type(meaning) is Misread}
        at_fault = {place: misread[text] for place, text in enumerate(texts) if text in misread} if misread else {}
        return [meanings[text] for text in texts], at_fault

    def _meanings(self, texts: list[str]) -> dict[str, Any]:
        said = [self._said(text) for text in texts]
        try:
            return dict(zip(texts, self._check_all(said), strict=True))
        except ValidationError:  # one of them is wrong: which, and why, is found out one by one
            return dict(zip(texts, map(self._checked, said), strict=True))

    def _said(self, text: str) -> Any:
        """What a text says, unchecked."""
        bare = text.strip()
        if bare.lower() in self._empties:
            return None
        try:
            return self._convert(bare) if self._convert else bare
        except Unreadable as error:
            return Misread(str(error), error.reason)

    def _checked(self, value: Any) -> Any:
        try:
            return value if isinstance(value, Misread) else self._check_all([value])[0]
        except ValidationError as error:
            return Misread(*told_by_check(error.errors(include_url=False, include_input=False)[0], value))
