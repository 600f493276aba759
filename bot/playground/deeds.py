"""What a person does on the page, handed to the bot, and what went wrong in a sentence."""

import logging
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Body, Depends, HTTPException, Request
from pydantic import BaseModel

from bot.playground.fake_slack import FakeSlack
from bot.playground.lines import BotFailed
from bot.playground.people import People
from bot.playground.strictness import Refused
from bot.playground.timeline import visible
from bot.playground.typed import encode
from bot.playground.workspace import Channel, Message, Workspace
from bot.slack import ids

log = logging.getLogger(__name__)

SILENT_BOT = "Baton did not answer. Please try again in a moment."
JUST_CHANGED = "That has just changed. Have another look and try again."
COMMANDS = (ids.LEAD_COMMAND, ids.FUNNEL_COMMAND)

Values = dict[str, dict[str, dict[str, Any]]]
"""What is filled in, as Slack tells it: by block id, then by action id."""


class Outcome(BaseModel):
    """`trouble` is shown as a warning, `errors` at the fields of a modal, by block id."""

    trouble: str = ""
    errors: dict[str, str] = {}


def _same_origin(request: Request) -> None:
    """Let pass what this page sent: another site in the same browser could reach this port too."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "This page accepts its own requests only.")


def deeds_router(slack: FakeSlack, people: People) -> APIRouter:
    """The routes behind every button and field."""

    def known(user: str) -> None:
        if user not in slack.workspace.users:
            raise HTTPException(404, "Nobody here has this id.")

    router = APIRouter(prefix="/as/{user}", dependencies=[Depends(_same_origin), Depends(known)])
    _conversation(router, slack.workspace, people)
    _shortcuts(router, slack.workspace, people)
    _views(router, slack.workspace, people)
    return router


def _conversation(router: APIRouter, workspace: Workspace, people: People) -> None:
    @router.post("/{channel}/say")
    def say(
        user: str, channel: str, text: Annotated[str, Body()], thread_ts: Annotated[str | None, Body()] = None
    ) -> Outcome:
        _place(workspace, user, channel)
        if not text.strip():
            return Outcome()
        if text.startswith("/"):
            return _command(people, user, channel, text.strip(), in_thread=thread_ts is not None)
        return _try(lambda: people.say(user, channel, encode(text.strip(), workspace), thread_ts))

    @router.post("/{channel}/click")
    def click(
        user: str,
        channel: str,
        ts: Annotated[str, Body()],
        action_id: Annotated[str, Body()],
        value: Annotated[str | None, Body()] = None,
        option: Annotated[str | None, Body()] = None,
    ) -> Outcome:
        return _try(lambda: people.click(user, _seen(workspace, user, channel, ts), action_id, option, value))


def _command(people: People, user: str, channel: str, text: str, *, in_thread: bool) -> Outcome:
    name = text.split()[0]
    if name not in COMMANDS:
        return Outcome(trouble=f"{name} is no command here. Try {' or '.join(COMMANDS)}.")
    if in_thread:
        return Outcome(trouble=f"Slack has no commands in threads. Type {name} in the channel.")
    return _try(lambda: people.command(user, channel, text))


def _shortcuts(router: APIRouter, workspace: Workspace, people: People) -> None:
    @router.post("/{channel}/shortcut")
    def shortcut(user: str, channel: str, ts: Annotated[str, Body(embed=True)] = "") -> Outcome:
        """The global shortcut, or with `ts` the one of a message."""
        if not ts:
            return _try(lambda: people.shortcut(user, ids.NEW_LEAD_SHORTCUT))
        message = _seen(workspace, user, channel, ts)
        return _try(lambda: people.message_shortcut(user, message, ids.FROM_MESSAGE_SHORTCUT))


def _views(router: APIRouter, workspace: Workspace, people: People) -> None:
    @router.post("/home/open")
    def open_home(user: str) -> Outcome:
        return _try(lambda: people.open_home(user))

    @router.post("/home/press")
    def press(user: str, action_id: Annotated[str, Body()], value: Annotated[str | None, Body()] = None) -> Outcome:
        return _try(lambda: people.click_home(user, action_id, value))

    @router.post("/view/close")
    def close(user: str) -> Outcome:
        return _try(lambda: people.close_view(user))

    @router.post("/view/submit")
    def submit(user: str, view_id: Annotated[str, Body()], values: Annotated[Values, Body()]) -> Outcome:
        _check_own(workspace, user, view_id)
        errors: dict[str, str] = {}
        outcome = _try(lambda: errors.update(people.submit(user, view_id, values)))
        return outcome.model_copy(update={"errors": errors})

    @router.post("/view/choose")
    def choose(
        user: str,
        view_id: Annotated[str, Body()],
        action_id: Annotated[str, Body()],
        option: Annotated[str, Body()],
        values: Annotated[Values, Body()],
    ) -> Outcome:
        _check_own(workspace, user, view_id)
        return _try(lambda: people.choose(user, view_id, action_id, option, values))


def _check_own(workspace: Workspace, user: str, view_id: str) -> None:
    if all(view["id"] != view_id for view in workspace.views[user]):
        raise HTTPException(404, "This modal is closed.")


def _place(workspace: Workspace, user: str, channel: str) -> Channel:
    """A conversation a person takes part in."""
    place = workspace.channels.get(channel)
    if place is None or (place.is_im and place.member != user):
        raise HTTPException(404, "There is no such conversation.")
    return place


def _seen(workspace: Workspace, user: str, channel: str, ts: str) -> Message:
    """A message that a person can see."""
    for message in visible(_place(workspace, user, channel), user):
        if message.ts == ts:
            return message
    raise HTTPException(404, "There is no such message.")


def _try(deed: Callable[[], object]) -> Outcome:
    """Do it; a bot that does not answer and a button that is gone are told the person."""
    try:
        deed()
    except BotFailed as failure:
        log.warning("%s", failure)
        return Outcome(trouble=SILENT_BOT)
    except Refused:
        return Outcome(trouble=JUST_CHANGED)
    return Outcome()
