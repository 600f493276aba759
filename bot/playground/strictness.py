"""What Slack refuses: blocks and views beyond its limits, as of November 2026."""

from collections.abc import Callable, Iterator
from typing import Any

from bot.playground.elements import check_element, check_text

Block = dict[str, Any]

MESSAGE, MODAL, HOME = "message", "modal", "home"


class Refused(Exception):
    """An error code, with what is wrong."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


def check_blocks(blocks: Any, surface: str) -> None:
    """Let blocks pass that Slack would show.

    Raises:
        Refused: invalid_blocks, with the place and the reason.
    """
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    most = 50 if surface == MESSAGE else 100
    problems = [f"{len(blocks)} blocks, at most {most}"] if len(blocks) > most else []
    seen: set[str] = set()
    for place, block in enumerate(blocks):
        problems += [f"{problem} [json-pointer:/blocks/{place}]" for problem in _problems(block, surface)]
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if block_id and block_id in seen:
            problems.append(f"block_id {block_id} is used twice [json-pointer:/blocks/{place}]")
        seen.add(block_id or "")
    for kind, limit in (("data_visualization", 2), ("table", 1)):
        if sum(block.get("type") == kind for block in blocks if isinstance(block, dict)) > limit:
            problems.append(f"more than {limit} {kind}")
    if problems:
        raise Refused("invalid_blocks", "; ".join(problems))


def _problems(block: Any, surface: str) -> Iterator[str]:
    if not isinstance(block, dict):
        yield "is not an object"
        return
    rule = _RULES.get(block.get("type", ""))
    if rule is None:
        yield f"unsupported type: {block.get('type')}"
        return
    surfaces, keys, check = rule
    if surface not in surfaces:
        yield f"{block['type']} is not allowed in a {surface}"
    unknown = set(block) - keys - {"type", "block_id"}
    if unknown:
        yield f"unknown keys {sorted(unknown)}"
    if len(block.get("block_id", "")) > 255:
        yield "block_id is longer than 255"
    yield from check(block, surface)


def _section(block: Block, surface: str) -> Iterator[str]:
    if "text" not in block and not block.get("fields"):
        yield "needs text or fields"
    if "text" in block:
        yield from check_text(block["text"], 3000)
    fields = block.get("fields", [])
    if len(fields) > 10:
        yield "more than 10 fields"
    for field in fields:
        yield from check_text(field, 2000)
    if "accessory" in block:
        yield from check_element(block["accessory"], "section", surface)


def _header(block: Block, surface: str) -> Iterator[str]:
    yield from check_text(block.get("text"), 150, plain=True)


def _context(block: Block, surface: str) -> Iterator[str]:
    elements = block.get("elements", [])
    if not 1 <= len(elements) <= 10:
        yield f"{len(elements)} elements, 1 to 10 are allowed"
    for element in elements:
        yield from check_text(element, 3000)


def _actions(block: Block, surface: str) -> Iterator[str]:
    elements = block.get("elements", [])
    if not 1 <= len(elements) <= 25:
        yield f"{len(elements)} elements, 1 to 25 are allowed"
    for element in elements:
        yield from check_element(element, "actions", surface)
    names = [element.get("action_id") for element in elements]
    if len(names) != len(set(names)):
        yield "an action_id is used twice"


def _input(block: Block, surface: str) -> Iterator[str]:
    yield from check_text(block.get("label"), 2000, plain=True)
    if "hint" in block:
        yield from check_text(block["hint"], 2000, plain=True)
    yield from check_element(block.get("element"), "input", surface)


def _nothing(block: Block, surface: str) -> Iterator[str]:
    yield from ()


def _alert(block: Block, surface: str) -> Iterator[str]:
    yield from check_text(block.get("text"), 200)
    if block.get("level", "default") not in {"default", "info", "warning", "error", "success"}:
        yield "unknown level"


def _table(block: Block, surface: str) -> Iterator[str]:
    rows = block.get("rows", [])
    if not 1 <= len(rows) <= 100 or any(not 1 <= len(row) <= 20 for row in rows):
        yield "1 to 100 rows of 1 to 20 cells are allowed"
    cells = [cell for row in rows for cell in row]
    if any(not cell.get("text") for cell in cells if cell.get("type") in {"raw_text", "raw_number"}):
        yield "a cell is empty"
    if sum(len(cell.get("text", "")) for cell in cells) > 10_000:
        yield "more than 10,000 characters"


def _chart(block: Block, surface: str) -> Iterator[str]:
    if not 1 <= len(block.get("title", "")) <= 50:
        yield "the title has 1 to 50 characters"
    chart = block.get("chart", {})
    categories = chart.get("axis_config", {}).get("categories", [])
    series = chart.get("series", [])
    if chart.get("type") not in {"bar", "line", "area"}:
        yield "unknown chart"
    if not 1 <= len(series) <= 6 or not 1 <= len(categories) <= 20:
        yield "1 to 6 series and 1 to 20 categories are allowed"
    if any(len(name) > 20 for name in [*categories, *(one.get("name", "") for one in series)]):
        yield "a name is longer than 20"
    if any([point["label"] for point in one["data"]] != categories for one in series):
        yield "every series needs one point for each category"


_Rule = tuple[set[str], set[str], Callable[[Block, str], Iterator[str]]]
_EVERYWHERE = {MESSAGE, MODAL, HOME}
_RULES: dict[str, _Rule] = {
    "section": (_EVERYWHERE, {"text", "fields", "accessory", "expand"}, _section),
    "header": (_EVERYWHERE, {"text", "level"}, _header),
    "context": (_EVERYWHERE, {"elements"}, _context),
    "actions": (_EVERYWHERE, {"elements"}, _actions),
    "input": ({MODAL, HOME, MESSAGE}, {"label", "element", "hint", "optional", "dispatch_action"}, _input),
    "divider": (_EVERYWHERE, set(), _nothing),
    "alert": ({MODAL}, {"text", "level"}, _alert),
    "table": ({MESSAGE, HOME}, {"rows", "column_settings"}, _table),
    "data_visualization": ({MESSAGE}, {"title", "chart"}, _chart),
}


def check_message(text: Any, blocks: Any) -> None:
    """Let a message pass that Slack would post.

    Raises:
        Refused: no_text, msg_too_long, invalid_blocks.
    """
    if not text:
        raise Refused("no_text", "top-level text is what notifications and screen readers show")
    if len(text) > 40_000:
        raise Refused("msg_too_long")
    if blocks is not None:
        check_blocks(blocks, MESSAGE)


def check_view(view: Any) -> None:
    """Let a modal or a home pass that Slack would show.

    Raises:
        Refused: invalid_arguments or invalid_blocks, with the reason.
    """
    if not isinstance(view, dict) or view.get("type") not in {MODAL, HOME}:
        raise Refused("invalid_arguments", "view.type must be modal or home")
    check_blocks(view.get("blocks"), view["type"])
    if len(view.get("private_metadata", "")) > 3000 or len(view.get("callback_id", "")) > 255:
        raise Refused("invalid_arguments", "private_metadata or callback_id is too long")
    if view["type"] == HOME:
        return
    for name in ("title", "submit", "close"):
        problems = list(check_text(view[name], 24, plain=True)) if name in view else []
        if problems or (name == "title" and name not in view):
            raise Refused("invalid_arguments", f"view.{name}: {'; '.join(problems) or 'is missing'}")
    if "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
        raise Refused("invalid_arguments", "view.submit is needed where there are inputs")
