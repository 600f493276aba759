"""What Slack refuses inside blocks: texts and interactive elements beyond its limits."""

import re
from collections.abc import Iterator
from typing import Any

Element = dict[str, Any]

_WHERE: dict[str, tuple[set[str], set[str]]] = {
    "button": ({"section", "actions"}, {"text", "value", "url", "style", "confirm", "accessibility_label"}),
    "overflow": ({"section", "actions"}, {"options", "confirm"}),
    "static_select": (
        {"section", "actions", "input"},
        {"options", "initial_option", "placeholder", "confirm"},
    ),
    "users_select": ({"section", "actions", "input"}, {"initial_user", "placeholder", "confirm"}),
    "radio_buttons": ({"section", "actions", "input"}, {"options", "initial_option"}),
    "checkboxes": ({"section", "actions", "input"}, {"options", "initial_options"}),
    "datepicker": ({"section", "actions", "input"}, {"initial_date", "placeholder"}),
    "timepicker": ({"section", "actions", "input"}, {"initial_time", "placeholder"}),
    "plain_text_input": (
        {"input"},
        {"initial_value", "multiline", "min_length", "max_length", "placeholder"},
    ),
    "email_text_input": ({"input"}, {"initial_value", "placeholder"}),
    "number_input": (
        {"input"},
        {"is_decimal_allowed", "initial_value", "min_value", "max_value", "placeholder"},
    ),
}
"""Where an element may stand, and the keys it may have."""

_MODAL_ONLY = {"email_text_input", "number_input"}
_OPTIONS = {"overflow": (1, 5), "static_select": (1, 100), "radio_buttons": (1, 10), "checkboxes": (1, 10)}


def check_text(text: Any, limit: int, *, plain: bool = False) -> Iterator[str]:
    """What is wrong with a text object."""
    if not isinstance(text, dict) or text.get("type") not in {"plain_text", "mrkdwn"}:
        yield "needs a text object"
        return
    if plain and text["type"] != "plain_text":
        yield "must be plain_text"
    length = len(text.get("text", ""))
    if not 1 <= length <= limit:
        yield f"a text has {length} characters, 1 to {limit} are allowed"


def check_element(element: Any, place: str, surface: str) -> Iterator[str]:
    """What is wrong with an interactive element of a block (`place`) on a surface."""
    rule = _WHERE.get(element.get("type", "")) if isinstance(element, dict) else None
    if rule is None:
        yield f"unsupported element: {element}"
        return
    kind, (places, keys) = element["type"], rule
    if place not in places or (kind in _MODAL_ONLY and surface != "modal"):
        yield f"{kind} is not allowed here"
    unknown = set(element) - keys - {"type", "action_id", "focus_on_load"}
    if unknown:
        yield f"{kind}: unknown keys {sorted(unknown)}"
    if len(element.get("action_id", "")) > 255:
        yield "action_id is longer than 255"
    if kind in _OPTIONS:
        yield from _options(element, *_OPTIONS[kind])
    if "placeholder" in element:
        yield from check_text(element["placeholder"], 150, plain=True)
    yield from _CHECKS.get(kind, _nothing)(element)


def _nothing(element: Element) -> Iterator[str]:
    yield from ()


def _button(element: Element) -> Iterator[str]:
    yield from check_text(element.get("text"), 75, plain=True)
    if len(element.get("value", "")) > 2000:
        yield "value is longer than 2000"
    if element.get("style", "primary") not in {"primary", "danger"}:
        yield "unknown style"


def _options(element: Element, least: int, most: int) -> Iterator[str]:
    options = element.get("options", [])
    if not least <= len(options) <= most:
        yield f"{len(options)} options, {least} to {most} are allowed"
    for option in options:
        yield from check_text(option.get("text"), 75)
        if not 1 <= len(option.get("value", "")) <= 150:
            yield "an option's value has 1 to 150 characters"
    if "initial_option" in element and element["initial_option"] not in options:
        yield "initial_option is not one of the options"


def _number(element: Element) -> Iterator[str]:
    if not isinstance(element.get("is_decimal_allowed"), bool):
        yield "is_decimal_allowed is required"
    for key in ("min_value", "max_value", "initial_value"):
        if not isinstance(element.get(key, ""), str):
            yield f"{key} must be a string"


def _text_input(element: Element) -> Iterator[str]:
    if element.get("max_length", 3000) > 3000:
        yield "max_length is above 3000"
    if len(element.get("initial_value", "")) > element.get("max_length", 3000):
        yield "initial_value is longer than max_length"


def _time(element: Element) -> Iterator[str]:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", element.get("initial_time", "00:00")):
        yield "initial_time is no HH:mm"


_CHECKS = {"timepicker": _time, "button": _button, "number_input": _number, "plain_text_input": _text_input}
