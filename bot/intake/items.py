"""The items of a body, in whichever way it is written."""

import re
from email import message_from_string
from typing import Any
from urllib.parse import parse_qsl

from bot.intake.access import read_json
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
    if door.startswith(FORM) and media_type == "application/x-www-form-urlencoded" and not _is_object(text):
        return [dict(parse_qsl(text, keep_blank_values=True))], True
    if door.startswith(FORM) and media_type == "multipart/form-data":
        return [_parts(text)], True
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


def _parts(content: str) -> dict[str, str]:
    """The answers of a form as a page with files in it posts them; the files themselves are left out."""
    boundary = content.lstrip().partition("\n")[0].strip().removeprefix("--")
    head = f'Content-Type: multipart/form-data; boundary="{boundary}"\r\n\r\n'
    parts = message_from_string(head + content).walk()
    answers = {
        str(part.get_param("name", header="content-disposition")): str(part.get_payload())
        for part in parts
        if not part.is_multipart() and part.get_filename() is None and part.get_content_disposition() == "form-data"
    }
    if not answers:
        raise Problem(400, "The body is no multipart form: it has no parts with a name.")
    return answers


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
