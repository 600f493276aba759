"""The Web API methods the bot uses, with Slack's answers and Slack's refusals."""

from collections.abc import Callable
from typing import Any

from bot.playground.file_methods import FileMethods
from bot.playground.files import WORKSPACE_URL, file_json
from bot.playground.strictness import Refused, check_message, check_view
from bot.playground.workspace import BOT_ID, BOT_USER, TEAM, Channel, Message, User, Workspace, im_of

Arguments = dict[str, Any]
Answer = dict[str, Any]


class WebApi:
    """Methods by name. Every one checks its scope first."""

    def __init__(self, workspace: Workspace, scopes: set[str]) -> None:
        self._workspace, self.scopes = workspace, scopes
        self.files = FileMethods(workspace)
        self._methods: dict[str, tuple[str | None, Callable[[Arguments], Answer]]] = {
            "auth.test": (None, self._auth_test),
            "apps.connections.open": (None, self._connect),
            "chat.postMessage": ("chat:write", self._post),
            "chat.update": ("chat:write", self._update),
            "chat.postEphemeral": ("chat:write", self._ephemeral),
            "chat.getPermalink": (None, self._permalink),
            "conversations.open": ("im:write", self._open_direct),
            "conversations.history": ("channels:history", self._history),
            "conversations.replies": ("channels:history", self._replies),
            "views.open": (None, self._open),
            "views.update": (None, self._update_view),
            "views.publish": (None, self._publish),
            "users.list": ("users:read", self._users),
            "users.info": ("users:read", self._user),
            **self.files.methods,
        }

    def call(self, method: str, arguments: Arguments) -> Answer:
        """What a method answers.

        Raises:
            Refused: with Slack's error code.
        """
        if method not in self._methods:
            raise Refused("unknown_method", method)
        scope, function = self._methods[method]
        if scope == "channels:history" and str(arguments.get("channel", "")).startswith("D"):
            scope = "im:history"
        if scope and scope not in self.scopes:
            raise Refused("missing_scope", scope)
        with self._workspace.lock:
            return function(arguments)

    def _auth_test(self, _: Arguments) -> Answer:
        return {
            "url": f"{WORKSPACE_URL}/",
            "team": "Northwind",
            "team_id": TEAM,
            "user": "baton",
            "user_id": BOT_USER,
            "bot_id": BOT_ID,
        }

    def _connect(self, _: Arguments) -> Answer:
        return {"url": f"{self._workspace.address.replace('http', 'ws', 1)}/link"}

    def _post(self, given: Arguments) -> Answer:
        channel = self._workspace.channel(given.get("channel", ""))
        if channel.archived:
            raise Refused("is_archived")
        check_message(given.get("text"), given.get("blocks"))
        thread = given.get("thread_ts")
        if thread and thread not in channel.messages:
            raise Refused("thread_not_found")
        message = self._workspace.add_message(
            channel,
            BOT_USER,
            given["text"],
            blocks=given.get("blocks") or [],
            thread_ts=thread,
            metadata=given.get("metadata"),
        )
        return {"channel": channel.id, "ts": message.ts, "message": as_json(message)}

    def _update(self, given: Arguments) -> Answer:
        channel = self._by_id(given)  # neither by a name nor by a person
        message = self._workspace.message(channel, given.get("ts", ""))
        if message.user != BOT_USER or message.only_for:
            raise Refused("cant_update_message")
        check_message(given.get("text"), given.get("blocks"))
        message.earlier = [*message.earlier[-9:], message.blocks]
        message.text, message.blocks, message.edited = given["text"], given.get("blocks") or [], True
        self._workspace.changed("message", channel.id)
        return {"channel": channel.id, "ts": message.ts, "text": message.text}

    def _ephemeral(self, given: Arguments) -> Answer:
        channel = self._workspace.channel(given.get("channel", ""))
        user = given.get("user", "")
        if user not in self._workspace.users or (channel.is_im and channel.member != user):
            raise Refused("user_not_in_channel")
        check_message(given.get("text"), given.get("blocks"))
        message = self._workspace.add_message(
            channel, BOT_USER, given["text"], blocks=given.get("blocks") or [], only_for=user
        )
        return {"message_ts": message.ts}

    def _permalink(self, given: Arguments) -> Answer:
        channel = self._by_id(given)
        message = self._workspace.message(channel, given.get("message_ts", ""))
        if message.only_for:
            raise Refused("message_not_found")
        thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
        link = f"{WORKSPACE_URL}/archives/{channel.id}/p{message.ts.replace('.', '')}{thread}"
        return {"channel": channel.id, "permalink": link}

    def _open_direct(self, given: Arguments) -> Answer:
        """The conversation with one person."""
        if given.get("users") not in self._workspace.users:
            raise Refused("user_not_found")
        return {"channel": {"id": im_of(given["users"])}, "no_op": True, "already_open": True}

    def _by_id(self, given: Arguments) -> Channel:
        channel = self._workspace.channels.get(str(given.get("channel", "")))
        if channel is None:
            raise Refused("channel_not_found")
        return channel

    def _history(self, given: Arguments) -> Answer:
        return self._messages(given, lambda message: message.thread_ts is None)

    def _replies(self, given: Arguments) -> Answer:
        parent = given.get("ts")
        return self._messages(given, lambda message: parent in (message.ts, message.thread_ts))

    def _messages(self, given: Arguments, wanted: Callable[[Message], bool]) -> Answer:
        channel = self._by_id(given)
        oldest = float(given.get("oldest") or 0)
        found = [
            as_json(message)
            for message in channel.messages.values()
            if wanted(message) and not message.only_for and message.at >= oldest
        ]
        return {"messages": found[::-1][: int(given.get("limit", 100))], "has_more": False}

    def _open(self, given: Arguments) -> Answer:
        user = self._workspace.use_trigger(given.get("trigger_id", ""))
        check_view(given.get("view"))
        view = self._workspace.new_view(given["view"])
        self._workspace.views[user] = [view]
        self._workspace.changed("view", user)
        return {"view": view}

    def _update_view(self, given: Arguments) -> Answer:
        user, old = self._workspace.open_view(given.get("view_id", ""))
        if given.get("hash") and given["hash"] != old["hash"]:
            raise Refused("hash_conflict")
        check_view(given.get("view"))
        view = self._workspace.dressed(given["view"], old["id"])
        self._workspace.views[user] = [view if one is old else one for one in self._workspace.views[user]]
        self._workspace.changed("view", user)
        return {"view": view}

    def _publish(self, given: Arguments) -> Answer:
        user = given.get("user_id", "")
        if user not in self._workspace.users:
            raise Refused("user_not_found")
        check_view(given.get("view"))
        view = self._workspace.new_view(given["view"])
        self._workspace.homes[user] = view
        self._workspace.changed("home", user)
        return {"view": view}

    def _users(self, _: Arguments) -> Answer:
        return {"members": [_user_json(user) for user in self._workspace.users.values()]}

    def _user(self, given: Arguments) -> Answer:
        if given.get("user") not in self._workspace.users:
            raise Refused("user_not_found")
        return {"user": _user_json(self._workspace.users[given["user"]])}


def as_json(message: Message) -> Answer:
    """A message as Slack tells it."""
    told: Answer = {"type": "message", "ts": message.ts, "user": message.user, "text": message.text}
    if message.user == BOT_USER:
        told |= {"bot_id": BOT_ID, "blocks": message.blocks}
    if message.thread_ts:
        told["thread_ts"] = message.thread_ts
    if message.metadata:
        told["metadata"] = message.metadata
    if message.files:
        told |= {"files": [file_json(file) for file in message.files], "upload": True, "display_as_bot": False}
    return told


def _user_json(user: User) -> Answer:
    return {
        "id": user.id,
        "team_id": TEAM,
        "name": user.name.lower(),
        "real_name": user.name,
        "tz": user.timezone,
        "deleted": False,
        "is_bot": False,
        "is_restricted": user.guest,
        "profile": {"display_name": user.name},
    }
