"""Conditions of the policy: one field of a lead held against one expectation."""

import difflib
import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, FiniteFloat, field_validator, model_validator
from pydantic_core import SchemaError, SchemaValidator, core_schema

Lookup = Callable[[str], Any]

_UNKNOWN = "present = false asks for what is not known"

_YES_NO = {True: frozenset({"true", "yes", "1"}), False: frozenset({"false", "no", "0"})}
"""How other systems write the two answers to a question; `equals = true` means all of its row, and a stored True is
met by any text of it."""


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
    """What a field must be. All the tests given must hold.

    Texts are compared without regard to case, numbers as numbers (50, 50.0 and "50" are one); a list meets the tests
    when one of its elements does. What no value can meet is a mistake.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    equals: str | int | float | bool | None = None
    one_of: list[str] | None = None
    at_least: FiniteFloat | None = None
    at_most: FiniteFloat | None = None
    matches: str | None = None
    present: bool | None = None

    @field_validator("equals")
    @classmethod
    def _is_some_value(cls, value: str | float | bool | None) -> str | float | bool | None:
        if isinstance(value, str) and not value.strip():
            raise ValueError(f"no value is an empty text; {_UNKNOWN}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("must be a finite number")
        return value

    @field_validator("one_of")
    @classmethod
    def _offers_some(cls, values: list[str] | None) -> list[str] | None:
        if values is not None and not values:
            raise ValueError("is empty, so that no value meets it; name at least one")
        if not all(map(str.strip, values or [])):
            raise ValueError(f"has an empty text, which no value is; {_UNKNOWN}")
        return values

    @field_validator("matches")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            if not pattern.isprintable():  # TOML makes a backspace of "\b" in double quotes
                raise ValueError("holds a character that cannot be seen; write patterns in single quotes: '\\bvp\\b'")
            _matcher(pattern)
        return pattern

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.model_fields_set <= {"field"}:
            raise ValueError("needs one of equals, one_of, at_least, at_most, matches, present")
        return self

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"no number is at least {self.at_least:g} and at most {self.at_most:g}; swap the two")
        wanted = self.equals
        if wanted is not None and self.present is not False and not self.check(lambda _: wanted):
            raise ValueError(f"no value meets all of its tests: {wanted!r} (equals) does not meet the others")
        return self

    @cached_property
    def check(self) -> "Check":
        """This condition, made ready to be held against many leads."""
        return Check(self)

    def holds(self, lookup: Lookup) -> bool:
        """Whether the field that `lookup` returns meets every test; an unknown value meets none but absence."""
        return self.check(lookup)


_REMEMBERED, _LONGEST = 10_000, 100
"""How many texts a condition remembers its answer to at most, and how long ones."""


class Check:
    """A condition made ready: what every look at a lead would make anew is made once."""

    __slots__ = ("_answers", "_asked", "_field", "_high", "_is_number", "_low", "_matches", "_present")

    def __init__(self, condition: Condition) -> None:
        self._field, self._present = condition.field, condition.present
        wanted = ([] if condition.equals is None else [condition.equals], condition.one_of)
        self._asked = [Among(values) for values in wanted if values]
        self._answers: dict[str, bool] = {}
        self._matches = _matcher(condition.matches) if condition.matches is not None else None
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
        if isinstance(value, list):
            return any(map(self._holds, value))
        return self._holds(value)

    def _holds(self, value: Any) -> bool:
        """Whether a known value meets the tests; of short texts, which many leads share, the answer is remembered."""
        if type(value) is not str or len(value) > _LONGEST:
            return self._meets(value)
        found = self._answers.get(value)
        if found is None:
            found = self._meets(value)
            if len(self._answers) < _REMEMBERED:
                self._answers[value] = found
        return found

    def _meets(self, value: Any) -> bool:
        for among in self._asked:
            if not among(value):
                return False
        if self._matches is not None and not self._matches(str(value)):
            return False
        return not self._is_number or self._number_holds(value)

    def _number_holds(self, value: Any) -> bool:
        number = as_number(value)
        return number is not None and self._low <= number <= self._high


def _matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text holds a match, whatever its case; in linear time, for the text may come from anybody.

    Python's own `re` takes years over some patterns and texts, and stops all else meanwhile; the engine pydantic checks
    texts with does not, and knows no look-around and no back-references for it.

    Raises:
        ValueError: it is no regular expression, or asks for one of these.
    """
    try:
        return SchemaValidator(core_schema.str_schema(pattern=f"(?i:{pattern})")).isinstance_python
    except SchemaError as error:
        why = str(error).rpartition("error: ")[2].rpartition("SchemaError: ")[2].strip().rstrip(".")
        raise ValueError(f"is not a regular expression that can be used: {why}") from error


class Among:
    """Whether a value is one of some: texts, numbers, yes or no.

    `texts` are how they are written, folded; `said` are those of them that were given as numbers.
    """

    __slots__ = ("_answers", "_numbers", "said", "texts")

    def __init__(self, wanted: Sequence[str | float | bool]) -> None:
        self.texts = frozenset().union(*map(_texts, wanted))
        self._answers = {answer for answer, words in _YES_NO.items() if words & self.texts}
        self.said = frozenset(one for one in wanted if not isinstance(one, str | bool))
        self._numbers = self.said | {found for text in self.texts if (found := as_number(text)) is not None}

    def __call__(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value in self._answers
        if str(value).casefold() in self.texts:
            return True
        # Two texts are one number only if somebody said that it is a number: "007" is not "7".
        numbers = self.said if isinstance(value, str) else self._numbers
        return bool(numbers) and as_number(value) in numbers


def _texts(wanted: str | float | bool) -> frozenset[str]:
    """The texts, folded, that are this value."""
    if isinstance(wanted, bool):
        return _YES_NO[wanted]
    whole = isinstance(wanted, float) and wanted.is_integer()
    return frozenset({str(int(wanted) if whole else wanted).casefold()})


def as_number(value: Any) -> float | None:
    """A value as a number, None when it is none."""
    if isinstance(value, int):
        return value
    try:
        if isinstance(value, str) and value.isdecimal():
            return int(value)  # beyond 2 ** 53 a float is another number
        return float(value)
    except (OverflowError, TypeError, ValueError):
        return None


def all_hold(conditions: Sequence[Condition], lookup: Lookup) -> bool:
    """Whether every condition holds; none at all always hold."""
    for condition in conditions:  # noqa: SIM110  a plain loop is faster, and this is asked millions of times
        if not condition.check(lookup):
            return False
    return True
