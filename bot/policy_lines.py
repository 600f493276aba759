"""On which line of a TOML text something stands, so that a mistake in it can be pointed at."""

import tomllib
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

Location = tuple[str | int, ...]


def line_of(text: str, location: Sequence[str | int]) -> int | None:
    """The line, counted from 1, on which the key or the array element at `location` is written.

    Of what is not there, the line of the nearest table, key or array element around it that is; the text as a whole
    begins on line 1. None only if the text is empty. A text that is no TOML is read as far as it can be.
    """
    if not text:
        return None
    places = _places(text)
    around = (tuple(location[:length]) for length in range(len(location), 0, -1))
    return next((places[path] for path in around if path in places), 1)


def _places(text: str) -> dict[Location, int]:
    """The line of every key, table and array element."""
    # Imported here because nothing but a mistake asks where something stands.
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    tree = Parser(Language(tree_sitter_toml.language())).parse(text.encode(errors="replace"))
    places: dict[Location, int] = {}
    lengths: dict[Location, int] = {}
    for node in tree.root_node.named_children:
        if node.type == "pair":
            _note_pair(node, (), places)
        elif node.type in {"table", "table_array_element"}:
            table = _note_header(node, places, lengths)
            for pair in _pairs(node):
                _note_pair(pair, table, places)
    return places


def _note_header(node: "Node", places: dict[Location, int], lengths: dict[Location, int]) -> Location:
    """Note a [table] or one of [[several]], and the tables that its name implies.

    `lengths` counts the several so far: a name in a header means the last of them.
    """
    keys = _keys(node.named_children[0]) if node.named_children else []
    if not keys:
        return ()
    path: Location = ()
    for key in keys[:-1]:
        path = (*path, key)
        places.setdefault(path, _line(node))
        if path in lengths:
            path = (*path, lengths[path] - 1)
    path = (*path, keys[-1])
    if node.type == "table_array_element":
        places.setdefault(path, _line(node))
        lengths[path] = lengths.get(path, 0) + 1
        path = (*path, lengths[path] - 1)
    places[path] = _line(node)
    return path


def _note_pair(pair: "Node", table: Location, places: dict[Location, int]) -> None:
    """Note a key = value, and what the value holds. Not by recursion: a text may nest deeper than Python calls."""
    waiting = deque([(pair, table)])
    while waiting:
        node, path = waiting.popleft()
        if node.type == "pair":
            waiting += _note_key(node, path, places)
        elif node.type == "inline_table":
            waiting += [(inner, path) for inner in _pairs(node)]
        elif node.type == "array":
            elements = [child for child in node.named_children if child.type != "comment"]
            for index, element in enumerate(elements):
                places.setdefault((*path, index), _line(element))
                waiting.append((element, (*path, index)))


def _note_key(pair: "Node", table: Location, places: dict[Location, int]) -> list[tuple["Node", Location]]:
    """Note a key, and each part of a dotted one; what comes back is its value, which is still to be looked into."""
    path = table
    for part in _keys(pair.named_children[0]):
        path = (*path, part)
        places.setdefault(path, _line(pair))
    return [(value, path) for value in pair.named_children[1:]]


def _keys(node: "Node") -> list[str]:
    """The parts of a key as TOML reads them, without quotes and escapes; none if it is no key."""
    if node.type not in {"bare_key", "quoted_key", "dotted_key"}:
        return []
    try:
        inner = tomllib.loads(f"{(node.text or b'').decode()} = 0")
    except tomllib.TOMLDecodeError:
        return []
    keys: list[str] = []
    while isinstance(inner, dict):
        key, inner = inner.popitem()
        keys.append(key)
    return keys


def _pairs(node: "Node") -> list["Node"]:
    return [child for child in node.named_children if child.type == "pair"]


def _line(node: "Node") -> int:
    return node.start_point.row + 1
