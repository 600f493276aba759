"""Scenes and blocks as HTML, through templates that escape whatever is not HTML already."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from bot.playground import chart
from bot.playground.files import LARGEST_FILE
from bot.playground.mrkdwn import Reader, to_html
from bot.playground.scene import Scene

PARTS = ("sidebar", "messages", "thread", "home", "modal")
"""What the script can fetch again on its own."""

_TEMPLATES = Path(__file__).parent / "templates"
_DEFAULT_TEXT = 3000


def page_html(scene: Scene) -> str:
    """A whole page."""
    return _environment().get_template("page.html").render(scene=scene, reader=scene.reader)


def part_html(scene: Scene, part: str) -> str:
    """One of the PARTS, as it stands inside its container."""
    return _environment().get_template(f"{part}.html").render(scene=scene, reader=scene.reader)


def blocks_html(blocks: list[dict[str, Any]], reader: Reader) -> Markup:
    """Blocks alone."""
    module = _environment().get_template("blocks.html").make_module({"reader": reader})
    return Markup(module.blocks(blocks))  # type: ignore[attr-defined]  # noqa: S704  a macro's answer is escaped


@pass_context
def _mrkdwn(context: Context, text: str) -> Markup:
    return to_html(text, context["reader"])


@pass_context
def _shown(context: Context, text: dict[str, Any]) -> Markup:
    """A text object: mrkdwn or plain."""
    if text["type"] == "mrkdwn":
        return to_html(text["text"], context["reader"])
    return Markup("<br>").join(escape(line) for line in text["text"].split("\n"))


def _initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()


@cache
def _environment() -> Environment:
    """The templates, read once."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"mrkdwn": _mrkdwn, "shown": _shown, "initials": _initials}
    environment.globals |= {"draw": chart.draw, "chart": chart, "longest": _DEFAULT_TEXT, "largest_file": LARGEST_FILE}
    return environment
