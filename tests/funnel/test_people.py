"""Hours as people write them, and whose word counts when a calendar is made."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from funnel.business_hours import Shift, Span, is_open, open_seconds
from funnel.people import DAYS, PersonRule, Team, calendar_of, country_of, read_hours

OFFICE = Shift(time(9), time(17))
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = timedelta(days=7)


def team(**special: object) -> Team:
    return Team.model_validate({"name": "Inbound", "members": ["UANA", "UBEN"], "zone": "Europe/Berlin"} | special)


def person(**special: object) -> PersonRule:
    return PersonRule.model_validate({"id": "UANA"} | special)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Mon-Fri 09:00-17:00", [0, 1, 2, 3, 4]),
        ("Wed 09:00-17:00", [2]),
        ("Mon-Mon 09:00-17:00", [0]),
        ("Sat-Mon 09:00-17:00", [5, 6, 0]),
        ("Mon-Sun 09:00-17:00", [0, 1, 2, 3, 4, 5, 6]),
        ("Sun-Sat 09:00-17:00", [0, 1, 2, 3, 4, 5, 6]),
        ("  mon – FRI  9:00 – 17:00 ", [0, 1, 2, 3, 4]),
    ],
)
def test_a_line_of_hours_has_its_shift_on_each_of_its_days(text: str, days: list[int]) -> None:
    assert read_hours(text) == dict.fromkeys(days, OFFICE)


def test_midnight_is_written_as_the_end_of_a_day_or_as_the_beginning_of_the_next() -> None:
    assert read_hours("Fri 18:00-24:00") == read_hours("Fri 18:00-00:00") == {4: Shift(time(18), time(0))}
    nights = calendar_of(team(zone="UTC", hours=["Fri 18:00-24:00"]), None, None, frozenset(), ())
    assert open_seconds(nights, MONDAY, MONDAY + WEEK) == 6 * 3600


def test_a_whole_team_may_work_over_midnight() -> None:
    nights = calendar_of(team(zone="UTC", hours=["Sat-Sun 22:00-06:00"]), None, None, frozenset(), ())
    saturday, monday = MONDAY + timedelta(days=5), MONDAY + WEEK
    at = {hour: is_open(nights, saturday + timedelta(hours=hour)) for hour in (0, 21, 22, 29, 30, 46, 53, 54)}
    assert at == {0: False, 21: False, 22: True, 29: True, 30: False, 46: True, 53: True, 54: False}
    assert open_seconds(nights, monday, monday + timedelta(days=1)) == 6 * 3600, "Sunday's night ends on Monday"


def test_several_lines_for_a_day_are_several_shifts() -> None:
    split = team(zone="UTC", hours=["Mon-Fri 09:00-12:00", "Mon-Thu 13:00-17:00", "Fri 11:00-15:00"])
    calendar = calendar_of(split, None, None, frozenset(), ())
    assert calendar.week[0] == [Shift(time(9), time(12)), Shift(time(13), time(17))]
    assert open_seconds(calendar, MONDAY, MONDAY + WEEK) == (4 * 7 + 6) * 3600, "what overlaps counts once"


@pytest.mark.parametrize("text", ["", "9 to 5", "Mon-Fri", "Mon-Fri 9-17", "Mo-Fr 09:00-17:00", "Mon-Xyz 09:00-17:00"])
def test_what_are_no_hours_is_told_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match='are no hours; write them like "Mon-Fri 09:00-17:30"') as told:
        read_hours(text)
    assert repr(text) in str(told.value)


@pytest.mark.parametrize(
    ("text", "named"), [("Mon 25:00-26:00", "25:00"), ("Mon 09:00-24:30", "24:30"), ("Mon 09:60-17:00", "09:60")]
)
def test_what_is_no_time_of_the_day_is_told_by_its_name(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named} is no time of the day$"):
        read_hours(text)


def test_a_mistake_in_the_hours_of_a_team_or_a_person_is_found_with_the_policy() -> None:
    for wrong in (["Mon-Fri 9-17"], [], ["Mon 09:00-17:00", "Tue 30:00-31:00"]):
        with pytest.raises(ValidationError):
            team(hours=wrong)
        with pytest.raises(ValidationError):
            person(hours=wrong)
    with pytest.raises(ValidationError, match="is no IANA time zone"):
        person(zone="Berlin")


@given(st.sampled_from(DAYS), st.sampled_from(DAYS), st.times(), st.times())
def test_a_span_of_days_goes_on_from_the_first_to_the_last(first: str, last: str, start: time, end: time) -> None:
    found = read_hours(f"{first}-{last} {start:%H:%M}-{end:%H:%M}")
    length = (DAYS.index(last) - DAYS.index(first)) % 7 + 1
    assert list(found) == [(DAYS.index(first) + n) % 7 for n in range(length)]
    assert set(found.values()) == {Shift(start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0))}


def test_ones_own_hours_come_before_the_teams() -> None:
    part_time = person(hours=["Tue 10:00-12:00"])
    calendars = [calendar_of(team(), rule, None, frozenset(), ()) for rule in (part_time, person(), None)]
    assert [sorted(calendar.week) for calendar in calendars] == [[1], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]]


def test_ones_own_zone_comes_before_slacks_and_slacks_before_the_teams() -> None:
    def zone(rule: PersonRule | None, slack: str | None) -> str:
        return calendar_of(team(), rule, slack, frozenset(), ()).zone

    assert zone(person(zone="Asia/Kolkata"), "America/New_York") == "Asia/Kolkata"
    assert zone(person(), "America/New_York") == "America/New_York"
    assert zone(None, "America/New_York") == "America/New_York"
    assert zone(None, None) == zone(person(), "") == "Europe/Berlin"


def test_a_zone_that_slack_knows_and_we_do_not_is_as_none() -> None:
    assert calendar_of(team(), None, "Mars/Olympus_Mons", frozenset(), ()).zone == "Europe/Berlin"


def test_ones_own_country_says_which_days_are_free() -> None:
    german = team(country="DE")
    assert country_of(german, person(country="DE-BY")) == "DE-BY"
    assert country_of(german, person()) == country_of(german, None) == "DE"
    assert country_of(team(), None) is None


def test_holidays_and_time_away_are_free() -> None:
    away = Span(MONDAY + timedelta(days=1), MONDAY + timedelta(days=2))
    calendar = calendar_of(team(zone="UTC"), None, None, frozenset({date(2026, 11, 16)}), (away,))
    assert open_seconds(calendar, MONDAY, MONDAY + WEEK) == 3 * 8 * 3600
