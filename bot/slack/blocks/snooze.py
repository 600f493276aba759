"""The modal in which an owner puts a lead off."""

from bot.slack import ids
from bot.slack.blocks.fields import choice, field, form
from bot.slack.words import Block

_SPANS = {
    "tomorrow": "Tomorrow morning",
    "1h": "In an hour",
    "3h": "In three hours",
    "monday": "Next Monday morning",
    "7d": "In a week",
}


def snooze_view(metadata: str) -> Block:
    """When to be reminded: one of the usual spans, or a moment in the person's own words."""
    fields = [
        choice(ids.UNTIL, "Remind me", _SPANS),
        field(
            ids.OTHER_UNTIL,
            "Or at another time",
            "plain_text_input",
            "Write it as you say it: Friday 14:00, 45m, 2026-12-24",
            optional=True,
            max_length=100,
        ),
    ]
    return form(ids.SNOOZE_MODAL, "Put this lead off", "Remind me", fields, metadata)
