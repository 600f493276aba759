"""New lead: a shortcut, a message or a button opens a form, and the form adds the lead."""

import json
import re
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.slack import forms, ids, words
from bot.slack.blocks.lead_form import FIELDS, lead_view
from bot.slack.desk import Desk, Press
from bot.slack.listening import Listening
from bot.slack.message_facts import facts_in
from bot.slack.payloads import Id
from bot.usecases.add_lead import add_lead
from bot.usecases.draft import LeadIn, to_draft
from bot.usecases.receive_leads import Received
from bot.usecases.submission import was_taken
from bot.usecases.tell import tell_once
from funnel.lead import Lead
from funnel.notices import Click, MessageRef, Whisper
from funnel.problems import plain_problem

SOURCE = "slack"

_LINK = re.compile(r"<(?:mailto:|tel:)?[^|>]*\|([^>]*)>")
"""An address as Slack hands it over: <mailto:x|x>."""


class FormPlace(BaseModel):
    """What the form remembers: where it was opened, and from which message, if from one."""

    channel: Id
    message_ts: str | None = None


def register(listening: Listening) -> None:
    listening.shortcut(ids.NEW_LEAD_SHORTCUT, open_empty)
    listening.shortcut(ids.FROM_MESSAGE_SHORTCUT, open_from_message)
    listening.button(ids.NEW_LEAD, open_empty)
    listening.modal(ids.LEAD_MODAL, submit)


def open_empty(desk: Desk, press: Press, body: dict[str, Any] | None = None) -> None:
    del body
    desk.gateway.open_view(press.trigger_id, lead_view({}, _metadata(press)))


def open_from_message(desk: Desk, press: Press, body: dict[str, Any] | None = None) -> None:
    """Open the form with what the message tells of somebody, and with the message itself as the note."""
    message = (body or {}).get("message", {})
    text = message_text(message)
    known = facts_in(text) | {"note": words.cut(_LINK.sub(r"\1", text), 2900)}
    metadata = json.loads(_metadata(press)) | {"message_ts": message.get("ts")}
    desk.gateway.open_view(press.trigger_id, lead_view(known, json.dumps(metadata)))


def message_text(message: dict[str, Any]) -> str:
    """What a message says: its text, and that of the attachments in which many apps say all they have to say."""
    attachments = [one.get("text") or one.get("fallback") or "" for one in message.get("attachments") or []]
    return "\n".join(part for part in [message.get("text", ""), *attachments] if part)[:3000]


def _metadata(press: Press) -> str:
    return json.dumps({"channel": press.click.channel})


def submit(desk: Desk, press: Press) -> None:
    """Add the lead; what is wrong is said at its field. Handed in again, it is answered again and no more."""
    typed = {name: forms.value_of(press.view, name) for name in FIELDS}
    note = forms.value_of(press.view, ids.NOTE)
    attributes = {"added_by": press.user} | ({"note": note} if note else {}) | _link_back(desk, press)
    try:
        lead = LeadIn(source=SOURCE, attributes=attributes, **{name: value or None for name, value in typed.items()})
    except ValidationError as error:
        raise forms.FieldErrors(_errors(error)) from error
    if was_taken(desk.store, press.submission()):
        return
    person, asked_for = desk.person(press.user, press.team), forms.checked(press.view, "hand_raise")
    draft = to_draft(lead, press.at)
    received, stored = add_lead(desk.store, desk.policy, person, draft, asked_for, press.view["id"], press.at)
    click = Click(user=press.user, channel=press.remembered(FormPlace).channel)
    told = (_confirmation(lead, received, stored), words.escape(received.remark))
    taken = press.submission(Whisper(text=" ".join(filter(None, told)), click=click))
    tell_once(desk.store, taken.key, taken.notice, press.at)


def _link_back(desk: Desk, press: Press) -> dict[str, str]:
    """Where the lead was found, if it came out of a message."""
    remembered = press.remembered(FormPlace)
    if not remembered.message_ts:
        return {}
    return {"message": desk.link(MessageRef(channel=remembered.channel, ts=remembered.message_ts))}


def _errors(error: ValidationError) -> dict[str, str]:
    return {str(detail["loc"][0]) if detail["loc"] else "email": plain_problem(detail) for detail in error.errors()}


def _confirmation(lead: LeadIn, received: Received, stored: Lead | None) -> str:
    address = words.escape(lead.email or "")
    if received.created:
        who = words.escape(lead.name or lead.email or "The lead")
        return f"{who} is in. If it is an MQL, its card comes in a moment: `/lead why {address}`."
    who = words.escape(words.short_name(stored) if stored else address)
    return f"{address} is known already as {who}; what you added fills the gaps: `/lead show {address}`."
