"""What every deed on the page has in common: where it may happen, and what the person is told when it fails."""

import logging
from collections.abc import Callable

from fastapi import HTTPException
from pydantic import BaseModel

from bot.playground.lines import BotFailed
from bot.playground.strictness import Refused
from bot.playground.timeline import visible
from bot.playground.workspace import Channel, Message, Workspace

log = logging.getLogger(__name__)

SILENT_BOT = "Baton did not answer. Please try again in a moment."
JUST_CHANGED = "That has just changed. Have another look and try again."


class Outcome(BaseModel):
    """`trouble` is shown as a warning, `errors` at the fields of a modal, by block id."""

    trouble: str = ""
    errors: dict[str, str] = {}


def attempt(deed: Callable[[], object]) -> Outcome:
    """Do it; a bot that does not answer and a button that is gone are told the person."""
    try:
        deed()
    except BotFailed as failure:
        log.warning("%s", failure)
        return Outcome(trouble=SILENT_BOT)
    except Refused:
        return Outcome(trouble=JUST_CHANGED)
    return Outcome()


def place_of(workspace: Workspace, user: str, channel: str) -> Channel:
    """A conversation a person takes part in."""
    place = workspace.channels.get(channel)
    if place is None or (place.is_im and place.member != user):
        raise HTTPException(404, "There is no such conversation.")
    return place


def seen_message(workspace: Workspace, user: str, channel: str, ts: str) -> Message:
    """A message that a person can see."""
    for message in visible(place_of(workspace, user, channel), user):
        if message.ts == ts:
            return message
    raise HTTPException(404, "There is no such message.")
