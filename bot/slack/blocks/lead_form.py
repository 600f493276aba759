"""The modal in which a lead is added by hand."""

from bot.slack import ids, words
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
    wants_contact = {
        "type": "input",
        "block_id": "hand_raise",
        "optional": True,
        "label": words.plain("Interest"),
        "element": {
            "type": "checkboxes",
            "action_id": ids.VALUE,
            "options": [words.option("They asked to be contacted", "contact_request")],
        },
    }
    note = {
        "type": "input",
        "block_id": ids.NOTE,
        "optional": True,
        "label": words.plain("Note"),
        "element": {"type": "plain_text_input", "action_id": ids.VALUE, "multiline": True, "max_length": 3000}
        | ({"initial_value": known["note"]} if known.get("note") else {}),
    }
    return {
        "type": "modal",
        "callback_id": ids.LEAD_MODAL,
        "private_metadata": metadata,
        "title": words.plain("New lead", 24),
        "submit": words.plain("Add lead", 24),
        "close": words.plain("Cancel", 24),
        "blocks": [*blocks, wants_contact, note],
    }


def _field(name: str, label: str, kind: str, value: str) -> Block:
    element: Block = {"type": kind, "action_id": ids.VALUE}
    if kind == "plain_text_input":
        element["max_length"] = 300
    if value:
        element["initial_value"] = words.cut(value, 300)
    return {
        "type": "input",
        "block_id": name,
        "optional": name != "email",
        "label": words.plain(label),
        "element": element,
    }
