"""Conditions are safe to hold against whatever anybody sends."""

import pytest
from pydantic import ValidationError

from funnel.conditions import Condition


@pytest.mark.parametrize("pattern", ["^(a+)+$", r"^(/\w+)+$", "(a|aa)+b"])
def test_no_pattern_takes_forever_over_a_text_that_anybody_may_send(pattern: str) -> None:
    hostile = "/" + "a" * 5_000 + "!"
    assert not Condition(field="attributes.path", matches=pattern).holds(lambda _: hostile)


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(?=x)", "look-around"),
        (r"(a)\1", "backreferences"),
        ("(", "unclosed"),
        ("\bvp\b", "write patterns in single quotes"),
    ],
)
def test_what_cannot_be_matched_in_linear_time_is_a_mistake(pattern: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Condition(field="title", matches=pattern)
