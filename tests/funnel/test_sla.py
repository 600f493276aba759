"""How long a lead may wait: the ladder in its order, each step once, in working time."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from funnel.business_hours import Calendar, Shift, after
from funnel.sla import (
    LATE,
    Clock,
    Due,
    Kept,
    Step,
    Waiting,
    count_kept,
    deadline,
    kept,
    next_steps,
    passed_over,
    waited,
)

HOUR = timedelta(hours=1)
OFFICE = Calendar(zone="UTC", week={day: [Shift(time(9), time(17))] for day in range(5)})
NEVER = Calendar(zone="UTC", week={})
FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)

REMIND = Step.model_validate({"after": "1h", "do": "remind"})
MESSAGE = Step.model_validate({"after": "2h", "do": "message"})
MANAGER = Step.model_validate({"after": "6h", "do": "manager"})
ASSIGN = Step.model_validate({"after": "8h", "do": "assign", "to": "URITA"})
DECIDE = Step.model_validate({"after": "3h", "do": "message", "waiting": "outcome"})


def climbed(steps: list[Step], waiting: Waiting = "claim", since: datetime = FRIDAY_NOON) -> list[Due]:
    """All steps of a ladder, one after the other, as they are taken when nobody acts."""
    found: list[Due] = []
    clock = Clock(waiting, since)
    while due := next_steps(steps, clock, OFFICE):
        found.append(due)
        clock = clock._replace(climbed=due.after)
    return found


def test_each_step_comes_once_in_the_order_of_their_times_however_they_were_written() -> None:
    written = [ASSIGN, MESSAGE, DECIDE, MANAGER, REMIND]
    assert [due.steps for due in climbed(written)] == [[REMIND], [MESSAGE], [MANAGER], [ASSIGN]]
    assert [due.steps for due in climbed(written, "outcome")] == [[DECIDE]]


def test_steps_of_the_same_time_come_together_in_the_order_they_were_written() -> None:
    message = MESSAGE.model_copy(update={"after": HOUR})
    assert [due.steps for due in climbed([message, REMIND, MANAGER])] == [[message, REMIND], [MANAGER]]
    assert [due.steps for due in climbed([REMIND, message])] == [[REMIND, message]]


def test_a_step_that_is_written_in_below_those_taken_repeats_none_and_leaves_none_out() -> None:
    """The policy was changed under a lead that had come so far."""
    after_two_hours = Clock("claim", FRIDAY_NOON, MESSAGE.after)
    due = next_steps([REMIND, MESSAGE, MANAGER, ASSIGN], after_two_hours, OFFICE)
    assert due is not None
    assert due.steps == [MANAGER]
    assert next_steps([MESSAGE, MANAGER, ASSIGN], after_two_hours, OFFICE) == due


def test_a_ladder_stands_still_while_nobody_works() -> None:
    at = [due.at for due in climbed([REMIND, MESSAGE, MANAGER, ASSIGN])]
    assert at == [FRIDAY_NOON + HOUR, FRIDAY_NOON + 2 * HOUR, MONDAY + HOUR, MONDAY + 3 * HOUR]


def test_a_ladder_of_a_team_goes_on_while_anybody_works() -> None:
    others = Calendar(zone="America/New_York", week=OFFICE.week)  # 14:00 to 22:00 UTC
    due = next_steps([MANAGER], Clock("claim", FRIDAY_NOON), [OFFICE, others])
    assert due == Due([MANAGER], FRIDAY_NOON + 6 * HOUR)


def test_where_nobody_works_any_more_no_step_is_due() -> None:
    assert next_steps([REMIND], Clock("claim", FRIDAY_NOON), NEVER) is None
    assert next_steps([REMIND], Clock("claim", FRIDAY_NOON), []) is None
    assert next_steps([], Clock("claim", FRIDAY_NOON), OFFICE) is None


def test_a_shorter_ladder_than_before_has_no_step_left() -> None:
    """The policy was changed under a lead that had come further."""
    assert next_steps([REMIND], Clock("claim", FRIDAY_NOON, 3 * HOUR), OFFICE) is None


def test_after_a_late_step_the_next_keeps_its_distance_however_often_one_looks() -> None:
    late = Clock("claim", FRIDAY_NOON, HOUR, climbed_at=MONDAY)  # due an hour after noon on Friday
    for _ in range(2):
        due = next_steps([REMIND, MESSAGE, MANAGER], late, OFFICE)
        assert due == Due([MESSAGE], MONDAY + HOUR)
    in_turn = late._replace(climbed_at=FRIDAY_NOON + HOUR + LATE)
    assert next_steps([REMIND, MESSAGE], in_turn, OFFICE) == Due([MESSAGE], FRIDAY_NOON + 2 * HOUR)


def test_what_gives_a_lead_away_is_not_lost_when_it_comes_to_lie_below_what_was_taken() -> None:
    climbed = Clock("claim", FRIDAY_NOON, 9 * HOUR, climbed_at=MONDAY)
    assert next_steps([REMIND, ASSIGN], climbed, OFFICE) is None
    assert passed_over([REMIND, ASSIGN], climbed) == ASSIGN
    assert passed_over([REMIND, ASSIGN], climbed._replace(climbed=ASSIGN.after)) is None  # it was taken
    assert passed_over([REMIND, ASSIGN], climbed._replace(climbed=timedelta())) is None


@pytest.mark.parametrize("text", ["0.333h", "0.01m", "1.0001d"])
def test_a_step_is_a_whole_number_of_seconds(text: str) -> None:
    step = Step.model_validate({"after": text, "do": "remind"})
    assert step.after.total_seconds() == int(step.after.total_seconds())


def test_a_promise_is_counted_in_working_time_too() -> None:
    assert deadline(timedelta(hours=2), FRIDAY_NOON, OFFICE) == FRIDAY_NOON + 2 * HOUR
    assert deadline(timedelta(hours=8), FRIDAY_NOON, OFFICE) == MONDAY + 3 * HOUR
    assert deadline(None, FRIDAY_NOON, OFFICE) is None
    assert deadline(timedelta(hours=2), FRIDAY_NOON, NEVER) is None


def test_what_was_waited_is_working_time() -> None:
    assert waited(FRIDAY_NOON, MONDAY + HOUR, OFFICE) == 6 * HOUR
    assert waited(MONDAY, FRIDAY_NOON, OFFICE) == timedelta()


@pytest.mark.parametrize(
    ("done", "now", "expected"),
    [
        (FRIDAY_NOON + HOUR, MONDAY, True),
        (FRIDAY_NOON + 2 * HOUR, MONDAY, True),
        (FRIDAY_NOON + 3 * HOUR, MONDAY, False),
        (None, FRIDAY_NOON + HOUR, None),
        (None, FRIDAY_NOON + 3 * HOUR, False),
    ],
)
def test_a_promise_is_kept_or_broken_or_still_open(done: datetime | None, now: datetime, expected: bool | None) -> None:
    assert kept(2 * HOUR, FRIDAY_NOON, done, OFFICE, now) is expected
    assert kept(None, FRIDAY_NOON, done, OFFICE, now) is None


def test_what_may_still_be_kept_is_not_counted() -> None:
    assert count_kept([True, False, None, True]) == Kept(in_time=2, of=3)
    assert count_kept([]) == Kept(0, 0)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"after": "1h", "do": "assign"}, "needs `to`, the person who is given the lead"),
        ({"after": "1h", "do": "remind", "to": "URITA"}, "only a step that assigns has `to`"),
        ({"after": "1h", "do": "shout"}, "Input should be 'remind', 'message', 'manager' or 'assign'"),
        ({"after": "0h", "do": "remind"}, "longer than nothing"),
        ({"after": "1h", "do": "remind", "waiting": "lunch"}, "Input should be 'claim' or 'outcome'"),
    ],
)
def test_a_mistake_in_a_step_is_told(step: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Step.model_validate(step)


@given(st.lists(st.integers(1, 3000), max_size=8), st.integers(0, 10_000))
def test_the_steps_of_any_ladder_follow_each_other_each_after_its_own_working_time(
    minutes: list[int], later: int
) -> None:
    steps = [Step.model_validate({"after": f"{one}m", "do": "remind"}) for one in minutes]
    since = FRIDAY_NOON + timedelta(minutes=later)
    dues = climbed(steps, since=since)
    assert [waited(since, due.at, OFFICE) for due in dues] == [timedelta(minutes=one) for one in sorted(set(minutes))]
    assert [due.at for due in dues] == [after(OFFICE, since, one * 60) for one in sorted(set(minutes))]
    assert sorted(step.after for due in dues for step in due.steps) == sorted(step.after for step in steps)
