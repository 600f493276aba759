"""The examples of docs/scoring.md are true."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from funnel.durations import parse_duration
from funnel.lead import Engagement, Facts, Subject
from funnel.policy import parse_policy
from funnel.scoring import assess

PAGE = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
POLICY = parse_policy(BLOCKS[0])
EXAMPLES = [tomllib.loads(block) for block in BLOCKS[1:]]
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


def _did(one: dict[str, Any]) -> Engagement:
    properties = {name: value for name, value in one.items() if name not in {"kind", "ago"}}
    ago = parse_duration(one["ago"])
    return Engagement(kind=one["kind"], occurred_at=NOW - ago, properties=properties)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["gives"]))
def test_an_example_gives_what_the_page_says(example: dict[str, Any]) -> None:
    gives = example["gives"]
    found = assess(Subject(Facts(**example["lead"])), [_did(one) for one in example["did"]], POLICY, NOW)
    assert (found.fit, found.earned.value) == (gives["fit"], gives["stage"])
    assert found.behaviour == pytest.approx(gives["behaviour"], abs=1e-9)
    assert sum(reason.points for reason in found.reasons) == pytest.approx(found.score, abs=1e-9)
    assert gives.get("lacks", "") in ["", *found.lacks]
    assert gives.get("because", found.because) == found.because
    assert gives.get("cut", "") in ["", *(reason.rule for reason in found.reasons)]


def test_there_are_as_many_examples_as_headings() -> None:
    assert len(EXAMPLES) >= 9
