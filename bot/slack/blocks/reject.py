"""The modal in which an MQL is turned away."""

from bot.slack import ids
from bot.slack.blocks.bant import reason_fields
from bot.slack.blocks.fields import field, form
from bot.slack.words import Block
from funnel.policy import Policy


def reject_view(policy: Policy, metadata: str) -> Block:
    """Why it is not a fit, and a note."""
    note = field(ids.NOTE, "Note", "plain_text_input", optional=True, multiline=True, max_length=3000)
    fields = [*reason_fields(policy.reasons.rejected, "rejected"), note]
    return form(ids.REJECT_MODAL, "Not a fit", "Reject", fields, metadata)
