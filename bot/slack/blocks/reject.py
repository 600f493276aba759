"""The modal in which an MQL is turned away."""

from bot.slack import ids, words
from bot.slack.blocks.bant import reason_fields
from bot.slack.words import Block
from funnel.policy import Policy


def reject_view(policy: Policy, metadata: str) -> Block:
    """Why it is not a fit, and a note."""
    note = {
        "type": "input",
        "block_id": ids.NOTE,
        "optional": True,
        "label": words.plain("Note"),
        "element": {
            "type": "plain_text_input",
            "action_id": ids.VALUE,
            "multiline": True,
            "max_length": 3000,
        },
    }
    return {
        "type": "modal",
        "callback_id": ids.REJECT_MODAL,
        "private_metadata": metadata,
        "title": words.plain("Not a fit", 24),
        "submit": words.plain("Reject", 24),
        "close": words.plain("Cancel", 24),
        "blocks": [*reason_fields(policy.reasons.rejected, "rejected"), note],
    }
