"""The modal in which a person says how they want to be told of leads."""

from typing import Any

from bot.slack import ids, words
from bot.slack.blocks.fields import choice, field, form
from bot.slack.words import Block
from funnel.preference import Preference

NO_LIMIT = "none"
_WAYS = {"dm": "In a direct message", "mention": "By a mention in the lead's thread"}
_LIMITS = {NO_LIMIT: "As many as there are", "3": "3 an hour", "5": "5 an hour", "10": "10 an hour"}


def settings_view(chosen: Preference) -> Block:
    """What counts now, to be changed. Nobody is told outside their working hours, whatever they choose."""
    hint = "You are told in your working hours alone; what comes up later waits for them."
    digest = words.option("A summary each morning", "digest")
    ticked: dict[str, Any] = {"initial_options": [digest]} if chosen.digest else {}
    quiet = [f"{one:%H:%M}" for one in chosen.quiet or ()] or ["", ""]
    until = "No reminder comes then though you work: over lunch, or while you call. Leave both empty for none."
    fields = [
        choice("alert", "How I tell you that a lead waits", _WAYS, chosen.alert, hint),
        choice("most_an_hour", "Reminders", _LIMITS, str(chosen.most_an_hour or NO_LIMIT)),
        field(ids.QUIET_FROM, "Quiet from", "timepicker", optional=True, **_time(quiet[0])),
        field(ids.QUIET_UNTIL, "Quiet until", "timepicker", until, optional=True, **_time(quiet[1])),
        field("digest", "Mornings", "checkboxes", optional=True, options=[digest], **ticked),
    ]
    return form(ids.SETTINGS_MODAL, "Your settings", "Save", fields)


def _time(text: str) -> dict[str, str]:
    return {"initial_time": text} if text else {}
