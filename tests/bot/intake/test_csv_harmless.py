"""A cell is shown by a spreadsheet and not run, and is read again as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.csv_harmless import as_it_was, harmless

LIKELY = st.text("'=+-@\t\r1,. x", max_size=6) | st.text(max_size=12)


@pytest.mark.parametrize(
    "cell",
    ['=HYPERLINK("http://evil.example","Click")', "=1+1", "+49 30 1234567", "+4930123", "-2+3", "@SUM(1)", "\t=1"],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Dana", "dana@acme.example", "-7", "-1.234,50", "12", "2026-11-01", "'quoted'"])
def test_what_it_would_not_run_stays(cell: str) -> None:
    assert harmless(cell) == cell == as_it_was(cell)


@given(LIKELY)
def test_a_cell_is_read_as_it_was_and_begins_like_no_formula(cell: str) -> None:
    written = harmless(cell)
    assert as_it_was(written) == cell
    assert written[:1] not in {"=", "+", "@", "\t", "\r"}
