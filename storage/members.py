"""What Slack says of people."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, func, select, update

from storage.rows import upsert
from storage.tables import member


class Member(BaseModel):
    """A Slack user: the name people see, the IANA time zone, and whether they are a guest, a stranger or gone."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    timezone: str | None
    outsider: bool


MembersVersion = tuple[int, datetime | None]
"""How many people are known, and when anything of anybody was learned last (UTC): another when anything changed."""


class Members:
    """The members of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, members: Sequence[Member], now: datetime) -> None:
        """Store what Slack says of people, under a later time than all that is stored: clocks of replicas differ."""
        _, newest = self.version()
        at = now if newest is None else max(now, newest + timedelta.resolution)
        upsert(self._connection, member, [one.model_dump() | {"fetched_at": at} for one in members])

    def moved(self, members: Sequence[Member]) -> list[str]:
        """Those of these who were known to live in another time zone."""
        known = self.all()
        return [one.id for one in members if one.id in known and known[one.id].timezone != one.timezone]

    def version(self) -> MembersVersion:
        """By which a replica sees that another has learned something."""
        statement = select(func.count(), func.max(member.c.fetched_at)).select_from(member)
        count, newest = self._connection.execute(statement).one()
        return count, newest

    def mark_home(self, user: str, now: datetime) -> None:
        """Note that a person has opened their App Home, so that it is kept up to date from now on."""
        self._connection.execute(update(member).where(member.c.id == user).values(home_opened_at=now))

    def with_home_since(self, at: datetime) -> list[str]:
        """Who opened their App Home after a moment."""
        return list(self._connection.scalars(select(member.c.id).where(member.c.home_opened_at > at)))

    def has_home(self, user: str) -> bool:
        """Whether a person has ever opened their App Home."""
        opened = select(member.c.id).where(member.c.id == user, member.c.home_opened_at.is_not(None))
        return self._connection.scalar(opened) is not None

    def some(self, users: Iterable[str]) -> dict[str, Member]:
        """Those of these people who are known, by user id."""
        rows = self._connection.execute(select(member).where(member.c.id.in_(list(users)))).mappings()
        return {row["id"]: Member(**{name: row[name] for name in Member.model_fields}) for row in rows}

    def all(self) -> dict[str, Member]:
        """Everybody known, by user id."""
        rows = self._connection.execute(select(member)).mappings()
        return {row["id"]: Member(**{name: row[name] for name in Member.model_fields}) for row in rows}
