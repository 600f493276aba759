"""How plain functions become Bolt listeners: parse, call, answer, acknowledge."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slack_bolt import Ack, App, BoltContext

from bot.slack.desk import Desk, Press, read_press
from bot.slack.forms import FieldErrors
from bot.slack.gateway import SlackTrouble
from bot.slack.words import Block, escape
from funnel.errors import FunnelError
from funnel.notices import Click

log = logging.getLogger(__name__)


@dataclass
class Command:
    """A slash command."""

    user: str
    team: str | None
    channel: str
    text: str
    trigger_id: str
    at: datetime
    response_url: str | None = None

    @property
    def click(self) -> Click:
        """Where the person is answered privately, later on."""
        return Click(user=self.user, channel=self.channel, response_url=self.response_url)


@dataclass
class Reply:
    """What the person who typed a command sees, alone; nothing when it has no text."""

    text: str = ""
    blocks: list[Block] = field(default_factory=list)


@dataclass
class Event:
    """Something that happened in Slack; `id` is the same however often it is delivered."""

    id: str
    body: dict[str, Any]
    at: datetime


Pressed = Callable[[Desk, Press], Any]
Filled = Callable[[Desk, Press, Any], None]
Opened = Callable[[Desk, Press, dict[str, Any]], None]


class Listening:
    """Registers functions with a Bolt app. An ack means committed: it is given after the function returned."""

    def __init__(self, app: App, desk: Desk) -> None:
        self._app, self._desk = app, desk
        self._events: dict[str, list[Callable[[Desk, Event], None]]] = {}

    def button(self, action_id: str, pressed: Pressed, then: Filled | None = None) -> None:
        """Call `pressed` for a button or menu; `then`, with what it returned, after the acknowledgement."""
        desk = self._desk

        def listener(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
            press = read_press(body, desk.clock())
            with _told(desk, press):
                context["returned"] = pressed(desk, press)
            ack()

        def after(body: dict[str, Any], context: BoltContext) -> None:
            press = read_press(body, desk.clock())
            with _told(desk, press):
                if then and "returned" in context:
                    then(desk, press, context["returned"])

        if then:
            self._app.action(action_id)(ack=listener, lazy=[after])
        else:
            self._app.action(action_id)(listener)

    def shortcut(self, callback_id: str, opened: Opened) -> None:
        desk = self._desk

        def listener(ack: Ack, body: dict[str, Any]) -> None:
            press = read_press(body, desk.clock())
            with _told(desk, press):
                opened(desk, press, body)
            ack()

        self._app.shortcut(callback_id)(listener)

    def modal(self, callback_id: str, submitted: Pressed) -> None:
        """Call `submitted` for a modal: it closes, or its fields say what is wrong."""
        desk = self._desk

        def listener(ack: Ack, body: dict[str, Any]) -> None:
            press = read_press(body, desk.clock())
            try:
                submitted(desk, press)
            except FieldErrors as refusal:
                ack(response_action="errors", errors=refusal.errors)
            except FunnelError as refusal:
                ack(response_action="errors", errors={_first_field(press): refusal.sentence})
            except SlackTrouble as trouble:
                ack(response_action="errors", errors={_first_field(press): _slack_said(trouble)})
            else:
                ack()

        self._app.view(callback_id)(listener)

    def command(self, name: str, answer: Callable[[Desk, Command], Reply]) -> None:
        desk = self._desk

        def listener(ack: Ack, command: dict[str, Any]) -> None:
            given = Command(
                user=command["user_id"],
                team=command.get("team_id"),
                channel=command["channel_id"],
                text=command.get("text", "").strip(),
                trigger_id=command["trigger_id"],
                at=desk.clock(),
                response_url=command.get("response_url"),
            )
            try:
                reply = answer(desk, given)
            except FunnelError as refusal:
                reply = Reply(escape(refusal.sentence))
            except SlackTrouble as trouble:
                reply = Reply(_slack_said(trouble))
            if reply.text:
                ack(text=reply.text, blocks=reply.blocks or None, response_type="ephemeral")
            else:
                ack()

        self._app.command(name)(listener)

    def event(self, kind: str, happened: Callable[[Desk, Event], None]) -> None:
        """Call `happened` for every event of a kind; several conversations may hear the same kind."""
        desk = self._desk
        hearing = self._events.setdefault(kind, [])
        hearing.append(happened)
        if len(hearing) > 1:
            return  # Bolt calls one listener an event: the first calls them all

        def listener(body: dict[str, Any], event: dict[str, Any]) -> None:
            for hear in hearing:
                hear(desk, Event(id=body["event_id"], body=event, at=desk.clock()))

        self._app.event(kind)(listener)


@contextmanager
def _told(desk: Desk, press: Press) -> Iterator[None]:
    """Tell the person who pressed what stood in the way; a refusal is no failure of the listener."""
    try:
        yield
    except FunnelError as refusal:
        desk.whisper_refusal(press.click, refusal)
    except SlackTrouble as trouble:
        if not trouble.code.startswith(("hash_conflict", "not_found")):  # else a newer view stands there, or none
            desk.whisper(press.click, _slack_said(trouble))


def _slack_said(trouble: SlackTrouble) -> str:
    log.warning("Slack did not do it: %s", trouble.code)
    return "Slack did not do that just now. Please press it again."


def _first_field(press: Press) -> str:
    return next((block["block_id"] for block in press.view["blocks"] if block["type"] == "input"), "")
