"""The modal in which somebody says who is away, and from when to when."""

from bot.slack import ids, words
from bot.slack.words import Block

PAUSED, AWAY, BACK = "paused", "away", "back"

_WAYS = {
    PAUSED: "Give them nothing until tomorrow morning",
    AWAY: "They are away on the days below",
    BACK: "They are back: give them leads again",
}


def away_view(user: str) -> Block:
    """Who, what, and the days; the days count for an absence alone."""
    options = [words.option(text, value) for value, text in _WAYS.items()]
    ways = {"type": "radio_buttons", "action_id": ids.VALUE, "options": options, "initial_option": options[0]}
    return {
        "type": "modal",
        "callback_id": ids.AWAY_MODAL,
        "title": words.plain("Who is away", 24),
        "submit": words.plain("Save", 24),
        "close": words.plain("Cancel", 24),
        "blocks": [
            _field(ids.WHO, "Who", {"type": "users_select", "action_id": ids.VALUE, "initial_user": user}),
            _field(ids.WAY, "What", ways),
            _day(ids.FIRST_DAY, "First day away"),
            _day(ids.RETURN_DAY, "Day of return"),
        ],
    }


def _day(block_id: str, label: str) -> Block:
    return _field(block_id, label, {"type": "datepicker", "action_id": ids.VALUE}) | {"optional": True}


def _field(block_id: str, label: str, element: Block) -> Block:
    return {"type": "input", "block_id": block_id, "label": words.plain(label, 2000), "element": element}
