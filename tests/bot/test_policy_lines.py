"""Where in a TOML text something stands."""

import json
import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy_lines import line_of

ROOT = Path(__file__).parent.parent.parent

TEXT = """\
version = "2026-11"
limits.daily = 3
limits."per week" = 9

[[fit]]
name = "Senior title"
when = [{ field = "title", present = true }]

[[fit]]
name = "Core market"
when = [
    # the country first
    { field = "country", one_of = [
        "Germany",
        "Austria",
    ] },
    { field = "employees", feild = 1 },
]

[fit.note]
text = \"\"\"
[mql]
name = 1
\"\"\"

[mql]
threshold = 60

[[mql.hand_raise]]
kind = "demo"

[[mql.hand_raise]]
"kind" = "call"
[mql.hand_raise.extra.deep]
on = 2026-11-01

['odd "one"'.x]
1 = { a.b = 1, "\\u00e9" = { c = [[1], [2]] } }

[mql.late.table]
[mql.late]
"""


@pytest.mark.parametrize(
    ("location", "written"),
    [
        (("version",), 'version = "2026-11"'),
        (("limits", "daily"), "limits.daily = 3"),
        (("limits",), "limits.daily = 3"),
        (("limits", "per week"), 'limits."per week" = 9'),
        (("fit",), "[[fit]]"),
        (("fit", 0, "name"), 'name = "Senior title"'),
        (("fit", 0, "when", 0, "present"), 'when = [{ field = "title", present = true }]'),
        (("fit", 1, "name"), 'name = "Core market"'),
        (("fit", 1, "when", 0), '    { field = "country", one_of = ['),
        (("fit", 1, "when", 0, "one_of", 1), '        "Austria",'),
        (("fit", 1, "when", 1, "feild"), '    { field = "employees", feild = 1 },'),
        (("fit", 1, "note", "text"), 'text = """'),
        (("mql",), "[mql]"),
        (("mql", "hand_raise", 0, "kind"), 'kind = "demo"'),
        (("mql", "hand_raise", 1, "kind"), '"kind" = "call"'),
        (("mql", "hand_raise", 1, "extra"), "[mql.hand_raise.extra.deep]"),
        (("mql", "hand_raise", 1, "extra", "deep", "on"), "on = 2026-11-01"),
        (('odd "one"', "x", "1", "a", "b"), '1 = { a.b = 1, "\\u00e9" = { c = [[1], [2]] } }'),
        (('odd "one"', "x", "1", "é", "c", 1, 0), '1 = { a.b = 1, "\\u00e9" = { c = [[1], [2]] } }'),
        (("mql", "late"), "[mql.late]"),
    ],
)
def test_a_key_is_found_where_it_is_written(location: tuple[str | int, ...], written: str) -> None:
    line = line_of(TEXT, location)
    assert line is not None
    assert TEXT.split("\n")[line - 1] == written


@pytest.mark.parametrize(
    ("location", "around"),
    [
        (("mql", "fit_minimum"), ("mql",)),
        (("fit", 1, "points"), ("fit", 1)),
        (("fit", 1, "when", 1, "field", "matches"), ("fit", 1, "when", 1, "field")),
        (("fit", 7, "points"), ("fit",)),
        (("fit", "name"), ("fit",)),
    ],
)
def test_what_is_missing_is_looked_for_where_it_should_be(
    location: tuple[str | int, ...], around: tuple[str | int, ...]
) -> None:
    assert line_of(TEXT, location) == line_of(TEXT, around) != 1


def test_what_belongs_to_no_table_belongs_to_the_text_and_an_empty_text_has_no_line() -> None:
    assert line_of(TEXT, ("route",)) == line_of(TEXT, ()) == 1
    assert line_of("", ("route",)) is None


def test_the_example_policy_is_found_through() -> None:
    text = (ROOT / "policy.example.toml").read_text(encoding="utf-8")
    lines = text.split("\n")
    for location in _paths(tomllib.loads(text), ()):
        line = line_of(text, location)
        assert line is not None
        named = next(part for part in reversed(location) if isinstance(part, str))
        assert re.search(rf"\b{named}\b", lines[line - 1]), location


