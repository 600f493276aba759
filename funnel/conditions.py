"""Conditions of the policy: one field of a lead held against one expectation."""

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr, field_validator, model_validator

Lookup = Callable[[str], Any]

_YES_NO = {True: frozenset({"true", "yes", "1"}), False: frozenset({"false", "no", "0"})}
"""How other systems write the two answers to a question; `equals = true` means all of its row."""


def known_field(field: str, known: Sequence[str]) -> str:
    """The field, if a lead can have it.

    Raises:
        ValueError: with the likely one, or all there are.
    """
    if field in known or field.startswith("attributes."):
        return field
    close = difflib.get_close_matches(field, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)} and attributes.NAME"
    raise ValueError(f"a lead has no field {field!r}; {hint}")


class Condition(BaseModel):
    """What a field must be. All the tests given must hold; texts are compared without regard to case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    equals: str | int | float | bool | None = None
    one_of: list[str] | None = None
    at_least: float | None = None
    at_most: float | None = None
    matches: str | None = None
    present: bool | None = None
    _options: frozenset[str] | None = PrivateAttr(default=None)
    _pattern: re.Pattern[str] | None = PrivateAttr(default=None)

    def model_post_init(self, _context: Any) -> None:
        """Make ready what every look at a lead would make anew."""
        if self.one_of is not None:
            self._options = frozenset(option.casefold() for option in self.one_of)
        if self.equals is not None:
            same = _YES_NO.get(self.equals) if isinstance(self.equals, bool) else None
            same = same or frozenset({str(self.equals).casefold()})
            self._options = same if self._options is None else self._options & same
        self._pattern = re.compile(self.matches, re.IGNORECASE) if self.matches is not None else None

    @field_validator("matches")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"is not a regular expression: {error}") from error
        return pattern

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.model_fields_set <= {"field"}:
            raise ValueError("needs one of equals, one_of, at_least, at_most, matches, present")
        return self

    def holds(self, lookup: Lookup) -> bool:
        """Whether the field that `lookup` returns meets every test; an unknown value meets none but absence."""
        value = lookup(self.field)
        known = value not in (None, "", [])
        if self.present is not None and known is not self.present:
            return False
        if not known:
            return self.present is False
        return self._text_holds(str(value)) and self._number_holds(value)

    def _text_holds(self, value: str) -> bool:
        if self._options is not None and value.casefold() not in self._options:
            return False
        return self._pattern is None or self._pattern.search(value) is not None

    def _number_holds(self, value: Any) -> bool:
        if self.at_least is None and self.at_most is None:
            return True
        try:
            number = float(value)
        except (OverflowError, TypeError, ValueError):
            return False
        low = self.at_least if self.at_least is not None else number
        high = self.at_most if self.at_most is not None else number
        return low <= number <= high


def all_hold(conditions: Sequence[Condition], lookup: Lookup) -> bool:
    """Whether every condition holds; none at all always hold."""
    return all(condition.holds(lookup) for condition in conditions)
