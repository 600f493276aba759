"""Why a row of a file was not taken, so that whoever sent it can mend it."""

from typing import Any, NamedTuple

from funnel.problems import plain_problem
from funnel.text import visible_line

_SHOWN = 60


class Refusal(NamedTuple):
    """Why a row was not taken: its line in the file (1 is the first), the column, what is wrong, and its cells.

    `why` quotes the cell and says what to do; `reason` is the same for all rows that have the same wrong with them.
    """

    line: int
    column: str
    why: str
    cells: list[str]
    reason: str = ""

    @property
    def kind(self) -> tuple[str, str]:
        """By what refusals are counted together: the column and the reason."""
        return self.column, self.reason or self.why


def shown(text: str) -> str:
    """A cell as it is quoted in a sentence: on one line, and not all of a long one."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def printable(text: str) -> str:
    """A text of a file on one line, without what would move the cursor of a terminal."""
    return visible_line(text)


class Unreadable(ValueError):
    """A cell that cannot be read: what is wrong with it, and what to do."""

    def __init__(self, text: str, reason: str, mend: str) -> None:
        super().__init__(f"{shown(text)} {reason}; {mend}")
        self.reason = reason


def told_by_check(detail: Any, value: object) -> tuple[str, str]:
    """The sentence and the reason of what a lead's check found wrong with a field."""
    if detail["type"] == "too_long":  # pydantic speaks of items where a text is checked before
        detail = detail | {"type": "string_too_long"}
    problem = plain_problem(detail)
    mend = _MENDS.get(detail["type"], "")
    if isinstance(value, str) and detail["type"] == "value_error":
        mend = "; mend it, or leave the cell empty"
    if not isinstance(value, str | int):
        return problem + mend, problem
    if " is no " in problem:  # the check quotes the value itself
        return problem + mend, "is no " + problem.partition(" is no ")[2].partition(":")[0]
    return f"{shown(str(value))} {problem}{mend}", problem


_MENDS = {
    "string_too_long": "; shorten it",
    "enum": "; mend the word, or leave the cell empty",
    "less_than_equal": "; is the decimal sign read rightly?",
    "greater_than_equal": "; mend the number, or leave the cell empty",
}