def _paths(value: Any, path: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [found for key, item in inner for found in [(*path, key), *_paths(item, (*path, key))]]


def test_windows_lines_count_as_lines() -> None:
    assert line_of(TEXT.replace("\n", "\r\n"), ("mql",)) == line_of(TEXT, ("mql",))


def test_a_text_may_nest_deeper_than_python_calls() -> None:
    assert line_of("a = " + "[" * 5_000 + "]" * 5_000, ("a", *[0] * 4_999)) == 1
    assert line_of(".".join("a" * 500) + " = 1", ["a"] * 500) == 1


class Writer:
    """Writes a document in one of the many ways TOML allows, and notes where it wrote what."""

    def __init__(self, chance: st.DataObject) -> None:
        self.chance = chance
        self.text = ""
        self.lines: dict[tuple[str | int, ...], int] = {}

    def chosen(self) -> bool:
        return self.chance.draw(st.booleans())

    def note(self, path: tuple[str | int, ...]) -> None:
        self.lines.setdefault(path, self.text.count("\n") + 1)

    def key(self, key: str) -> str:
        return (
            key
            if re.fullmatch(r"[A-Za-z0-9_-]+", key) and self.chosen()
            else json.dumps(key).replace("\x7f", "\\u007f")
        )

    def table(self, table: dict[str, Any], header: list[str], path: tuple[str | int, ...]) -> None:
        later = {key for key, value in table.items() if self.is_own_table(value) and self.chosen()}
        for key, value in table.items():
            if key not in later:
                self.pair(key, value, path)
                self.text += "\n"
        for key in (key for key in table if key in later):
            self.tables(table[key], [*header, self.key(key)], (*path, key))

    def is_own_table(self, value: Any) -> bool:
        return isinstance(value, dict) or (
            isinstance(value, list) and value != [] and all(isinstance(v, dict) for v in value)
        )

    def tables(self, value: Any, header: list[str], path: tuple[str | int, ...]) -> None:
        several = list(enumerate(value)) if isinstance(value, list) else []
        for index, item in several:
            self.header("[[", header, "]]", path, (*path, index))
            self.table(item, header, (*path, index))
        if not several:
            self.header("[", header, "]", path)
            self.table(value, header, path)

    def header(self, opening: str, header: list[str], closing: str, *paths: tuple[str | int, ...]) -> None:
        self.text += "# another\n\n" if self.chosen() else ""
        for path in paths:
            self.note(path)
        self.text += opening + " . ".join(header) + closing + "\n"

    def pair(self, key: str, value: Any, path: tuple[str | int, ...]) -> None:
        self.note((*path, key))
        self.text += self.key(key)
        if isinstance(value, dict) and len(value) == 1 and self.chosen():
            self.text += "."
            [(inner, value)] = value.items()
            self.pair(inner, value, (*path, key))
        else:
            self.text += " = "
            self.value(value, (*path, key))

    def value(self, value: Any, path: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            self.text += "{"
            for number, (key, item) in enumerate(value.items()):
                self.text += ", " if number else " "
                self.pair(key, item, path)
            self.text += " }"
        elif isinstance(value, list):
            self.array(value, path)
        elif isinstance(value, date):
            self.text += value.isoformat()
        elif isinstance(value, str) and "\n" in value and "'" not in value:
            self.text += f"'''\n{value}'''"
        else:
            self.text += json.dumps(value).replace("\x7f", "\\u007f")

    def array(self, value: list[Any], path: tuple[str | int, ...]) -> None:
        self.text += "["
        for index, item in enumerate(value):
            self.text += "  # a ] here\n  " if self.chosen() else ""
            self.note((*path, index))
            self.value(item, (*path, index))
            self.text += ","
        self.text += "]"


KEYS = st.one_of(
    st.sampled_from(["a", "b", "when", "1", "true", "-", "é", 'q"x', "a.b", "", "\t"]),
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=3),
)
PLAIN = st.one_of(
    st.integers(-9, 9),
    st.booleans(),
    st.dates(),
    st.sampled_from(["", "x", "[a]\nb = 1\n", "# no", "'", '"']),
)
TABLES = st.recursive(
    st.dictionaries(KEYS, PLAIN, max_size=2),
    lambda table: st.dictionaries(
        KEYS, st.one_of(PLAIN, table, st.lists(table, max_size=3), st.lists(st.lists(PLAIN))), max_size=3
    ),
    max_leaves=12,
)


@given(TABLES, st.data())
def test_every_key_of_any_document_is_found(document: dict[str, Any], chance: st.DataObject) -> None:
    writer = Writer(chance)
    writer.table(document, [], ())
    assert tomllib.loads(writer.text) == document, writer.text
    found = {path: line_of(writer.text, path) for path in _paths(document, ())}
    assert found == {path: writer.lines[path] for path in found}, writer.text


@given(
    st.text(alphabet=st.sampled_from("ab.=[]{},\"'\\#\n\r\t 1é\x00\ud800")), st.lists(st.sampled_from(["a", "b", 0, 1]))
)
def test_what_is_no_toml_does_not_break_it(text: str, location: list[str | int]) -> None:
    line = line_of(text, location)
    assert (line is None) == (text == "")
    assert line is None or 1 <= line <= text.count("\n") + 1


def test_the_library_waits_until_there_is_a_mistake() -> None:
    program = "import sys, bot.policy_lines; print('tree_sitter' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
