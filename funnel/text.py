"""Foreign text without what nobody can see: what moves a terminal's cursor, turns a line round, or hides in a name."""

import re
import unicodedata
from typing import Any

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, the cursor
    r"|(?:\x1b[]PX^_]|[\x9d\x90\x98\x9e\x9f]).*?(?:\x07|\x1b\\|\x9c|$)"  # OSC and other strings: titles, links
    r"|\x1b[ -/]*[0-~]",
    re.DOTALL,
)
"""The sequences of ECMA-48 that a terminal obeys."""
_HIDDEN = frozenset(
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0\ufff9\ufffa\ufffb"
)
_DIRECTIONS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x2070))))
_JOINERS = frozenset("\u200c\u200d")
"""They join emoji, and shape the letters of Persian and of Indian scripts: elsewhere they only hide."""
_JOINED = frozenset({"So", "Sk", "Mn", "Mc", "Lo", "Cn"})
_TAGS = range(0xE0000, 0xE0080)
_FLAG = "\U0001f3f4"


def visible(text: str) -> str:
    """A text on as many lines as it has, without control characters, escape sequences and hidden characters."""
    if text.isprintable():
        return text
    plain = _ESCAPES.sub("", text.replace("\r\n", "\n"))
    return "".join(letter for place, letter in enumerate(plain) if _is_seen(plain, place, letter))


def visible_line(text: str) -> str:
    """The same on one line."""
    return text if text.isprintable() else visible(_BREAKS.sub(" ", _ESCAPES.sub("", text))).strip()


_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")


def visible_data(value: Any) -> Any:
    """Plain data with its texts, and the names in it, made visible."""
    if isinstance(value, dict) and _is_plain(value):
        return value
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [visible_data(item) for item in value]
    if isinstance(value, dict):
        return {visible_line(name): visible_data(item) for name, item in value.items()}
    return value


def _is_plain(data: dict[str, Any]) -> bool:
    """Whether nothing is to be done, as with most: names and texts on a line each, and no data within."""
    return "".join(data).isprintable() and all(
        value.isprintable() if type(value) is str else not isinstance(value, dict | list) for value in data.values()
    )


def _is_seen(text: str, place: int, letter: str) -> bool:
    if letter in "\n\t":
        return True
    if letter in _JOINERS:
        return _joins(text[:place].rstrip("\u200c\u200d")[-1:]) and _joins(text[place + 1 : place + 2])
    if ord(letter) in _TAGS:  # the flags of England, Scotland and Wales are spelt with them
        return text[:place].rstrip("".join(map(chr, _TAGS))).endswith(_FLAG)
    return letter not in _HIDDEN and letter not in _DIRECTIONS and unicodedata.category(letter) != "Cc"


def _joins(letter: str) -> bool:
    return bool(letter) and unicodedata.category(letter) in _JOINED
