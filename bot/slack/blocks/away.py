"""The modal in which somebody says who is away, and from when to when."""

from bot.slack import ids
from bot.slack.blocks.fields import choice, field, form
from bot.slack.words import Block

PAUSED, AWAY, BACK = "paused", "away", "back"

_WAYS = {
    PAUSED: "Give them nothing until tomorrow morning",
    AWAY: "They are away on the days below",
    BACK: "They are back: give them leads again",
}


def away_view(user: str) -> Block:
    """Who, what, and the days; the days count for an absence alone."""
    fields = [
        field(ids.WHO, "Who", "users_select", initial_user=user),
        choice(ids.WAY, "What", _WAYS),
        field(ids.FIRST_DAY, "First day away", "datepicker", optional=True),
        field(ids.RETURN_DAY, "Day of return", "datepicker", optional=True),
    ]
    return form(ids.AWAY_MODAL, "Who is away", "Save", fields)
