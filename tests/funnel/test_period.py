"""Periods as people name them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.errors import NotUnderstood
from funnel.period import parse_period
from funnel.question import Dimension, parse_question

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # in Berlin it is Monday the 23rd already


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("today", "2026-11-23", "2026-11-23"),
        ("yesterday", "2026-11-22", "2026-11-22"),
        ("this week", "2026-11-23", "2026-11-29"),
        ("last week", "2026-11-16", "2026-11-22"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("this quarter", "2026-10-01", "2026-12-31"),
        ("last quarter", "2026-07-01", "2026-09-30"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("last 7 days", "2026-11-17", "2026-11-23"),
        ("last 2 weeks", "2026-11-09", "2026-11-22"),
        ("past 3 months", "2026-08-01", "2026-10-31"),
        ("May 2018", "2018-05-01", "2018-05-31"),
        ("december", "2025-12-01", "2025-12-31"),
        ("november", "2026-11-01", "2026-11-30"),
        ("2018-02", "2018-02-01", "2018-02-28"),
        ("Q2 2018", "2018-04-01", "2018-06-30"),
        ("2018-Q4", "2018-10-01", "2018-12-31"),
        ("2018", "2018-01-01", "2018-12-31"),
        ("2018-01-15..2018-02-28", "2018-01-15", "2018-02-28"),
        ("from 2018-01-15 to 2018-02-28", "2018-01-15", "2018-02-28"),
        ("all", "1970-01-01", "2026-11-23"),
    ],
)
def test_a_period_has_the_days_people_mean(words: str, first: str, last: str) -> None:
    period = parse_period(words, NOW, BERLIN)
    assert (str(period.first), str(period.last)) == (first, last)


def test_each_boundary_is_converted_by_itself() -> None:
    october = parse_period("2026-10", NOW, BERLIN)
    assert october.start == datetime(2026, 9, 30, 22, tzinfo=UTC)  # summer time
    assert october.end == datetime(2026, 10, 31, 23, tzinfo=UTC)  # winter time


@pytest.mark.parametrize(
    "words", ["2018-13", "2018-02-30..2018-03-01", "2018-03-02..2018-03-01", "last 0 days", "soon"]
)
def test_what_cannot_be_read_is_refused_with_examples(words: str) -> None:
    with pytest.raises(NotUnderstood, match="I know: yesterday"):
        parse_period(words, NOW, BERLIN)


@given(st.sampled_from(["week", "month", "quarter", "year"]), st.datetimes(datetime(1980, 1, 1), datetime(2090, 1, 1)))
def test_last_ends_where_this_begins(unit: str, at: datetime) -> None:
    now = at.replace(tzinfo=UTC)
    last, this = parse_period(f"last {unit}", now, BERLIN), parse_period(f"this {unit}", now, BERLIN)
    assert last.end == this.start <= now < this.end


@given(st.integers(1, 400), st.datetimes(datetime(1980, 1, 1), datetime(2090, 1, 1)))
def test_the_last_days_are_so_many_and_end_today(count: int, at: datetime) -> None:
    period = parse_period(f"last {count} days", at.replace(tzinfo=UTC), BERLIN)
    assert (period.last - period.first) + timedelta(days=1) == timedelta(days=count)
    assert period.last == at.replace(tzinfo=UTC).astimezone(BERLIN).date()


@pytest.mark.parametrize(
    ("asked", "first", "by", "within"),
    [
        ("last month by source", date(2026, 10, 1), Dimension.SOURCE, 30),
        ("How did Q2 look by campaign within 60 days?", date(2026, 4, 1), Dimension.CAMPAIGN, 60),
        ("how many leads last week by source?", date(2026, 11, 16), Dimension.SOURCE, 30),
        ("show me the funnel for last quarter per country", date(2026, 7, 1), Dimension.COUNTRY, 30),
        ("what’s our conversion in May 2018", date(2018, 5, 1), None, 30),
        ("by owner", date(2026, 10, 25), Dimension.OWNER, 30),
        ("", date(2026, 10, 25), None, 30),
    ],
)
def test_a_question_in_plain_words_is_understood(asked: str, first: date, by: Dimension | None, within: int) -> None:
    question = parse_question(asked, NOW, BERLIN)
    assert (question.period.first, question.by, question.within) == (first, by, within)


def test_an_unknown_split_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotUnderstood, match="I can split it by source, campaign, country, industry, owner, route"):
        parse_question("last week by weather", NOW, BERLIN)
