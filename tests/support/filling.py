"""Filling in modals."""

from typing import Any

BLOCK_ACTIONS = {"outcome": "outcome"}


def values(view: dict[str, Any], **given: str) -> dict[str, Any]:
    """The state of a modal as Slack sends it: what stands in it, changed by `given` (block id -> value).

    A block id's colon is written as two underscores: reason__recycled="No budget".
    """
    wanted = {name.replace("__", ":"): value for name, value in given.items()}
    state: dict[str, Any] = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            state[block["block_id"]] = {element["action_id"]: _state(element, wanted.get(block["block_id"]))}
    unknown = set(wanted) - set(state)
    assert not unknown, f"no such fields: {unknown}; there are {sorted(state)}"
    return state


def _state(element: dict[str, Any], value: str | None) -> dict[str, Any]:
    kind = element["type"]
    if kind in {"static_select", "radio_buttons"}:
        options = {option["value"]: option for option in element["options"]}
        chosen = options[value] if value else element.get("initial_option")
        return {"type": kind, "selected_option": chosen}
    if kind == "users_select":
        return {"type": kind, "selected_user": value or element.get("initial_user")}
    if kind == "datepicker":
        return {"type": kind, "selected_date": value or element.get("initial_date")}
    if kind == "timepicker":
        return {"type": kind, "selected_time": value if value is not None else element.get("initial_time")}
    if kind == "checkboxes":
        chosen = [option for option in element["options"] if option["value"] == value]
        return {"type": kind, "selected_options": chosen}
    return {"type": kind, "value": value if value is not None else element.get("initial_value")}
