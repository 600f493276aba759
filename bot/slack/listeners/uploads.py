"""Files: a list of leads is dropped in a direct message, previewed, and imported or left alone."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, Field

from bot.slack import forms, ids
from bot.slack.blocks.upload import source_view
from bot.slack.desk import Desk, Press
from bot.slack.listening import Event, Listening
from bot.slack.payloads import LARGEST_NUMBER, number_in
from bot.usecases.cancel_upload import cancel_upload
from bot.usecases.offer_uploads import offer_uploads
from bot.usecases.start_upload import start_upload
from bot.usecases.submission import ViewSubmission
from funnel.upload import DroppedFile


class UploadInModal(BaseModel):
    """What the modal remembers: which file it is about."""

    upload: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]


def register(listening: Listening) -> None:
    listening.button(ids.IMPORT, start)
    listening.button(ids.IMPORT_FROM, ask_source)
    listening.button(ids.CANCEL_IMPORT, cancel)
    listening.modal(ids.SOURCE_MODAL, submit)
    listening.event("message", dropped)


def dropped(desk: Desk, event: Event) -> None:
    """Have every file of a person's direct message looked at; what is slow about it is done later."""
    body = event.body
    if body.get("files") and body.get("channel_type") == "im" and not body.get("bot_id"):
        files = [_file(told, body) for told in body["files"]]
        person = desk.person(body["user"], body.get("user_team"))
        offer_uploads(desk.store, desk.policy, person, files, event.at)


def _file(told: dict[str, Any], message: dict[str, Any]) -> DroppedFile:
    return DroppedFile(
        file_id=told["id"],
        name=told.get("name") or told.get("title") or "the file",
        kind=told.get("filetype") or "",
        size=told.get("size") or 0,
        url="" if told.get("is_external") else told.get("url_private_download") or told.get("url_private") or "",
        channel=message["channel"],
        ts=message["ts"],
        thread_ts=message.get("thread_ts") or message["ts"],
    )


def ask_source(desk: Desk, press: Press) -> None:
    """Ask where the people are from, before anything is looked up: the trigger lives for three seconds."""
    upload_id, _, source = press.value.partition(":")
    desk.gateway.open_view(press.trigger_id, source_view(source, json.dumps({"upload": number_in(upload_id)})))


def submit(desk: Desk, press: Press) -> None:
    """Start the import with the source that was typed."""
    source = forms.value_of(press.view, ids.SOURCE)
    if not source:
        raise forms.FieldErrors({ids.SOURCE: "Say in a word or two where these people are from."})
    _start(desk, press, press.remembered(UploadInModal).upload, source, press.submission())


def start(desk: Desk, press: Press) -> None:
    """Start the import of a file that says itself where each lead is from."""
    _start(desk, press, number_in(press.value), None)


def _start(
    desk: Desk, press: Press, upload_id: int, source: str | None, submission: ViewSubmission | None = None
) -> None:
    person = desk.person(press.user, press.team)
    start_upload(desk.store, desk.policy, person, upload_id, source, press.at, submission)


def cancel(desk: Desk, press: Press) -> None:
    cancel_upload(desk.store, desk.policy, desk.person(press.user, press.team), number_in(press.value), press.at)
