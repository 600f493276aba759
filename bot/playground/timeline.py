"""A conversation as one person sees it: which messages, under which days, with how many replies."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.playground.dates import day_title
from bot.playground.mrkdwn import Reader
from bot.playground.workspace import BOT_USER, Channel, Message

SHOWN = 150
"""Messages of a conversation a page shows: the newest."""

_TOGETHER = timedelta(minutes=5)
"""Plain messages of one author within this time stand under one name."""


@dataclass(frozen=True)
class Row:
    """A message in its place. `day` is set on the first of a day; a `continued` one needs no name again."""

    message: Message
    at: datetime
    day: str = ""
    continued: bool = False
    replies: int = 0

    @property
    def by_bot(self) -> bool:
        return self.message.user == BOT_USER

    @property
    def private(self) -> bool:
        """Whether nobody else sees it."""
        return self.message.only_for is not None


def visible(channel: Channel, user: str) -> list[Message]:
    """All a person may see of a conversation, threads included, oldest first."""
    found = [one for one in list(channel.messages.values()) if one.only_for in {None, user}]
    return sorted(found, key=lambda message: message.at)


def main_rows(channel: Channel, reader: Reader) -> list[Row]:
    """The newest messages outside threads."""
    seen = visible(channel, reader.user)
    replies = Counter(message.thread_ts for message in seen)
    return _rows([message for message in seen if not message.thread_ts][-SHOWN:], reader, replies)


def thread_rows(channel: Channel, ts: str, reader: Reader) -> list[Row]:
    """A message and the replies to it."""
    seen = visible(channel, reader.user)
    return _rows([message for message in seen if ts in {message.ts, message.thread_ts}], reader, Counter())


def _rows(messages: list[Message], reader: Reader, replies: Counter[str | None]) -> list[Row]:
    rows: list[Row] = []
    today = reader.now.astimezone(reader.zone).date()
    for message in messages:
        at = datetime.fromtimestamp(message.at, reader.zone)
        last = rows[-1] if rows else None
        new_day = last is None or last.at.date() != at.date()
        row = Row(
            message,
            at,
            day=day_title(at.date(), today) if new_day else "",
            continued=not new_day and last is not None and _continues(last, message, at),
            replies=replies[message.ts],
        )
        rows.append(row)
    return rows


def _continues(last: Row, message: Message, at: datetime) -> bool:
    same = last.message.user == message.user and last.message.only_for == message.only_for
    return same and not message.blocks and not last.message.blocks and at - last.at < _TOGETHER
