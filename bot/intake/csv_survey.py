"""What a whole file shows before any row of it is taken: its sample, its width, and the columns that say nothing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.intake.csv_refusal import Refusal

SAMPLE = 500
MOST_WORDS = 5_000
_MOST_SAMPLED = 4_000_000
"""Characters: cells may be long."""

Row = tuple[int, list[str]] | Refusal


@dataclass
class Survey:
    """What one pass over a file's rows found.

    `lines` is where the last row begins, `width` how many cells most rows have, `sample` the first rows that are wide
    enough, `same` the columns (by place) with the same text in every row, "" where none of them says anything, and
    `starts` the first characters that there are in the columns asked for, as long as they are few.
    """

    lines: int = 1
    rows: int = 0
    width: int = 0
    sample: list[list[str]] = field(default_factory=list)
    same: dict[int, str] = field(default_factory=dict)
    starts: dict[int, set[str]] = field(default_factory=dict)


def take_survey(rows: Iterable[Row], width: int, empties: frozenset[str], starts: dict[int, int]) -> Survey:
    """Look at every row behind a header of `width` columns.

    `starts` says of which columns how many first characters are collected. Rows that are too short tell nothing.
    """
    found = Survey(starts={place: set() for place in starts})
    widths: Counter[int] = Counter()
    same: list[tuple[int, str]] = []
    sampled = 0
    collected = [(found.starts[place], place, length) for place, length in starts.items()]
    for row in rows:
        found.lines = row[0]
        if isinstance(row, Refusal):
            continue
        cells = row[1]
        widths[len(cells)] += 1
        if len(cells) < width:
            continue
        if found.rows == 0:
            same = list(enumerate(cells[:width]))
        found.rows += 1
        if len(found.sample) < SAMPLE and sampled < _MOST_SAMPLED:
            found.sample.append(cells)
            sampled += sum(map(len, cells))
        for place, text in same:
            if cells[place] != text:
                same = _still_same(same, cells, empties)
                break
        for texts, place, length in collected:
            if len(texts) < MOST_WORDS:
                texts.add(cells[place].strip()[:length])
    found.width = widths.most_common(1)[0][0] if widths else width
    found.same = {place: _meaning(text, empties) for place, text in same}
    return found


def _still_same(same: list[tuple[int, str]], cells: list[str], empties: frozenset[str]) -> list[tuple[int, str]]:
    return [(place, text) for place, text in same if _meaning(text, empties) == _meaning(cells[place], empties)]


def _meaning(text: str, empties: frozenset[str]) -> str:
    bare = text.strip()
    return "" if bare.lower() in empties else bare
