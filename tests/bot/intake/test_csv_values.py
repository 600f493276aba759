"""Numbers, days and yes or no, as people and programs write them."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.csv_dates import DateReader, day_order, is_date
from bot.intake.csv_numbers import decimal_sign, is_number, read_number
from bot.intake.csv_refusal import Unreadable
from bot.intake.csv_values import empty_words, read_opt_out

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("250", 250),
        ("1.234", 1234),
        ("1,234", 1234),
        ("1 234", 1234),
        ("1\u202f234\u00a0567", 1234567),
        ("1'234", 1234),
        ("1’234’567", 1234567),
        ("1.234,50", 1234),
        ("1,234.50", 1234),
        ("1.234.567", 1234567),
        ("12,34,567", 1234567),
        ("12,5", 12),
        ("12.5", 12),
        ("0.125", 0),
        ("-5", -5),
        ("10K", 10_000),
        ("2.5M", 2_500_000),
        ("1.234M", 1_234_000),
        ("€ 1.2M", 1_200_000),
        ("$1,200,000", 1_200_000),
        ("1.200.000,00 €", 1_200_000),
        ("EUR 3 Mio.", 3_000_000),
        ("2 Mrd", 2_000_000_000),
        ("3 million", 3_000_000),
        ("1.5E+06", 1_500_000),
        ("51-200", 51),
        ("51 – 200", 51),
        ("1,001-5,000", 1001),
        ("1.001 bis 5.000 Mitarbeiter", 1001),
        ("11 to 50 employees", 11),
        ("$1-10M", 1_000_000),
        ("$1M - $10M", 1_000_000),
        ("10000+", 10_000),
        (">1000", 1000),
        ("<10", 0),
        ("~300", 300),
    ],
)
def test_a_number_is_read_however_it_is_written(written: str, number: int) -> None:
    assert read_number(written, None) == number


@pytest.mark.parametrize(
    ("written", "decimal", "number"),
    [("1,234", ",", 1), ("1.234", ",", 1234), ("1.234", ".", 1), ("1,234", ".", 1234), ("1.5", ",", 1)],
)
def test_the_style_of_the_column_settles_what_is_ambiguous(written: str, decimal: str, number: int) -> None:
    assert read_number(written, decimal) == number


@pytest.mark.parametrize(
    ("column", "decimal"),
    [
        (["1.234", "12,5"], ","),
        (["1,234", "12.5"], "."),
        (["1.234.567", "1.234"], ","),
        (["1.234", "250", "51-200"], ""),
        (["250", "51-200", "x.y,z"], None),
        (["€ 1.2M", "x"], "."),
        (["1,5", "1,7", "1.5"], ","),
        ([], None),
    ],
)
def test_the_decimal_sign_of_a_column_is_seen_in_its_cells(column: list[str], decimal: str | None) -> None:
    assert decimal_sign(column) == decimal


@pytest.mark.parametrize(
    "written",
    ["many", "", "Nov-50", "2026-11-22", "1.2.3,4,5", "1,2,3", "12 monkeys", "9" * 60, "1e99999", "٣x", "(1,234)"],
)
def test_what_is_no_number_is_refused_with_an_example(written: str) -> None:
    assert not is_number(written)
    with pytest.raises(Unreadable, match="is no number; write it like 250, 1,234.50 or 51-200"):
        read_number(written, None)


@pytest.mark.parametrize(
    ("written", "day_first", "at"),
    [
        ("2026-11-22", False, "2026-11-22T00:00"),
        ("2026-11-22 09:30", True, "2026-11-22T09:30"),
        ("2026-11-22T09:30:00+01:00", True, "2026-11-22T09:30"),
        ("2026-11-22T08:30:00.000Z", True, "2026-11-22T09:30"),
        ("2026-11-22T08:30:00.000+0000", True, "2026-11-22T09:30"),
        ("2026/11/12", True, "2026-11-12T00:00"),
        ("22.11.2026", True, "2026-11-22T00:00"),
        ("1.2.2026 9:30", True, "2026-02-01T09:30"),
        ("22.11.2026 um 09:30 Uhr", True, "2026-11-22T09:30"),
        ("01/02/2026", True, "2026-02-01T00:00"),
        ("01/02/2026", False, "2026-01-02T00:00"),
        ("11/22/26 9:30 PM", False, "2026-11-22T21:30"),
        ("Nov 22, 2026", False, "2026-11-22T00:00"),
        ("November 22, 2026 at 9:30 AM", False, "2026-11-22T09:30"),
        ("22 Nov 2026", True, "2026-11-22T00:00"),
        ("22. März 2026", True, "2026-03-22T00:00"),
        ("5. Dez. 2026", True, "2026-12-05T00:00"),
        ("Sun, 22 Nov 2026 08:30:00 GMT", False, "2026-11-22T09:30"),
        ("2026-11-22 09:30 CET", False, "2026-11-22T09:30"),
        ("2026-11-22 03:30 EST", False, "2026-11-22T09:30"),
    ],
)
def test_a_day_is_read_however_it_is_written(written: str, day_first: bool, at: str) -> None:
    told = datetime.fromisoformat(at).replace(tzinfo=BERLIN).astimezone(UTC)
    assert DateReader(None, day_first=day_first, zone=BERLIN).read(written) == told


@pytest.mark.parametrize(
    "written",
    [
        *("2026-02-30", "31.11.2026", "yesterday", "May", "Monday", "10", "2026", "09:30", "Nov 22", "11/2026", ""),
        *("0001-01-01", "99999999999999999999", "1700000000000", "2026-11-22 09:30 XYZ", "00/00/0000", "13/13/2026"),
        *("2026-11-22 99:99", "22.11.2026" * 9),
    ],
)
def test_what_is_no_whole_day_is_refused(written: str) -> None:
    with pytest.raises(Unreadable, match="is no date like 2026-11-22"):
        DateReader(None, day_first=True, zone=BERLIN).read(written)


def test_a_day_against_the_order_of_its_column_is_not_turned_round() -> None:
    with pytest.raises(Unreadable, match="nor one with the day first"):
        DateReader(None, day_first=True, zone=BERLIN).read("11/22/2026")
    with pytest.raises(Unreadable, match="nor one with the month first"):
        DateReader(None, day_first=False, zone=BERLIN).read("22/11/2026")


@pytest.mark.parametrize(
    ("starts", "of_twelve", "semicolons", "day_first", "why"),
    [
        ({"01/02", "22/11"}, False, False, True, "a value over 12 shows it"),
        ({"01/02", "11/22"}, False, True, False, "a value over 12 shows it"),
        ({"1/2/2", "1/13/"}, False, False, False, "a value over 12 shows it"),
        ({"01.02", "1.2.2"}, False, False, True, "the dots"),
        ({"01/02"}, True, True, False, "am and pm"),
        ({"01/02"}, False, True, True, "the semicolons"),
        ({"01/02"}, False, False, False, "leave it open"),
        ({"22/11", "11/22"}, False, True, True, "the semicolons"),
    ],
)
def test_a_value_over_12_settles_the_order_and_else_a_guess_is_told(
    starts: set[str], of_twelve: bool, semicolons: bool, day_first: bool, why: str
) -> None:
    order = day_order(starts, clock_of_twelve=of_twelve, semicolons=semicolons)
    assert order is not None
    assert order.day_first is day_first
    assert why in order.sentence


def test_days_that_leave_nothing_open_need_no_order() -> None:
    assert day_order({"2026-", "Nov 2", "22 No", ""}, clock_of_twelve=False, semicolons=False) is None


def test_yes_and_no_are_known_in_some_languages() -> None:
    assert all(read_opt_out(word) for word in ("Yes", "TRUE", "1", "ja", "oui ", "x"))
    assert not any(read_opt_out(word) for word in ("No", "false", "0", "Nein", " no"))
    with pytest.raises(Unreadable, match="'perhaps' is neither yes nor no; write yes or no"):
        read_opt_out("perhaps")
    assert read_opt_out("2026-03-01") == "2026-03-01"


def test_people_may_be_called_null_but_not_n_a() -> None:
    assert {"", "select", "n/a", "na", "none", "null", "-"} <= empty_words("company", None)
    assert {"", "n/a", "-"} <= empty_words("last_name", None)
    assert not {"select", "na", "none", "null"} & empty_words("name", None)
    assert empty_words("city", ["TBD "]) == {"", "tbd"}


def test_unknown_is_an_answer() -> None:
    assert "unknown" not in empty_words("source", None)


@given(st.text(max_size=80))
def test_no_text_breaks_a_reader(text: str) -> None:
    for read in (
        lambda: read_number(text, None),
        lambda: read_number(text, ","),
        lambda: read_opt_out(text),
        lambda: DateReader(None, day_first=True, zone=BERLIN).read(text),
        lambda: DateReader("%d.%m.%Y", day_first=False, zone=BERLIN).read(text),
        lambda: is_date(text),
        lambda: decimal_sign([text]),
    ):
        with suppress(Unreadable):
            read()


@given(st.text(alphabet="0123456789.,-+:/ TZeKMapNovDez€<>'", max_size=40))
def test_no_text_of_digits_and_signs_breaks_a_reader(text: str) -> None:
    test_no_text_breaks_a_reader.hypothesis.inner_test(text)  # type: ignore[attr-defined]


@given(st.integers(min_value=0, max_value=10**12))
def test_a_number_written_in_any_style_is_the_same_number(number: int) -> None:
    english = f"{number:,}"
    for written in (english, english.replace(",", "."), english.replace(",", " "), english.replace(",", "'")):
        assert read_number(written, None) == number
    assert read_number(f"{english}.25", None) == number
    assert read_number(english.replace(",", ".") + ",25", None) == number
