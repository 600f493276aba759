"""The modal in which a person says how they want to be told of leads."""

from typing import Any

from bot.slack import ids, words
from bot.slack.words import Block
from funnel.preference import Preference

NO_LIMIT = "none"
_WAYS = {"dm": "In a direct message", "mention": "By a mention in the lead's thread"}
_LIMITS = {NO_LIMIT: "As many as there are", "3": "3 an hour", "5": "5 an hour", "10": "10 an hour"}


def settings_view(chosen: Preference) -> Block:
    """What counts now, to be changed. Nobody is told outside their working hours, whatever they choose."""
    digest = words.option("A summary each morning", "digest")
    boxes: dict[str, Any] = {"type": "checkboxes", "action_id": ids.VALUE, "options": [digest]}
    if chosen.digest:
        boxes["initial_options"] = [digest]
    hint = "You are told in your working hours alone; what comes up later waits for them."
    return {
        "type": "modal",
        "callback_id": ids.SETTINGS_MODAL,
        "title": words.plain("Your settings", 24),
        "submit": words.plain("Save", 24),
        "close": words.plain("Cancel", 24),
        "blocks": [
            _choice("alert", "How I tell you that a lead waits", _WAYS, chosen.alert, hint),
            _choice("most_an_hour", "Reminders", _LIMITS, str(chosen.most_an_hour or NO_LIMIT)),
            {
                "type": "input",
                "block_id": "digest",
                "optional": True,
                "label": words.plain("Mornings"),
                "element": boxes,
            },
        ],
    }


def _choice(block_id: str, label: str, offered: dict[str, str], now: str, hint: str = "") -> Block:
    options = [words.option(text, value) for value, text in offered.items()]
    chosen = next((one for one in options if one["value"] == now), options[0])
    element = {"type": "radio_buttons", "action_id": ids.VALUE, "options": options, "initial_option": chosen}
    block: Block = {"type": "input", "block_id": block_id, "label": words.plain(label, 2000), "element": element}
    return block | ({"hint": words.plain(hint, 2000)} if hint else {})
