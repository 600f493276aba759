"""Conditions of the policy: one field of a lead held against one expectation."""

import difflib
import math
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

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

    @cached_property
    def check(self) -> "Check":
        """This condition, made ready to be held against many leads."""
        return Check(self)

    def holds(self, lookup: Lookup) -> bool:
        """Whether the field that `lookup` returns meets every test; an unknown value meets none but absence."""
        return self.check(lookup)


class Check:
    """A condition made ready: what every look at a lead would make anew is made once."""

    __slots__ = ("_field", "_high", "_is_number", "_low", "_options", "_pattern", "_present")

    def __init__(self, condition: Condition) -> None:
        self._field, self._present = condition.field, condition.present
        self._options = _options(condition)
        self._pattern = re.compile(condition.matches, re.IGNORECASE) if condition.matches is not None else None
        self._is_number = condition.at_least is not None or condition.at_most is not None
        self._low = -math.inf if condition.at_least is None else condition.at_least
        self._high = math.inf if condition.at_most is None else condition.at_most

    def __call__(self, lookup: Lookup) -> bool:
        value = lookup(self._field)
        known = value is not None and value != "" and value != []
        if self._present is not None and known is not self._present:
            return False
        if not known:
            return self._present is False
        return self._text_holds(str(value)) and (not self._is_number or self._number_holds(value))

    def _text_holds(self, value: str) -> bool:
        if self._options is not None and value.casefold() not in self._options:
            return False
        return self._pattern is None or self._pattern.search(value) is not None

    def _number_holds(self, value: Any) -> bool:
        try:
            return self._low <= float(value) <= self._high
        except (OverflowError, TypeError, ValueError):
            return False


def _options(condition: Condition) -> frozenset[str] | None:
    """The texts a value may be, folded; None when any will do."""
    options = None if condition.one_of is None else frozenset(option.casefold() for option in condition.one_of)
    if condition.equals is None:
        return options
    is_answer = isinstance(condition.equals, bool)
    same = _YES_NO[condition.equals is True] if is_answer else frozenset({str(condition.equals).casefold()})
    return same if options is None else options & same


def all_hold(conditions: Sequence[Condition], lookup: Lookup) -> bool:
    """Whether every condition holds; none at all always hold."""
    for condition in conditions:  # noqa: SIM110  a plain loop is faster, and this is asked millions of times
        if not condition.check(lookup):
            return False
    return True
