"""Cells that a spreadsheet would run, written so that it shows them, and read again as they were.

Refused rows are made to be opened in a spreadsheet, and anybody can fill in a form with `=HYPERLINK(…)`.
"""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"-?\d+([.,]\d+)*")


def harmless(cell: str) -> str:
    """A cell with an apostrophe in front where a spreadsheet would take it for a formula.

    A number stays one; not so +4930…, of which a spreadsheet would keep no plus. What begins with apostrophes of its
    own gets one more, so that `as_it_was` always finds the cell.
    """
    return f"'{cell}" if _is_formula(cell) else cell


def as_it_was(cell: str) -> str:
    """A cell that `harmless` wrote, as it was before."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell[1:]) else cell


def _is_formula(cell: str) -> bool:
    return _FORMULA.match(cell) is not None and _NUMBER.fullmatch(cell) is None
