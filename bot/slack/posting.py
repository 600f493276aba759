"""Posting a message once, also after a try whose outcome is unknown."""

import logging

from bot.slack.gateway import Gateway, SlackTrouble
from bot.slack.words import Block
from funnel.notices import MessageRef
from storage.outbox import Letter
from storage.store import Store

log = logging.getLogger(__name__)


class Dropped(Exception):
    """There is nothing left to say."""


class Poster:
    """Posts the messages of letters."""

    def __init__(self, store: Store, gateway: Gateway) -> None:
        self._store, self._gateway = store, gateway

    def post(
        self,
        letter: Letter,
        channel: str,
        text: str,
        blocks: list[Block] | None,
        thread_ts: str | None = None,
        *,
        also_channel: bool = False,
    ) -> MessageRef:
        """Post once: after a try whose outcome is unknown, the message is looked for before it is sent again."""
        if letter.uncertain:
            found = self._find(letter, channel, thread_ts)
            if found:
                return found
        return self._gateway.post(channel, text, blocks, letter.key, thread_ts, also_channel=also_channel)

    def _find(self, letter: Letter, channel: str, thread_ts: str | None) -> MessageRef | None:
        """The message an earlier try may have left; history is read by the id of a conversation, never by its name."""
        if channel.startswith("#"):
            with self._store.read() as tx:
                channel = tx.posts.channel_id(channel) or channel
        try:
            if channel.startswith(("U", "W")):
                channel = self._gateway.direct_channel(channel)
            return self._gateway.find_post(channel, letter.key, letter.created_at, thread_ts)
        except SlackTrouble as trouble:
            if trouble.passing:
                raise
            # Where history cannot be read, a lead posted twice is better than one posted never; a double mends itself.
            log.warning("cannot look for notice %s: %s; sending it again", letter.id, trouble.code)
            return None
