"""Working time: each change of a clock, and a walk along the wall clock, minute by minute, that must agree."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from funnel import business_hours
from funnel.business_hours import Calendar, Shift, Span, after, is_open, next_open, open_seconds, spans

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY, MINUTE, TICK = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1), timedelta.resolution
ZONES = [
    *("Europe/Berlin", "Europe/London", "Europe/Lisbon", "America/New_York", "America/Chicago", "America/Denver"),
    *("America/Los_Angeles", "America/Sao_Paulo", "America/Santiago", "America/St_Johns", "America/Havana"),
    *("America/Asuncion", "Asia/Beirut", "Asia/Jerusalem", "Africa/Cairo", "Africa/Casablanca", "Australia/Sydney"),
    *("Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Asia/Kolkata"),
]


def daily(*shifts: str, zone: str = "Europe/Berlin", days: Sequence[int] = range(7), **others: Any) -> Calendar:
    week = {day: [one.split("-") for one in shifts] for day in days}
    return Calendar.model_validate({"zone": zone, "week": week, **others})


def office(**others: Any) -> Calendar:
    return daily("09:00-17:00", days=range(5), **others)


def utc(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=UTC)


def shown(calendar: Calendar, start: str, end: str) -> list[str]:
    return [f"{one.start:%d %H:%M} to {one.end:%d %H:%M}" for one in spans(calendar, utc(start), utc(end))]


FRIDAY_EVENING, MONDAY_OPENING = utc("2026-11-20 16:30"), utc("2026-11-23 08:00")


def test_what_comes_on_friday_evening_waits_for_monday() -> None:
    assert not is_open(office(), FRIDAY_EVENING)
    assert next_open(office(), FRIDAY_EVENING) == MONDAY_OPENING
    assert after(office(), FRIDAY_EVENING, 7200) == MONDAY_OPENING + 2 * HOUR
    assert open_seconds(office(), FRIDAY_EVENING, MONDAY_OPENING + HOUR) == 3600


def test_a_span_holds_its_start_and_not_its_end() -> None:
    opening, closing = MONDAY_OPENING, MONDAY_OPENING + 8 * HOUR
    assert [is_open(office(), at) for at in (opening, closing - TICK)] == [True, True]
    assert [is_open(office(), at) for at in (opening - TICK, closing)] == [False, False]
    assert next_open(office(), opening + HOUR) == opening + HOUR
    assert after(office(), opening, 8 * 3600) == closing, "not the next morning"
    assert after(office(), FRIDAY_EVENING, 0) == FRIDAY_EVENING


def test_so_many_seconds_may_not_come() -> None:
    free = Calendar(zone="Europe/Berlin", week={})
    assert (after(free, MONDAY_OPENING, 1), next_open(free, MONDAY_OPENING)) == (None, None)
    assert after(office(), MONDAY_OPENING, float("inf")) is None
    assert after(office(), MONDAY_OPENING, 8 * 3600 + 1, within_days=1) is None
    assert next_open(office(), FRIDAY_EVENING, within_days=2) is None
    assert after([], MONDAY_OPENING, 1) is None


def test_a_length_is_rounded_up_to_the_microsecond() -> None:
    assert after(office(), MONDAY_OPENING, 1e-9) == MONDAY_OPENING + TICK
    assert after(office(), MONDAY_OPENING, 0.1) == MONDAY_OPENING + timedelta(milliseconds=100)


def test_no_shift_begins_on_a_holiday_and_last_nights_still_ends() -> None:
    nights = daily("22:00-06:00", holidays=[date(2026, 11, 24)])
    assert shown(nights, "2026-11-23 12:00", "2026-11-25 23:00") == ["23 21:00 to 24 05:00", "25 21:00 to 25 23:00"]


def test_absences_are_taken_out_in_any_order_and_any_zone() -> None:
    away = [
        Span(datetime(2026, 11, 23, 15, tzinfo=BERLIN), datetime(2026, 11, 30, tzinfo=BERLIN)),
        Span(utc("2026-11-23 09:00"), utc("2026-11-23 10:00")),
        Span(utc("2026-11-23 09:30"), utc("2026-11-23 11:00")),
    ]
    away_twice = shown(office(absences=away), "2026-11-23 00:00", "2026-11-30 00:00")
    assert away_twice == ["23 08:00 to 23 09:00", "23 11:00 to 23 14:00"]


def test_shifts_that_touch_or_overlap_are_one_span() -> None:
    both = daily("09:00-13:00", "12:00-17:00", "17:00-18:00")
    assert shown(both, "2026-11-23 00:00", "2026-11-24 00:00") == ["23 08:00 to 23 17:00"]
    assert shown(daily("00:00-00:00"), "2026-11-03 00:00", "2027-10-04 12:00") == ["03 00:00 to 04 12:00"]


def test_a_team_is_open_when_anyone_is() -> None:
    team = [office(), daily("09:00-17:00", zone="America/New_York"), Calendar(zone="UTC", week={})]
    assert open_seconds(team, MONDAY_OPENING, MONDAY_OPENING + DAY) == 14 * 3600, "two of sixteen hours are shared"
    assert next_open(team, FRIDAY_EVENING + 6 * HOUR) == utc("2026-11-21 14:00"), "New York works on Saturday"


@pytest.mark.parametrize(
    ("shifts", "zone", "night", "expected"),
    [
        ("22:00-06:00", "Europe/Berlin", "2026-03-28", 7),  # 02:00 to 03:00 is skipped
        ("22:00-06:00", "Europe/Berlin", "2026-10-24", 9),  # 02:00 to 03:00 is shown twice
        ("22:00-06:00", "Australia/Lord_Howe", "2026-10-03", 7.5),
        ("22:00-06:00", "Australia/Lord_Howe", "2026-04-04", 8.5),
        ("02:30-04:00", "Europe/Berlin", "2026-03-28", 1),  # from right after the gap
        ("02:30:00.5-04:00", "Europe/Berlin", "2026-03-28", 1),
        ("01:00-02:30", "Europe/Berlin", "2026-03-28", 1),  # until right after it
        ("02:10-02:50", "Europe/Berlin", "2026-03-28", 0),
        ("02:30-04:00", "Europe/Berlin", "2026-10-24", 2.5),  # from the first 02:30
        ("01:00-02:30", "Europe/Berlin", "2026-10-24", 1.5),  # until the first, and not again
        ("01:00-03:00", "Europe/Berlin", "2026-10-24", 3),
        ("22:00-00:00", "America/Havana", "2026-10-31", 2),  # the clock goes from 01:00 to 00:00
        ("22:00-00:00", "Asia/Beirut", "2026-10-24", 3),  # the clock goes from 00:00 to 23:00
        ("00:00-00:30", "America/St_Johns", "2010-11-06", 1.5),  # the clock goes from 00:01 to 23:01
    ],
)
def test_a_shift_where_the_clock_changes(shifts: str, zone: str, night: str, expected: float) -> None:
    noon = datetime.combine(date.fromisoformat(night), time(12), ZoneInfo(zone))
    last = noon + DAY  # on the wall: noon again
    evening = daily(shifts, zone=zone, days=[(noon if shifts > "20" else last).weekday()])
    assert open_seconds(evening, noon, last) == expected * 3600


@pytest.mark.parametrize(("shifts", "expected"), [("09:00-17:00", 16), ("00:00-00:00", 48), ("22:00-06:00", 16)])
def test_a_day_the_zone_skips_has_no_shift(shifts: str, expected: float) -> None:
    """Apia went from the 29th, 24:00, to the 31st; of the night that began on the 30th its morning is left."""
    apia = daily(shifts, zone="Pacific/Apia")
    assert open_seconds(apia, utc("2011-12-29 10:00"), utc("2011-12-31 10:00")) == expected * 3600


def test_instants_of_one_zone_are_not_subtracted_as_wall_time() -> None:
    start, end = datetime(2026, 3, 28, 12, tzinfo=BERLIN), datetime(2026, 3, 29, 12, tzinfo=BERLIN)
    always, second = daily("00:00-00:00"), datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN)
    assert open_seconds(always, start, end) == 23 * 3600
    assert after(always, start, 23 * 3600) == end
    assert open_seconds(always, second.replace(fold=0), second) == 3600


def test_what_cannot_be_meant_is_refused() -> None:
    for name in ("Berlin", "", "Europe", "../etc/passwd"):
        with pytest.raises(ValidationError, match="is no IANA time zone; write one like Europe/Berlin"):
            daily(zone=name)
    with pytest.raises(ValidationError, match="less than or equal to 6"):
        daily(days=[7])
    with pytest.raises(ValidationError, match="timezone"):
        office(absences=[(datetime(2026, 1, 1), datetime(2026, 1, 2))])
    with pytest.raises(TypeError):
        is_open(office(), datetime(2026, 11, 23, 10))


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_the_ends_of_time_are_no_trouble(zone: str) -> None:
    always = daily("00:00-00:00", zone=zone)
    first, last = datetime.min.replace(tzinfo=ZoneInfo(zone)), datetime.max.replace(tzinfo=ZoneInfo(zone))
    assert open_seconds(always, first, first + 9 * DAY) >= 7 * 86400
    assert open_seconds(always, last - 9 * DAY, last) >= 7 * 86400
    assert after(always, last, 9e6) is None
    assert after(always, first + 2 * DAY, 3600) == first + 2 * DAY + HOUR
    assert next_open(always, last - 3 * DAY) == last - 3 * DAY
    assert is_open(always, first + 2 * DAY)
    assert not is_open(always, last)


@pytest.mark.parametrize(
    ("team", "hours", "most"),
    [([daily("00:00-00:00")], 2, 11), ([office(), Calendar(zone="UTC", week={})], 2, 22), ([office()], 160, 44)],
)
def test_an_answer_costs_the_days_it_needs(team: Any, hours: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: Any = []
    days = business_hours._days
    monkeypatch.setattr(business_hours, "_days", lambda *span: [looked.append(day) or day for day in days(*span)])
    assert after(team, FRIDAY_EVENING, hours * 3600) is not None
    assert 0 < len(looked) <= most, "of 400"


@lru_cache(maxsize=32)
def changes(zone: str) -> list[datetime]:
    """The days (UTC) of 2024 to 2027 in which the clock of a zone changes; one in Apia in 2011; any, where none does."""
    if zone == "Pacific/Apia":
        return [utc("2011-12-30")]
    days = [(utc("2024-01-01") + n * DAY).astimezone(ZoneInfo(zone)) for n in range(1461)]
    changed = [day.astimezone(UTC) for day, other in pairwise(days) if day.utcoffset() != other.utcoffset()]
    return changed or [utc("2025-03-09")]


@lru_cache(maxsize=2)
def wall_clock(zone: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Each minute (UTC), and what the clock on the wall shows then."""
    local, minutes = ZoneInfo(zone), range((end - start) // MINUTE)
    return [(at, at.astimezone(local).replace(tzinfo=None)) for at in (start + n * MINUTE for n in minutes)]


def walked(calendar: Calendar, start: datetime, end: datetime) -> list[bool]:
    """Which minutes are open: a walk along the wall clock, from two days before, that opens and closes each shift."""
    begun, waiting, open_now, seen = start - 2 * DAY, [], [], []
    for n in range(-3, (end - begun).days + 3):
        day = begun.date() + n * DAY
        for opens, closes in calendar.week.get(day.weekday(), []) if day not in calendar.holidays else []:
            waiting.append((datetime.combine(day, opens), datetime.combine(day + DAY * (closes <= opens), closes)))
    waiting.sort(reverse=True)
    for at, wall in wall_clock(calendar.zone, begun, end):
        while waiting and waiting[-1][0] <= wall:
            open_now.append(waiting.pop()[1])
        open_now = [closes for closes in open_now if wall < closes]
        seen.append(bool(open_now) and not any(away.start <= at < away.end for away in calendar.absences))
    return seen[2 * DAY // MINUTE :]


def walked_spans(team: Sequence[Calendar], start: datetime, end: datetime) -> list[Span]:
    minutes = [any(each) for each in zip(*(walked(one, start, end) for one in team), strict=True)]
    runs = [(is_open, [n for n, _ in run]) for is_open, run in groupby(enumerate(minutes), key=lambda each: each[1])]
    return [Span(start + run[0] * MINUTE, start + (run[-1] + 1) * MINUTE) for is_open, run in runs if is_open]


@pytest.mark.parametrize("zone", [*ZONES, "Pacific/Apia"])
def test_every_change_of_the_clock_agrees_with_a_walk(zone: str) -> None:
    dice, night = random.Random(zone), [time(h % 24, m) for h in range(20, 29) for m in range(0, 60, 5)]
    for change in changes(zone):
        start, end = change - DAY, change + 2 * DAY
        for _ in range(8):
            a, b, c, d = dice.sample(night, 4)
            week = {day: [Shift(a, b), Shift(c, d)][: dice.randint(0, 2)] for day in range(7)}
            one = Calendar(zone=zone, week=week)
            assert list(spans(one, start, end)) == walked_spans([one], start, end), (change, week)


clocks = st.integers(0, 24 * 60 - 1).map(lambda n: time(n // 60, n % 60))
weeks = st.dictionaries(st.integers(0, 6), st.lists(st.builds(Shift, clocks, clocks), max_size=3))
minutes = st.integers(-2000, 6000).map(lambda n: n * MINUTE)


@st.composite
def calendars(draw: st.DrawFn, around: datetime) -> Calendar:
    away = [(around + a, around + b) for a, b in draw(st.lists(st.tuples(minutes, minutes), max_size=3))]
    holidays = [around.date() + n * DAY for n in draw(st.lists(st.integers(-3, 5), max_size=2))]
    zone = draw(st.sampled_from(ZONES))
    return Calendar.model_validate({"zone": zone, "week": draw(weeks), "holidays": holidays, "absences": away})


Situation = tuple[list[Calendar], list[datetime]]


@st.composite
def situations(draw: st.DrawFn, count: int) -> Situation:
    """A team, and instants in order, all within forty days of a change of some clock."""
    around = draw(st.sampled_from(changes(draw(st.sampled_from(ZONES)))))
    apart = st.timedeltas(-40 * DAY, 40 * DAY)
    instants = sorted(around + draw(apart) for _ in range(count))
    return draw(st.lists(calendars(around), min_size=1, max_size=2)), instants


@given(st.data(), st.integers(-1440, 1440), st.integers(1, 3 * 1440))
def test_a_team_agrees_with_a_walk(data: st.DataObject, early: int, length: int) -> None:
    change = data.draw(st.sampled_from(changes(data.draw(st.sampled_from(ZONES)))))
    team = data.draw(st.lists(calendars(change), min_size=1, max_size=2))
    start, end = change + early * MINUTE, change + (early + length) * MINUTE
    expected = walked_spans(team, start, end)
    assert list(spans(team, start, end)) == expected
    assert open_seconds(team, start, end) == sum((one.end - one.start).total_seconds() for one in expected)
    assert is_open(team, start) == any(one.start == start for one in expected)
    assert not expected or next_open(team, start) == expected[0].start


@given(situations(3))
def test_seconds_add_up_and_never_shrink(situation: Situation) -> None:
    team, (a, b, c) = situation
    whole, first = open_seconds(team, a, c), open_seconds(team, a, b)
    assert whole == pytest.approx(first + open_seconds(team, b, c), abs=1e-7)
    assert 0 <= first <= whole <= (c - a).total_seconds()
    assert open_seconds(team, c, a) == 0


@given(situations(2))
def test_spans_are_sorted_apart_and_clipped(situation: Situation) -> None:
    team, (start, end) = situation
    found = list(spans(team, start, end))
    assert all(start <= one.start < one.end <= end and one.start.tzinfo is one.end.tzinfo is UTC for one in found)
    assert all(one.end < other.start for one, other in pairwise(found)), "touching ones are united"


@given(situations(1), st.floats(0, 5e5, exclude_min=True))
def test_after_is_the_first_instant(situation: Situation, seconds: float) -> None:
    team, (start,) = situation
    found = after(team, start, seconds, within_days=30)
    if found is None:
        assert open_seconds(team, start, start + 30 * DAY) < seconds
    else:
        assert open_seconds(team, start, found - TICK) < seconds <= open_seconds(team, start, found)
