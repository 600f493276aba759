"""Until when somebody wants to be left alone, as people write it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.slack.until import NoMoment, read_until

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 16, 7, 30, tzinfo=UTC)  # 08:30 in Berlin


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("30m", "2026-11-16 09:00"),
        ("2h", "2026-11-16 10:30"),
        ("until tomorrow", "2026-11-17 09:00"),
        ("tomorrow 14:00", "2026-11-17 14:00"),
        ("tomorrow at 8pm", "2026-11-17 20:00"),
        ("Monday", "2026-11-23 09:00"),  # it is Monday
        ("Friday 14:00", "2026-11-20 14:00"),
        ("7:00", "2026-11-17 07:00"),
        ("18:00", "2026-11-16 18:00"),
        ("2026-12-24", "2026-12-24 09:00"),
        ("2026-11-17 14:00+09:00", "2026-11-17 06:00"),
    ],
)
def test_a_moment_is_read_as_it_is_said(said: str, meant: str) -> None:
    assert f"{read_until(said, MONDAY, BERLIN).astimezone(BERLIN):%Y-%m-%d %H:%M}" == meant


@pytest.mark.parametrize("said", ["", "doomsday", "99999999999d", "999999d", "0m", "2020-01-01", "2099-01-01", "25:00"])
def test_what_is_no_moment_is_told(said: str) -> None:
    with pytest.raises(NoMoment) as refusal:
        read_until(said, MONDAY, BERLIN)
    assert refusal.value.sentence.startswith("I cannot read until when")
