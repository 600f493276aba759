"""The modal in which a lead is added by hand."""

from bot.slack import ids, words
from bot.slack.blocks.fields import field, form
from bot.slack.words import Block

FIELDS = {
    "email": ("E-mail", "email_text_input"),
    "name": ("Name", "plain_text_input"),
    "company": ("Company", "plain_text_input"),
    "title": ("Title", "plain_text_input"),
    "phone": ("Phone", "plain_text_input"),
    "country": ("Country", "plain_text_input"),
}


def lead_view(known: dict[str, str], metadata: str = "") -> Block:
    """An empty form, or one prefilled with what a message told; `known` is by field name."""
    blocks = [_field(name, label, kind, known.get(name, "")) for name, (label, kind) in FIELDS.items()]
    contact = words.option("They asked to be contacted", "contact_request")
    said: Block = {"initial_value": known["note"]} if known.get("note") else {}
    blocks += [
        field("hand_raise", "Interest", "checkboxes", optional=True, options=[contact]),
        field(ids.NOTE, "Note", "plain_text_input", optional=True, multiline=True, max_length=3000, **said),
    ]
    return form(ids.LEAD_MODAL, "New lead", "Add lead", blocks, metadata)


def _field(name: str, label: str, kind: str, value: str) -> Block:
    more: Block = {"max_length": 300} if kind == "plain_text_input" else {}
    more |= {"initial_value": words.cut(value, 300)} if value else {}
    return field(name, label, kind, optional=name != "email", **more)
