"""What an SQL needs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.bant import Answer, Criterion, SqlGate, Status, latest, missing_for_sql

GATE = SqlGate()
statuses = st.sampled_from(Status)


def answers(budget: str, authority: str, need: str, timeline: str) -> dict[Criterion, Answer]:
    given_ = zip(Criterion, (budget, authority, need, timeline), strict=True)
    return {criterion: Answer(criterion=criterion, status=Status(status)) for criterion, status in given_}


@pytest.mark.parametrize(
    ("told", "ready"),
    [
        (("confirmed", "confirmed", "confirmed", "confirmed"), True),
        (("partial", "partial", "confirmed", "unknown"), True),
        (("no", "partial", "confirmed", "partial"), True),
        (("confirmed", "confirmed", "partial", "confirmed"), False),
        (("unknown", "partial", "confirmed", "unknown"), False),
        (("unknown", "unknown", "unknown", "unknown"), False),
    ],
)
def test_need_confirmed_and_three_of_four_make_an_sql(told: tuple[str, str, str, str], ready: bool) -> None:
    assert (missing_for_sql(answers(*told), GATE) == {}) is ready


def test_what_is_missing_is_said_at_the_criterion() -> None:
    missing = missing_for_sql(answers("no", "partial", "partial", "unknown"), GATE)
    assert missing[Criterion.NEED] == "Need must be confirmed before this is an SQL."
    assert missing[Criterion.BUDGET] == "An SQL needs 3 of 4 confirmed or partial; there are 2."
    assert Criterion.AUTHORITY not in missing


def test_the_latest_answer_of_a_criterion_counts_and_silence_is_unknown() -> None:
    told = [
        Answer(criterion=Criterion.NEED, status=Status.PARTIAL),
        Answer(criterion=Criterion.NEED, status=Status.CONFIRMED, detail="Loses leads"),
    ]
    known = latest(told)
    assert (known[Criterion.NEED].detail, known[Criterion.BUDGET].status) == ("Loses leads", Status.UNKNOWN)


@given(statuses, statuses, statuses, statuses)
def test_confirming_one_more_never_takes_a_promotion_away(a: Status, b: Status, c: Status, d: Status) -> None:
    told = answers(a, b, c, d)
    if missing_for_sql(told, GATE) == {}:
        for criterion in Criterion:
            better = told | {criterion: Answer(criterion=criterion, status=Status.CONFIRMED)}
            assert missing_for_sql(better, GATE) == {}
