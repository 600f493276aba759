"""What is kept of texts is bounded by their length as well as by their number."""

import importlib
import pkgutil
from functools import _lru_cache_wrapper
from inspect import signature
from typing import get_type_hints

import pytest

import bot
import funnel
import storage
from funnel.caches import LONGEST, cached_if_short


def test_a_short_text_is_read_once_and_a_long_one_each_time() -> None:
    read: list[str] = []

    @cached_if_short(2)
    def length(text: str, more: int = 0) -> int:
        read.append(text)
        return len(text) + more

    long = "x" * (LONGEST + 1)
    assert [length("ab"), length("ab"), length("ab", 1), length(long), length(long)] == [
        2,
        2,
        3,
        LONGEST + 1,
        LONGEST + 1,
    ]
    assert read == ["ab", "ab", long, long]


def test_what_a_text_raises_is_raised_each_time() -> None:
    @cached_if_short(2)
    def number(text: str) -> int:
        return int(text)

    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            number("x")


def test_no_other_cache_takes_texts() -> None:
    """A cache of the standard library keeps a text of any length."""
    for package in (bot, funnel, storage):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" in module.name or module.name.endswith("__main__"):
                continue
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, _lru_cache_wrapper) and signature(value).parameters:
                    hints = get_type_hints(value.__wrapped__)
                    hints.pop("return", None)
                    assert not any("str" in str(hint) for hint in hints.values()), f"{module.name}.{name}"
