"""The cards that stand in Slack."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from funnel.notices import MessageRef
from storage.rows import insert_one
from storage.tables import cycle, post


class Posts:
    """The posts of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, cycle_id: int, message: MessageRef, now: datetime) -> bool:
        """Remember a card; False when it was known."""
        row = {"channel": message.channel, "ts": message.ts, "cycle_id": cycle_id, "posted_at": now}
        return insert_one(self._connection, post, row)

    def remove(self, message: MessageRef) -> None:
        """Forget a card that stands no more."""
        here = (post.c.channel == message.channel, post.c.ts == message.ts)
        self._connection.execute(delete(post).where(*here))

    def of_cycle(self, cycle_id: int) -> list[MessageRef]:
        """The cards of a cycle, the newest first: the one that counts, then any doubles."""
        statement = select(post.c.channel, post.c.ts).where(post.c.cycle_id == cycle_id)
        found = [MessageRef(channel=channel, ts=ts) for channel, ts in self._connection.execute(statement)]
        return sorted(found, key=lambda message: float(message.ts), reverse=True)

    def channel_id(self, route_channel: str) -> str | None:
        """The id under which cards for a route's channel (a #name) were posted, once one was."""
        statement = (
            select(post.c.channel)
            .join(cycle, cycle.c.id == post.c.cycle_id)
            .where(cycle.c.channel == route_channel)
            .order_by(post.c.posted_at.desc())
            .limit(1)
        )
        found: str | None = self._connection.scalar(statement)
        return found
