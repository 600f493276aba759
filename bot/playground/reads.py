"""What each person has read, so that the sidebar can say what is new."""

from functools import cached_property

from bot.playground.timeline import visible
from bot.playground.workspace import Channel, Workspace


class Reads:
    """The newest message each person saw in each conversation; what came before the first look counts as read."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._seen: dict[tuple[str, str], float] = {}

    @cached_property
    def _since(self) -> float:
        """The newest message of all when somebody looked at the page for the first time."""
        places = self._workspace.channels.values()
        return max((message.at for place in places for message in place.messages.values()), default=0.0)

    def mark(self, user: str, channel: Channel) -> None:
        """Note that a person sees all that is in a conversation now."""
        newest = max((message.at for message in visible(channel, user)), default=0.0)
        self._seen[user, channel.id] = max(newest, self._seen.get((user, channel.id), self._since))

    def unread(self, user: str, channel: Channel) -> int:
        """How many messages of others, outside threads, a person has not seen yet."""
        seen = self._seen.get((user, channel.id), self._since)
        return sum(
            message.at > seen and message.user != user and not message.thread_ts for message in visible(channel, user)
        )
