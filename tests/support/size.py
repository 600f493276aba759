"""How large the tests play: `make test` plays what is large small, `make test-all` plays it whole."""

from typing import TypeVar

T = TypeVar("T")

_whole = False


def play_whole() -> None:
    """Play everything at its full size, from now on; before any test is collected."""
    global _whole
    _whole = True


def is_whole() -> bool:
    return _whole


def sized(small: T, whole: T) -> T:
    """The size of something for this run."""
    return whole if _whole else small
