"""What a workspace holds: people, conversations, messages, open modals, homes. Kept in memory."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from uuid import uuid4

from bot.clock import Clock
from bot.playground.files import SharedFile
from bot.playground.strictness import Refused

TRIGGER_SECONDS = 3
BOT_USER = "UBATON"
BOT_ID = "BBATON"
TEAM = "TNORTHWIND"


@dataclass
class User:
    """A person; `role` is what the playground shows beside the name."""

    id: str
    name: str
    role: str = ""
    timezone: str = "Europe/Berlin"
    guest: bool = False
    color: str = "#4a154b"


@dataclass
class Message:
    """A message. `only_for` is set on an ephemeral one."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    files: list[SharedFile] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: dict[str, Any] | None = None
    only_for: str | None = None
    edited: bool = False
    earlier: list[list[dict[str, Any]]] = field(default_factory=list)

    @property
    def at(self) -> float:
        """When it was posted, in seconds since 1970."""
        return float(self.ts)


@dataclass
class Channel:
    """A channel, or the conversation of one person with the bot.

    `has_bot` tells whether the bot was invited: chat:write.public posts without, but shares no files.
    """

    id: str
    name: str
    is_im: bool = False
    member: str | None = None
    archived: bool = False
    has_bot: bool = True
    messages: dict[str, Message] = field(default_factory=dict)


Listener = Callable[[str, str], None]
"""Told what changed: a kind (message, view, home) and whose: a channel id or a user id."""


class Workspace:
    """All of it behind one lock."""

    def __init__(self, clock: Clock, users: list[User], channels: list[str]) -> None:
        self.clock = clock
        self.address = ""
        self.lock = threading.RLock()
        self.users = {user.id: user for user in users}
        self.channels = {f"C{place:04}": Channel(f"C{place:04}", name) for place, name in enumerate(channels, 1)}
        for user in users:
            self.channels[im_of(user.id)] = Channel(im_of(user.id), user.name, is_im=True, member=user.id)
        self.views: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.homes: dict[str, dict[str, Any]] = {}
        self.files: dict[str, SharedFile] = {}
        self._triggers: dict[str, tuple[str, datetime]] = {}
        self._listeners: list[Listener] = []
        self._last_ts = 0  # in microseconds, so that no two messages share one
        self._numbers = count(1)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Be told of changes; call what is returned to be told no more."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def changed(self, kind: str, whose: str) -> None:
        for listener in list(self._listeners):
            listener(kind, whose)

    def channel(self, name: str) -> Channel:
        """The channel of an id, a #name, or a user id (their conversation with the bot).

        Raises:
            Refused: channel_not_found.
        """
        if name in self.users:
            return self.channels[im_of(name)]
        wanted = name.removeprefix("#")
        found = self.channels.get(name) or next(
            (channel for channel in self.channels.values() if channel.name == wanted and not channel.is_im),
            None,
        )
        if found is None:
            raise Refused("channel_not_found")
        return found

    def add_message(self, channel: Channel, user: str, text: str, **more: Any) -> Message:
        """Put a message into a channel, with a timestamp of its own."""
        with self.lock:
            self._last_ts = max(int(self.clock().timestamp() * 1_000_000), self._last_ts + 1)
            ts = f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}"
            message = Message(channel.id, ts, user, text, **more)
            channel.messages[message.ts] = message
            for file in message.files:
                file.shares.append((channel.id, ts))
                self.files[file.id] = file
        self.changed("message", channel.id)
        return message

    def message(self, channel: Channel, ts: str) -> Message:
        """Raises: Refused: message_not_found."""
        if ts not in channel.messages:
            raise Refused("message_not_found")
        return channel.messages[ts]

    def new_file(self, name: str, owner: str, content: bytes = b"") -> SharedFile:
        """A file with an id of its own; it is found by others once a message shares it."""
        made = int(self.clock().timestamp())
        return SharedFile(f"F{next(self._numbers):06}", name, owner, TEAM, made, self.address, content)

    def file(self, file_id: str) -> SharedFile:
        """Raises: Refused: file_not_found."""
        if file_id not in self.files:
            raise Refused("file_not_found")
        return self.files[file_id]

    def new_trigger(self, user: str) -> str:
        """A trigger id: for one view, within three seconds."""
        trigger = f"{next(self._numbers)}.{uuid4().hex[:12]}"
        self._triggers[trigger] = (user, self.clock())
        return trigger

    def use_trigger(self, trigger: str) -> str:
        """Whose trigger this is, once.

        Raises:
            Refused: invalid_trigger_id, expired_trigger_id, exchanged_trigger_id.
        """
        with self.lock:
            if trigger not in self._triggers:
                raise Refused("invalid_trigger_id")
            user, made = self._triggers[trigger]
            if not user:
                raise Refused("exchanged_trigger_id")
            self._triggers[trigger] = ("", made)
        if (self.clock() - made).total_seconds() > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        return user

    def new_view(self, view: dict[str, Any]) -> dict[str, Any]:
        return self.dressed(view, f"V{next(self._numbers):06}")

    def dressed(self, view: dict[str, Any], view_id: str) -> dict[str, Any]:
        """A view as Slack hands it back: with an id, a hash, and a name for every block."""
        blocks = [
            block if block.get("block_id") else block | {"block_id": f"b{next(self._numbers)}"}
            for block in view["blocks"]
        ]
        return view | {
            "id": view_id,
            "hash": f"{next(self._numbers)}.{uuid4().hex[:8]}",
            "team_id": TEAM,
            "blocks": blocks,
            "private_metadata": view.get("private_metadata", ""),
            "callback_id": view.get("callback_id", ""),
            "state": {"values": {}},
        }

    def open_view(self, view_id: str) -> tuple[str, dict[str, Any]]:
        """(user, view) of an open modal.

        Raises:
            Refused: not_found.
        """
        for user, stack in self.views.items():
            for view in stack:
                if view["id"] == view_id:
                    return user, view
        raise Refused("not_found")


def im_of(user: str) -> str:
    """The id of a person's conversation with the bot."""
    return f"D{user}"
