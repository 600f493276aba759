"""When jobs have their turns: of intervals, and of local times through every change of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.plan import JobPlan, LocalTime, cadence_text, next_occurrence, occurrence
from tests.support.clock import START

ZONES = [
    "America/Nuuk",  # it skips the last hour of a day
    "America/New_York",
    "America/Santiago",  # at midnight
    "Asia/Beirut",
    "Asia/Kolkata",  # never
    "Australia/Lord_Howe",  # by half an hour
    "Europe/Berlin",
    "Europe/London",
    "Pacific/Auckland",
    "Africa/Casablanca",  # back and forth around Ramadan
]
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
HOURS = timedelta(hours=1)


@cache
def _changes(zone: str) -> list[datetime]:
    """The hours in which a zone changed its clock; for one that never did, a day like any other."""
    hours = [FIRST + n * HOURS for n in range((LAST - FIRST) // HOURS)]
    offsets = [at.astimezone(ZoneInfo(zone)).utcoffset() for at in hours]
    return [at for at, old, new in zip(hours, offsets, offsets[1:], strict=False) if old != new] or [START]


def _first_shown(day: date, at: time, zone: str) -> datetime:
    """The first quarter of an hour at which the wall clock shows that or a later time, looked for one by one."""
    wanted = datetime.combine(day, at)
    minute = datetime.combine(day, time(), UTC) - 15 * HOURS
    while minute.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < wanted:
        minute += timedelta(minutes=15)
    return minute


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(0, 0), time(0, 30), time(1, 45), time(2, 30), time(8, 0), time(23, 30)], ids=str)
def test_a_daily_job_has_one_occurrence_a_day_through_every_change_of_the_clock(zone: str, at: time) -> None:
    plan = JobPlan("daily", LocalTime(at.hour, at.minute, zone), "")
    for change in _changes(zone):
        day = change.astimezone(ZoneInfo(zone)).date() - timedelta(days=2)
        expected = [_first_shown(day + timedelta(days=n), at, zone) for n in range(5)]
        found = [occurrence(plan, expected[0])]
        while len(found) < len(expected):
            found.append(next_occurrence(plan, found[-1]))
        assert found == expected


CADENCES: st.SearchStrategy[timedelta | LocalTime] = st.one_of(
    st.timedeltas(timedelta(milliseconds=1), timedelta(days=40)),
    st.builds(
        LocalTime,
        hour=st.integers(0, 23),
        minute=st.integers(0, 59),
        zone=st.sampled_from(ZONES),
        weekday=st.none() | st.integers(0, 6),
    ),
)
NOWS = st.one_of(
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.builds(
        lambda zone, place, away: _changes(zone)[place % len(_changes(zone))] + away,
        st.sampled_from(ZONES),
        st.integers(0, 20),
        st.timedeltas(timedelta(days=-2), timedelta(days=2)),
    ),
)


@given(CADENCES, NOWS, st.timedeltas(timedelta(0), timedelta(days=10)))
def test_occurrences_part_time_without_gap_or_overlap(
    cadence: timedelta | LocalTime, now: datetime, later: timedelta
) -> None:
    plan = JobPlan("any", cadence, "")
    this, following = occurrence(plan, now), next_occurrence(plan, now)
    assert this <= now < following
    assert occurrence(plan, this) == occurrence(plan, following - timedelta.resolution) == this
    assert occurrence(plan, following) == following
    assert this <= occurrence(plan, now + later)
    if isinstance(cadence, timedelta):
        assert following - this == cadence
    else:
        whole = timedelta(days=1 if cadence.weekday is None else 7)
        assert abs(following - this - whole) <= timedelta(minutes=90)
        local = this.astimezone(ZoneInfo(cadence.zone)) - timedelta(minutes=90)
        assert cadence.weekday in {None, this.astimezone(ZoneInfo(cadence.zone)).weekday(), local.weekday()}


def test_a_cadence_reads_as_it_is_said() -> None:
    lengths = [
        timedelta(seconds=5),
        timedelta(seconds=90),
        timedelta(minutes=1),
        timedelta(hours=12),
        timedelta(days=1),
    ]
    said = ["every 5 s", "every 90 s", "every 1 min", "every 12 h", "every 1 d"]
    assert [cadence_text(one) for one in lengths] == said
    assert cadence_text(timedelta(milliseconds=200)) == "every 0.2 s"
    assert cadence_text(LocalTime(8, 0, "Europe/Berlin")) == "daily 08:00 Europe/Berlin"
    assert cadence_text(LocalTime(17, 5, "Asia/Kolkata", weekday=4)) == "Fridays 17:05 Asia/Kolkata"
