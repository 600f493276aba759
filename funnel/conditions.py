"""Conditions of the policy: one field of a lead held against one expectation."""

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

Lookup = Callable[[str], Any]


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
        folded = value.casefold()
        if self.equals is not None and folded != str(self.equals).casefold():
            return False
        if self.one_of is not None and folded not in {option.casefold() for option in self.one_of}:
            return False
        return self.matches is None or re.search(self.matches, value, re.IGNORECASE) is not None

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
