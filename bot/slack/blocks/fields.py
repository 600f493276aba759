"""Forms: a modal that is submitted, and its fields."""

from typing import Any

from bot.slack import ids, words
from bot.slack.words import Block


def form(
    callback_id: str, title: str, submit: str, fields: list[Block], metadata: str = "", *, close: str = "Cancel"
) -> Block:
    """A modal with these fields."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": metadata,
        "title": words.plain(title, 24),
        "submit": words.plain(submit, 24),
        "close": words.plain(close, 24),
        "blocks": fields,
    }


def field(block_id: str, label: str, kind: str, hint: str = "", *, optional: bool = False, **more: Any) -> Block:
    """A field with one element of a kind; what else the element needs is in `more`."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "optional": optional,
        "label": words.plain(label, 2000),
        "element": {"type": kind, "action_id": ids.VALUE, **more},
    }
    return block | ({"hint": words.plain(hint, 2000)} if hint else {})


def choice(block_id: str, label: str, offered: dict[str, str], now: str = "", hint: str = "") -> Block:
    """One of a few: texts by value. The one that counts `now` is chosen, or the first."""
    options = [words.option(text, value) for value, text in offered.items()]
    chosen = next((one for one in options if one["value"] == now), options[0])
    return field(block_id, label, "radio_buttons", hint, options=options, initial_option=chosen)
