"""The stages and the moves between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.errors import IllegalMove
from funnel.lifecycle import MOVES, OUTCOMES, WAY, Stage, check_move, check_report, rank

stages = st.sampled_from(Stage)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Stage.RAW, Stage.PROSPECT),
        (Stage.PROSPECT, Stage.MQL),
        (Stage.MQL, Stage.ACCEPTED),
        (Stage.MQL, Stage.REJECTED),
        (Stage.ACCEPTED, Stage.SQL),
        (Stage.ACCEPTED, Stage.MQL),
        (Stage.SQL, Stage.ACCEPTED),
        (Stage.OPPORTUNITY, Stage.DISQUALIFIED),
        (Stage.RECYCLED, Stage.MQL),
        (Stage.CUSTOMER, Stage.EVANGELIST),
    ],
)
def test_a_lead_goes_its_way(old: Stage, new: Stage) -> None:
    check_move(old, new)


def test_a_refusal_names_the_legal_moves() -> None:
    with pytest.raises(IllegalMove, match="A lead that is MQL cannot become SQL; it can become accepted or rejected."):
        check_move(Stage.MQL, Stage.SQL)
    with pytest.raises(IllegalMove, match="it has no move left"):
        check_move(Stage.REJECTED, Stage.MQL)


def test_rejected_is_before_contact_and_disqualified_after() -> None:
    assert Stage.DISQUALIFIED not in MOVES[Stage.MQL]
    assert Stage.REJECTED not in MOVES[Stage.ACCEPTED]


@given(stages, stages)
def test_what_is_not_in_the_table_is_refused(old: Stage, new: Stage) -> None:
    if new in MOVES[old]:
        check_move(old, new)
    else:
        with pytest.raises(IllegalMove):
            check_move(old, new)


@given(stages, stages)
def test_a_crm_may_jump_forward_and_never_back(old: Stage, new: Stage) -> None:
    try:
        check_report(old, new)
    except IllegalMove:
        return
    assert new in MOVES[old] or rank(new) > rank(old)


def test_every_stage_can_be_reached_and_is_ranked_once() -> None:
    reached = {Stage.RAW} | {new for moves in MOVES.values() for new in moves}
    assert reached == set(Stage)
    assert [rank(stage) for stage in WAY] == list(range(len(WAY)))
    assert {rank(stage) for stage in OUTCOMES} == {-1}
