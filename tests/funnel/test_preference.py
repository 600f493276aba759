"""When somebody is told: in their working hours but for the quiet ones."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.business_hours import Calendar, Shift, is_open
from funnel.preference import Preference, next_alert_hour

OFFICE = Calendar(zone="Europe/Berlin", week={day: [Shift(time(9), time(17))] for day in range(5)})
NIGHTS = Calendar(zone="Europe/Berlin", week={day: [Shift(time(22), time(6))] for day in range(5)})
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


def quiet(begins: str, ends: str) -> Preference:
    return Preference(quiet=(time.fromisoformat(begins), time.fromisoformat(ends)))


@pytest.mark.parametrize(
    ("chosen", "now", "told"),
    [
        (Preference(), "10:00", "10:00"),
        (quiet("12:00", "13:00"), "10:30", "10:30"),
        (quiet("12:00", "13:00"), "11:00", "12:00"),
        (quiet("12:00", "13:00"), "11:30", "12:00"),  # half past twelve in Berlin
        (quiet("08:00", "10:00"), "06:00", "09:00"),
        (quiet("16:00", "09:30"), "15:30", "32:30"),  # over night: half past nine the next morning
    ],
)
def test_quiet_hours_are_left_out_of_the_working_ones(chosen: Preference, now: str, told: str) -> None:
    def moment(text: str) -> datetime:
        hours, minutes = map(int, text.split(":"))
        return MONDAY + timedelta(hours=hours, minutes=minutes)

    assert next_alert_hour(chosen, OFFICE, moment(now)) == moment(told)


def test_who_works_in_quiet_hours_alone_is_told_in_their_working_hours() -> None:
    assert next_alert_hour(quiet("08:00", "18:00"), OFFICE, MONDAY) == MONDAY + timedelta(hours=8)
    assert next_alert_hour(quiet("08:00", "18:00"), Calendar(zone="UTC", week={}), MONDAY) == MONDAY


times = st.integers(0, 24 * 12 - 1).map(lambda n: time(n // 12, n % 12 * 5))


@given(times, times, st.integers(0, 400 * 24 * 60), st.sampled_from([OFFICE, NIGHTS]))
def test_nobody_is_told_outside_their_hours_or_in_quiet_ones(
    begins: time, ends: time, minutes: int, calendar: Calendar
) -> None:
    now = MONDAY + timedelta(minutes=minutes)
    chosen = Preference(quiet=(begins, ends)) if begins != ends else Preference()
    at = next_alert_hour(chosen, calendar, now)
    assert at >= now
    assert is_open(calendar, at)
    if chosen.is_quiet(at.astimezone(ZoneInfo(calendar.zone))):
        moments = [at + timedelta(minutes=5 * n) for n in range(7 * 24 * 12)]
        working = [one.astimezone(ZoneInfo(calendar.zone)) for one in moments if is_open(calendar, one)]
        assert all(map(chosen.is_quiet, working))


def test_in_the_hour_that_comes_twice_nobody_is_told_before_now() -> None:
    always = Calendar(zone="Europe/Berlin", week={day: [Shift(time(0), time(0))] for day in range(7)})
    second = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15 for the second time
    assert next_alert_hour(quiet("02:00", "02:30"), always, second) == second + timedelta(minutes=15)
