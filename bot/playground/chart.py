"""The geometry of a chart, to be drawn as SVG. Lengths are in pixels, y grows downwards."""

from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 480, 196
_LEFT, _TOP, _BOTTOM = 4, 26, 30
_GAP = 0.34
"""The share of a category's width that stays empty."""

COLORS = ("#0f7b6c", "#e8a33d", "#3f6fb5", "#b4558d", "#7a8b3c", "#6b5fb0")


@dataclass(frozen=True)
class Bar:
    """One value: a bar, and the label that stands over its middle."""

    x: float
    y: float
    width: float
    height: float
    label: str
    title: str


@dataclass(frozen=True)
class Series:
    """One colour of a chart; `points` is the line through the tops, for charts that are no bar charts."""

    name: str
    color: str
    bars: list[Bar]
    points: str


@dataclass(frozen=True)
class Drawing:
    """A chart ready to be drawn; `ticks` are the category names with their x, `told` is all of it in words."""

    title: str
    kind: str
    series: list[Series]
    ticks: list[tuple[float, str]]
    base: float
    told: str


def draw(block: dict[str, Any]) -> Drawing:
    """A data_visualization block as a drawing."""
    chart = block["chart"]
    names = chart["axis_config"]["categories"]
    slot = (WIDTH - 2 * _LEFT) / len(names)
    base = HEIGHT - _BOTTOM
    most = max((point["value"] for one in chart["series"] for point in one["data"]), default=0) or 1
    series = [
        _series(one, place, len(chart["series"]), slot, (base - _TOP) / most)
        for place, one in enumerate(chart["series"])
    ]
    ticks = [(_LEFT + slot * (place + 0.5), name) for place, name in enumerate(names)]
    return Drawing(block["title"], chart["type"], series, ticks, base, _told(block["title"], chart["series"]))


def _series(given: dict[str, Any], place: int, count: int, slot: float, scale: float) -> Series:
    width = min(slot * (1 - _GAP) / count, 68)
    start = _LEFT + (slot - width * count) / 2 + width * place
    bars = []
    for index, point in enumerate(given["data"]):
        height = max(point["value"] * scale, 1.5)
        top = HEIGHT - _BOTTOM - height
        told = f"{point['label']}: {point['value']:,}"
        bars.append(Bar(start + slot * index, top, width, height, f"{point['value']:,}", told))
    points = " ".join(f"{bar.x + bar.width / 2:.1f},{bar.y:.1f}" for bar in bars)
    return Series(given["name"], COLORS[place % len(COLORS)], bars, points)


def _told(title: str, series: list[dict[str, Any]]) -> str:
    told = [
        f"{one['name']}: " + ", ".join(f"{point['label']} {point['value']:,}" for point in one["data"])
        for one in series
    ]
    return f"{title}. " + ". ".join(told)
