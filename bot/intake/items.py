"""The items of a body, in whichever way it is written."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from bot.intake.access import read_json
from bot.intake.multipart import MULTIPART, URLENCODED, read_parts
from bot.intake.problem import Problem

MOST_ITEMS = 1_000

LEADS, ENGAGEMENTS, FORM = "leads", "engagements", "form:"
"""The names of the doors; a form's is followed by its own."""

NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")


def read_items(door: str, media_type: str, text: str) -> tuple[list[Any], bool]:
    """The items of a body, and whether it was a single one; a line of NDJSON that is no JSON is a Problem.

    Raises:
        Problem: it is no JSON at all, or too many items.
    """
    if media_type in NDJSON:
        return _lines(text), False
    if door.startswith(FORM) and media_type == URLENCODED and not _is_object(text):
        return [_answers(parse_qsl(text, keep_blank_values=True))], True
    if door.startswith(FORM) and media_type == MULTIPART:
        return [_answers(read_parts(media_type, text.encode()))], True
    try:
        content = read_json(text)
    except Problem:
        if not _SEVERAL.match(text):
            raise
        return _lines(text), False  # a line each, which its sender did not say
    if not isinstance(content, list):
        return [content], True
    _check_count(len(content))
    return content, False


def _is_object(text: str) -> bool:
    """Whether a text is JSON all the same: curl, and others, call whatever they send a form."""
    return text.lstrip().startswith("{")


_SEVERAL = re.compile(r"\s*\{[^\n]*\}[ \t\r]*\n\s*\{")


def _answers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Answers by label; a label that comes again, as of boxes to tick, has all that was said there."""
    answers: dict[str, list[str]] = defaultdict(list)
    for label, answer in pairs:
        answers[label].append(answer)
    return {label: ", ".join(filter(str.strip, said)) for label, said in answers.items()}


def _lines(content: str) -> list[Any]:
    # Not splitlines(): JSON may hold the other separators that it knows, like U+2028, as they are.
    lines = [(number, line) for number, line in enumerate(content.split("\n"), 1) if line.strip()]
    _check_count(len(lines))
    return [_line(number, line) for number, line in lines]


def _line(number: int, line: str) -> Any:
    try:
        return read_json(line)
    except Problem:
        return Problem(400, f"Line {number} is not JSON.")


def _check_count(items: int) -> None:
    if items > MOST_ITEMS:
        raise Problem(413, f"These are {items:,} items; send at most {MOST_ITEMS:,} at once.")
