"""What people do in the fake Slack: they click, choose, type and submit, and the bot is told."""

import time
from typing import Any
from uuid import uuid4

from bot.playground.fake_slack import FakeSlack
from bot.playground.lines import COMMAND, EVENT, INTERACTIVE, BotFailed, Line
from bot.playground.strictness import Refused, check_view
from bot.playground.web_api import as_json
from bot.playground.workspace import BOT_USER, TEAM, Channel, Message

Json = dict[str, Any]


class People:
    """Acts for the people of a workspace towards the bot at the other end of a line."""

    def __init__(self, slack: FakeSlack, line: Line) -> None:
        self._slack, self._line = slack, line

    def close(self) -> None:
        self._line.close()

    def click(
        self, user: str, message: Message, action_id: str, option: str | None = None, value: str | None = None
    ) -> None:
        """Press a button of a message, or choose an option of its menu; `value` tells one button of several.

        A button that the message had before it changed can be pressed too: a screen may be a moment behind.
        """
        shown = [block for blocks in (message.blocks, *reversed(message.earlier)) for block in blocks]
        element, block = _find_element(shown, action_id, value)
        channel = self._slack.workspace.channel(message.channel)
        told = as_json(message) | {"blocks": message.blocks}
        body = self._interaction("block_actions", user) | {
            "channel": {"id": channel.id, "name": channel.name},
            "message": told,
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": channel.id,
                "is_ephemeral": message.only_for is not None,
            },
            "actions": [_action(element, block, option)],
            "response_url": self._slack.new_response_url(user, channel.id, message),
        }
        self._send_payload(body)

    def click_home(self, user: str, action_id: str, value: str | None = None) -> None:
        """Press a button of a person's App Home; `value` tells one of several."""
        view = self._slack.workspace.homes[user]
        element, block = _find_element(view["blocks"], action_id, value)
        body = self._interaction("block_actions", user)
        self._send_payload(body | {"view": view, "actions": [_action(element, block, None)]})

    def choose(self, user: str, view_id: str, action_id: str, option: str, values: Json) -> None:
        """Choose an option of an element that tells the bot at once; `values` is what else is filled in."""
        _, view = self._slack.workspace.open_view(view_id)
        element, block = _find_element(view["blocks"], action_id)
        body = self._interaction("block_actions", user)
        told = view | {"state": {"values": values}}
        self._send_payload(body | {"view": told, "actions": [_action(element, block, option)]})

    def submit(self, user: str, view_id: str, values: Json) -> dict[str, str]:
        """Submit a modal; the sentences at its fields, by block id: none when it closed."""
        _, view = self._slack.workspace.open_view(view_id)
        missing = _unfilled(view, values)
        if missing:
            return missing
        body = self._interaction("view_submission", user) | {
            "view": view | {"state": {"values": values}},
            "response_urls": [],
        }
        answer = self._send_payload(body)
        return self._take_answer(user, view, answer)

    def _take_answer(self, user: str, view: Json, answer: Json) -> dict[str, str]:
        workspace = self._slack.workspace
        match answer.get("response_action"):
            case "errors":
                known = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
                strange = set(answer["errors"]) - known
                if strange or not answer["errors"]:
                    raise BotFailed(f"errors for blocks that are no inputs: {sorted(strange)}")
                return dict(answer["errors"])
            case "update":
                check_view(answer["view"])
                workspace.views[user] = [workspace.dressed(answer["view"], view["id"])]
            case None | "clear":
                workspace.views[user] = [one for one in workspace.views[user] if one["id"] != view["id"]]
            case strange_action:
                raise BotFailed(f"unknown response_action {strange_action}")
        workspace.changed("view", user)
        return {}

    def close_view(self, user: str) -> None:
        self._slack.workspace.views[user] = []
        self._slack.workspace.changed("view", user)

    def command(self, user: str, channel: str, text: str) -> None:
        """Type a slash command with its text."""
        name, _, rest = text.partition(" ")
        place = self._slack.workspace.channel(channel)
        form = {
            "command": name,
            "text": rest.strip(),
            "user_id": user,
            "user_name": self._slack.workspace.users[user].name.lower(),
            "team_id": TEAM,
            "channel_id": place.id,
            "channel_name": place.name,
            "trigger_id": self._slack.workspace.new_trigger(user),
            "response_url": self._slack.new_response_url(user, place.id),
        }
        answer = self._line.send(COMMAND, form)
        if answer.get("text"):
            self._slack.show_reply(user, place.id, answer)

    def shortcut(self, user: str, callback_id: str) -> None:
        """Choose a global shortcut."""
        self._send_payload(self._interaction("shortcut", user) | {"callback_id": callback_id})

    def message_shortcut(self, user: str, message: Message, callback_id: str) -> None:
        """Choose a shortcut of a message."""
        body = self._interaction("message_action", user) | {
            "callback_id": callback_id,
            "channel": {"id": message.channel, "name": ""},
            "message": as_json(message),
            "message_ts": message.ts,
            "response_url": self._slack.new_response_url(user, message.channel, message),
        }
        self._send_payload(body)

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Write a message; the bot hears direct messages and mentions."""
        place = self._slack.workspace.channel(channel)
        message = self._slack.workspace.add_message(place, user, text, thread_ts=thread_ts)
        self._tell(place, message)
        return message

    def drop_file(
        self, user: str, channel: str, name: str, content: bytes, text: str = "", thread_ts: str | None = None
    ) -> Message:
        """Share a file with a text beside it; the bot hears of it where it would hear the text."""
        workspace = self._slack.workspace
        place, file = workspace.channel(channel), workspace.new_file(name, user, content)
        message = workspace.add_message(place, user, text, thread_ts=thread_ts, files=[file])
        self._tell(place, message)
        return message

    def _tell(self, place: Channel, message: Message) -> None:
        event = as_json(message) | {"channel": place.id, "event_ts": message.ts}
        if place.is_im:
            subtype = {"subtype": "file_share"} if message.files else {}
            self.send_event(event | {"type": "message", "channel_type": "im"} | subtype)
        elif f"<@{BOT_USER}>" in message.text:
            self.send_event(event | {"type": "app_mention"})

    def open_home(self, user: str) -> None:
        """Open the bot's home tab."""
        self.send_event({"type": "app_home_opened", "user": user, "channel": f"D{user}", "tab": "home"})

    def send_event(self, event: Json, event_id: str | None = None) -> None:
        """Tell the bot of an event."""
        body = {
            "type": "event_callback",
            "team_id": TEAM,
            "api_app_id": "APLAYGROUND",
            "event": event,
            "event_id": event_id or f"Ev{uuid4().hex[:10]}",
            "event_time": int(time.time()),
            "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        }
        self._line.send(EVENT, body)

    def _interaction(self, kind: str, user: str) -> Json:
        person = self._slack.workspace.users[user]
        return {
            "type": kind,
            "user": {"id": user, "name": person.name, "username": person.name.lower(), "team_id": TEAM},
            "team": {"id": TEAM, "domain": "northwind"},
            "api_app_id": "APLAYGROUND",
            "trigger_id": self._slack.workspace.new_trigger(user),
        }

    def _send_payload(self, body: Json) -> Json:
        return self._line.send(INTERACTIVE, body)


def _find_element(blocks: list[Json], action_id: str, value: str | None = None) -> tuple[Json, Json]:
    """The element with an action id, and its block."""
    for block in blocks:
        for element in [*block.get("elements", []), block.get("accessory"), block.get("element")]:
            if not element or element.get("action_id") != action_id:
                continue
            if value is None or element.get("value") == value:
                return element, block
    raise Refused("no_such_element", action_id)


def _action(element: Json, block: Json, option: str | None) -> Json:
    action = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block.get("block_id", "generated"),
        "action_ts": f"{time.time():.6f}",
    }
    if option is None:
        return action | {"value": element.get("value", ""), "text": element.get("text")}
    chosen = [one for one in element["options"] if one["value"] == option]
    if not chosen:
        raise Refused("no_such_option", option)
    return action | {"selected_option": chosen[0]}


def _unfilled(view: Json, values: Json) -> dict[str, str]:
    """What Slack's own client says of fields that must not stay empty."""
    missing = {}
    for block in view["blocks"]:
        if block["type"] == "input" and not block.get("optional") and not _is_filled(values.get(block["block_id"])):
            missing[block["block_id"]] = "Please complete this required field."
    return missing


def _is_filled(given: Json | None) -> bool:
    element: Json = next(iter((given or {}).values()), {})
    return any(element.get(key) for key in _FILLED)


_FILLED = ("value", "selected_option", "selected_options", "selected_date", "selected_time", "selected_user")
