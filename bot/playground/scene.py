"""What one page shows: a person, a conversation, perhaps a thread, a modal, a home."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from bot.playground.mrkdwn import Reader
from bot.playground.reads import Reads
from bot.playground.timeline import Row, main_rows, thread_rows
from bot.playground.workspace import BOT_USER, Channel, User, Workspace, im_of

BOT = User(BOT_USER, "Baton", "app", color="#0d3b3e")

HINTS = [
    ("/lead new", "Add a lead by hand"),
    ("/lead mine", "The leads in your hands"),
    ("/lead open", "Leads that wait to be claimed"),
    ("/lead next", "The one that waits longest"),
    ("/lead find ", "By name, company or e-mail address"),
    ("/lead show ", "Everything about one lead"),
    ("/lead why ", "Its score, reason by reason"),
    ("/lead help", "What Baton can do for you"),
    ("/funnel this month by source", "The numbers, in a chart and a table"),
    ("/funnel last month by source", "The same, a month earlier"),
]
"""Commands the composer offers, and what they do."""


@dataclass(frozen=True)
class Line:
    """A conversation in the sidebar."""

    channel: Channel
    unread: int
    current: bool


@dataclass(frozen=True)
class Person:
    """Somebody in the switcher; `path` leads to the same place in their eyes."""

    user: User
    path: str
    unread: int
    current: bool


class Scene:
    """Read lazily by the templates, so that a part of a page costs only what it shows."""

    hints = HINTS

    def __init__(
        self, workspace: Workspace, reads: Reads, user: User, channel: Channel, thread: str = "", tab: str = ""
    ) -> None:
        self._workspace, self._reads = workspace, reads
        self.me, self.channel = user, channel
        self.thread = thread if thread in channel.messages else ""
        self.tab = tab if channel.is_im else ""
        self.reader = Reader(
            user.id,
            ZoneInfo(user.timezone),
            workspace.clock(),
            {one.id: one.name for one in [*workspace.users.values(), BOT]},
            {one.id: one.name for one in workspace.channels.values() if not one.is_im},
        )

    @property
    def title(self) -> str:
        return "Baton" if self.channel.is_im else f"# {self.channel.name}"

    @property
    def rows(self) -> list[Row]:
        """The messages of the conversation; to read them marks them as read."""
        self._reads.mark(self.me.id, self.channel)
        return main_rows(self.channel, self.reader)

    @property
    def thread_rows(self) -> list[Row]:
        return thread_rows(self.channel, self.thread, self.reader)

    @property
    def view(self) -> dict[str, Any] | None:
        """The modal on top."""
        stack = self._workspace.views[self.me.id]
        return stack[-1] if stack else None

    @property
    def home(self) -> dict[str, Any] | None:
        return self._workspace.homes.get(self.me.id)

    @property
    def channels(self) -> Iterator[Line]:
        return (self._line(one) for one in self._workspace.channels.values() if not one.is_im and not one.archived)

    @property
    def bot_line(self) -> Line:
        return self._line(self._workspace.channels[im_of(self.me.id)])

    @property
    def people(self) -> Iterator[Person]:
        for user in self._workspace.users.values():
            own = self._workspace.channels[im_of(user.id)]
            there = own if self.channel.is_im else self.channel
            yield Person(user, f"/as/{user.id}/{there.id}", self._reads.unread(user.id, own), user is self.me)

    def author(self, row: Row) -> User:
        if row.by_bot:
            return BOT
        return self._workspace.users.get(row.message.user) or User(row.message.user, row.message.user)

    @property
    def mentionable(self) -> list[str]:
        return ["Baton", *(user.name for user in self._workspace.users.values() if user is not self.me)]

    def _line(self, channel: Channel) -> Line:
        shown = channel is self.channel and self.tab != "home"
        return Line(channel, 0 if shown else self._reads.unread(self.me.id, channel), channel is self.channel)
