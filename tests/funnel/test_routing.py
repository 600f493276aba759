"""Who gets a new lead, and why the others do not."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.business_hours import Calendar, Shift, Span
from funnel.policy import Route
from funnel.routing import Choice, Member, choose_owner, spread

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)  # a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANA, BEN, CAI = "UANA", "UBEN", "UCAI"


def works(hours: str = "09:00-17:00", days: Sequence[int] = range(5), away: Sequence[Span] = ()) -> Calendar:
    start, end = map(time.fromisoformat, hours.split("-"))
    return Calendar(zone="UTC", week={day: [Shift(start, end)] for day in days}, absences=tuple(away))


OFFICE, NIGHTS = works(), works("22:00-06:00")
AWAY = works(away=[Span(NOW - DAY, NOW + 14 * DAY)])


def member(user: str, calendar: Calendar = OFFICE, hours: float = 100.0, **special: Any) -> Member:
    return Member(user, calendar, hours=hours, **special)


def route(*assign: str, **special: Any) -> Route:
    return Route.model_validate({"name": "r", "channel": "#r", "team": "T", "assign": list(assign)} | special)


def given_to(
    assign: str | Route, *members: Member, owner: str | None = None, now: datetime = NOW, burst: bool = False
) -> str | None:
    way = route(assign) if isinstance(assign, str) else assign
    return choose_owner(way, members, owner, now, burst=burst).owner


def why_not(choice: Choice) -> dict[str, str]:
    return {one.user: one.why_not for one in choice.considered}


# The chain of modes


def test_the_first_mode_that_finds_somebody_wins() -> None:
    chain = route("account owner", "person", "round robin", person=CAI)
    assert choose_owner(chain, [member(ANA), member(BEN)], BEN, NOW) == Choice(
        owner=BEN, mode="account owner", considered=[{"user": BEN}]
    )
    assert choose_owner(chain, [member(ANA), member(BEN)], None, NOW).mode == "person"
    assert choose_owner(route("account owner", "round robin"), [member(ANA)], None, NOW).mode == "round robin"


def test_a_mode_that_finds_nobody_leaves_its_reason_to_be_read() -> None:
    choice = choose_owner(route("account owner", "round robin"), [member(ANA), member(BEN, AWAY)], BEN, NOW)
    assert (choice.owner, choice.mode) == (ANA, "round robin")
    assert [(one.user, one.why_not) for one in choice.considered] == [(BEN, "is away"), (ANA, ""), (BEN, "is away")]


def test_a_lead_nobody_can_be_given_is_open_to_all_and_says_why() -> None:
    choice = choose_owner(route("round robin"), [member(ANA, AWAY), member(BEN, cap=2, holding=2)], None, NOW)
    assert (choice.owner, choice.mode) == (None, "open")
    assert why_not(choice) == {ANA: "is away", BEN: "holds 2 of 2 leads"}


def test_what_is_open_is_open_whatever_comes_after_it() -> None:
    assert choose_owner(route("open", "round robin"), [member(ANA)], ANA, NOW) == Choice(owner=None, mode="open")


def test_the_owner_of_the_account_gets_it_when_they_work_these_days_on_duty_or_not() -> None:
    assert given_to("account owner", member(ANA), member(BEN, NIGHTS), owner=BEN) == BEN
    assert given_to("account owner", member(ANA), owner="UOTHER") == "UOTHER", "of another team"
    for unable in (member(BEN, gone=True), member(BEN, cap=1, holding=1), member(BEN, AWAY)):
        assert given_to("account owner", member(ANA), unable, owner=BEN) is None


def test_who_is_named_gets_it_full_or_away_unless_they_left() -> None:
    named = route("person", person=BEN)
    assert given_to(named, member(ANA)) == BEN
    assert given_to(named, member(BEN, AWAY, cap=1, holding=1)) == BEN
    assert why_not(choose_owner(named, [member(BEN, gone=True)], None, NOW)) == {BEN: "left the workspace"}


def test_who_helps_out_from_another_team_has_a_limit_too_and_takes_no_turns() -> None:
    for unable, told in (
        (member(BEN, cap=1, holding=1), "holds 1 of 1 leads"),
        (member(BEN, AWAY), "is away"),
        (member(BEN, gone=True), "left the workspace"),
    ):
        choice = choose_owner(route("account owner"), [member(ANA)], BEN, NOW, helpers=[unable])
        assert (choice.owner, why_not(choice)) == (None, {BEN: told})
    assert choose_owner(route("account owner"), [member(ANA)], BEN, NOW, helpers=[member(BEN)]).owner == BEN
    left = member(BEN, gone=True)
    assert choose_owner(route("person", person=BEN), [member(ANA)], None, NOW, helpers=[left]).owner is None
    turns = choose_owner(route("round robin"), [member(ANA, given=99)], BEN, NOW, helpers=[member(BEN)])
    assert why_not(turns) == {ANA: ""}


# Turns


def test_who_was_given_least_for_their_hours_is_next() -> None:
    part_time = member(BEN, hours=50, given=6)
    assert given_to("round robin", member(ANA, hours=100, given=10), part_time) == ANA
    assert given_to("round robin", member(ANA, hours=100, given=14), part_time) == BEN
    told = why_not(choose_owner(route("round robin"), [member(ANA, given=10), part_time], None, NOW))
    assert told == {ANA: "", BEN: "was given more for their hours (6 in 50 h)"}


def test_weights_count_where_the_route_says_so() -> None:
    strong, weak = member(ANA, given=10, weight=2), member(BEN, given=9)
    assert given_to("round robin", strong, weak) == BEN
    assert given_to("weighted", strong, weak) == ANA


def test_of_two_with_the_same_share_one_is_always_the_first() -> None:
    assert given_to("round robin", member(BEN), member(ANA)) == given_to("round robin", member(ANA), member(BEN)) == ANA


def test_somebody_new_is_not_flooded_and_not_forgotten() -> None:
    assert given_to("round robin", member(ANA, given=50), member(BEN, hours=0)) == ANA
    assert given_to("round robin", member(ANA, given=150), member(BEN, hours=1)) == BEN
    assert given_to("round robin", member(BEN, hours=0)) == BEN


@pytest.mark.parametrize(
    ("unable", "told"),
    [
        (member(BEN, gone=True, cap=1, holding=1), "left the workspace"),
        (member(BEN, AWAY, cap=3, holding=4), "holds 4 of 3 leads"),
        (member(BEN, AWAY), "is away"),
        (member(BEN, works(days=[])), "is away"),
        (member(BEN, NIGHTS), "is not on duty"),
    ],
)
def test_who_cannot_be_given_a_lead_has_a_reason_whatever_their_turn(unable: Member, told: str) -> None:
    choice = choose_owner(route("round robin"), [member(ANA, given=99), unable], None, NOW)
    assert why_not(choice) == {ANA: "", BEN: told}


def test_a_weekend_is_no_absence() -> None:
    friday_evening = datetime(2026, 11, 20, 18, tzinfo=UTC)
    assert given_to("round robin", member(ANA), now=friday_evening) == ANA
    assert given_to("round robin", member(ANA), now=friday_evening, burst=True) == ANA


# Nobody on duty


def test_at_night_it_goes_to_who_begins_first() -> None:
    evening = NOW.replace(hour=18)
    early, late = works("06:00-14:00"), works("19:00-23:00", days=[3])  # in 12 hours, and in 25
    assert given_to("round robin", member(ANA, late), member(BEN, early, given=50), now=evening) == BEN
    told = why_not(choose_owner(route("round robin"), [member(ANA, late), member(BEN, early)], None, evening))
    assert told == {ANA: "is not on duty", BEN: ""}


def test_who_begins_within_half_a_day_of_the_first_begins_with_them() -> None:
    """Else whoever gets up first would get all that comes at night."""
    evening = NOW.replace(hour=18)
    six, eighteen = works("06:00-14:00"), works("18:00-22:00", days=[3])
    assert given_to("round robin", member(ANA, six, given=9), member(BEN, eighteen), now=evening) == BEN
    later = works("18:01-22:00", days=[3])
    assert given_to("round robin", member(ANA, six, given=9), member(BEN, later), now=evening) == ANA


def test_who_is_full_or_gone_does_not_begin_first() -> None:
    evening = NOW.replace(hour=18)
    full = member(ANA, works("19:00-23:00"), cap=1, holding=1)
    assert given_to("round robin", full, member(BEN, works("09:00-17:00")), now=evening) == BEN


# Many at once


def test_many_at_once_go_to_all_who_work_these_days() -> None:
    here, asleep, away = member(ANA, given=1), member(BEN, NIGHTS), member(CAI, AWAY)
    assert given_to("round robin", here, asleep, away) == ANA
    assert given_to("round robin", here, asleep, away, burst=True) == BEN


def dealt(members: Sequence[Member], leads: int, mode: str = "weighted") -> tuple[Counter[str | None], list[Choice]]:
    """What each was given of so many leads at once, one after the other, and the choices made."""
    team, choices = {one.user: one for one in members}, list[Choice]()
    for _ in range(leads):
        choices.append(choose_owner(route(mode), list(team.values()), None, NOW, burst=True))
        if owner := choices[-1].owner:
            one = team[owner]
            team[owner] = one._replace(given=one.given + 1, holding=one.holding + 1)
    return Counter(choice.owner for choice in choices), choices


def crowd(*with_caps: st.SearchStrategy[int | None]) -> st.SearchStrategy[list[Member]]:
    of = st.builds(
        member,
        st.uuids().map(str),
        st.sampled_from([OFFICE, NIGHTS]),
        st.floats(1, 200),
        weight=st.sampled_from([0.5, 1.0, 2.0]),
        cap=with_caps[0] if with_caps else st.none(),
    )
    return st.lists(of, min_size=1, max_size=6, unique_by=lambda one: one.user)


@given(crowd(), st.integers(0, 40))
def test_many_at_once_are_spread_by_hours_and_weight(members: list[Member], leads: int) -> None:
    """D'Hondt: nobody is given a whole lead less than their share p of k leads, and nobody of n more than n × p above.

    Proof: at the end there is a divisor d with each count the integer part of worth/d. These quotients sum to less
    than k + n, and each is to their sum as p is to 1: it is below (k + n) p. They sum to k at least: it is k p at least.
    """
    found, _ = dealt(members, leads)
    total = sum(one.hours * one.weight for one in members)
    for one in members:
        part = one.hours * one.weight / total
        assert leads * part - 1 - 1e-6 < found[one.user] <= (leads + len(members)) * part + 1e-6
    assert found.total() == leads
    assert found[None] == 0


@given(st.integers(1, 8), st.integers(0, 60), st.floats(1, 200))
def test_equals_differ_by_one_lead_at_most(people: int, leads: int, hours: float) -> None:
    found, _ = dealt([member(f"U{n}", hours=hours, weight=3) for n in range(people)], leads, "round robin")
    counts = [found[f"U{n}"] for n in range(people)]
    assert max(counts) - min(counts) <= 1


@given(crowd(st.none() | st.integers(1, 5)), st.integers(0, 40))
def test_no_cap_is_exceeded_and_what_is_beyond_them_all_is_open(members: list[Member], leads: int) -> None:
    found, _ = dealt(members, leads)
    room = [one.cap if one.cap is not None else leads for one in members]
    assert all(found[one.user] <= most for one, most in zip(members, room, strict=True))
    assert found[None] == max(0, leads - sum(room)), "nobody has room while a lead is open"


@given(crowd(st.none() | st.integers(1, 5)), st.integers(1, 30), st.booleans(), st.integers(0, 200))
def test_whoever_got_it_has_no_reason_against_them_and_everybody_else_has(
    members: list[Member], leads: int, burst: bool, later: int
) -> None:
    held = [one._replace(holding=leads % 7, given=leads) for one in members]
    choice = choose_owner(route("round robin"), held, None, NOW + later * HOUR, burst=burst)
    told = why_not(choice)
    assert sorted(told) == sorted(one.user for one in members)
    assert [user for user, reason in told.items() if not reason] == ([choice.owner] if choice.owner else [])
    assert choice.mode == ("round robin" if choice.owner else "open")


def test_over_a_long_holiday_nobody_is_away_but_all_are_off() -> None:
    closed = Span(datetime(2026, 12, 24, 17, tzinfo=UTC), datetime(2026, 12, 30, 9, tzinfo=UTC))
    week = {day: [Shift(time(9), time(17))] for day in range(5)}
    calendar = Calendar(zone="UTC", week=week, absences=(closed,))
    later = Calendar(zone="UTC", week=week, absences=(closed._replace(end=datetime(2027, 1, 20, tzinfo=UTC)),))
    members = [Member("UONE", calendar, hours=10), Member("UTWO", later, hours=90)]
    route = Route(name="R", channel="#r", team="T", assign=["round robin"])
    made = choose_owner(route, members, None, datetime(2026, 12, 24, 18, tzinfo=UTC))
    assert made.owner == "UONE"
    assert [one.why_not for one in made.considered] == ["", "is away"]


# What a manager is told


def test_the_spread_is_what_most_got_for_their_hours_against_least() -> None:
    even = [member(ANA, hours=100, given=20), member(BEN, hours=50, given=10)]
    assert spread(even, weighted=False) == pytest.approx(1.0)
    uneven = [member(ANA, hours=100, given=30, weight=2.0), member(BEN, hours=100, given=15)]
    assert spread(uneven, weighted=False) == pytest.approx(2.0)
    assert spread(uneven, weighted=True) == pytest.approx(1.0)


def test_there_is_no_spread_while_chance_would_speak() -> None:
    assert spread([member(ANA, given=40)], weighted=False) is None
    assert spread([member(ANA, given=40), member(BEN, given=9)], weighted=False) is None
    gone = [member(ANA, given=40), member(BEN, given=20), member(CAI, given=10, gone=True)]
    assert spread(gone, weighted=False) == pytest.approx(2.0)
