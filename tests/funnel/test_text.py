"""Text that people can see."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.text import visible, visible_data, visible_line


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Dana\x1b[31m Fields\x1b[0m", "Dana Fields"),
        ("Dana\x1b]0;owned\x07 Fields", "Dana Fields"),
        ("\x1b]8;;https://evil.example\x1b\\Dana\x1b]8;;\x1b\\", "Dana"),
        ("Da\x9b31mna", "Dana"),
        ("Da\x1bcna", "Dana"),
        ("Dana\x1b", "Dana"),
        ("Dana\x07\x08\x7f\x85\x00", "Dana"),
        ("\u202eanaD\u202c", "anaD"),
        ("\u2066Dana\u2069\u200e\u200f", "Dana"),
        ("D\u200ba\u200dn\u200ca\ufeff", "Dana"),
        ("Müller\u00adSchmidt", "MüllerSchmidt"),
    ],
)
def test_what_cannot_be_seen_is_taken_out(text: str, seen: str) -> None:
    assert visible_line(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        "Zoë 👩‍💻",
        "👨‍👩‍👧‍👦",
        "👩🏽‍⚕️",
        "🏳️‍🌈",
        "❤️‍🔥",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می‌خواهم",
        "क्‍ष",
        "שלום",
        "R&D <sales>",
        "José\u0301",
        "\u00a0".join("ab").replace("\u00a0", " "),
    ],
)
def test_emoji_that_are_joined_and_other_scripts_survive(text: str) -> None:
    assert visible_line(text) == visible(text) == text


def test_notes_keep_their_lines_and_names_have_one() -> None:
    assert visible("one\r\n\ttwo\x1b[2J") == "one\n\ttwo"
    assert visible_line(" Dana\r\nFields\t") == "Dana Fields"


def test_data_is_made_visible_to_the_last_name_in_it() -> None:
    data = {"a\x1b[1m": ["\u202ex", {"b": "c\x07\n"}], "n": 1}
    assert visible_data(data) == {"a": ["x", {"b": "c\n"}], "n": 1}


@given(st.text(alphabet=st.characters() | st.sampled_from("\x1b[]\x9b\x07\u202e\u200d\u200b0;m👩💻"), max_size=40))
def test_nothing_that_a_terminal_obeys_is_left_and_nothing_changes_twice(text: str) -> None:
    seen = visible(text)
    assert not [one for one in seen if unicodedata.category(one) == "Cc" and one not in "\n\t"]
    assert not set(seen) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    assert visible(seen) == seen
