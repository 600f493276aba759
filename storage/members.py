"""What Slack says of people."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, select

from storage.rows import upsert
from storage.tables import member


class Member(BaseModel):
    """A Slack user: the name people see, the IANA time zone, and whether they are a guest, a stranger or gone."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    timezone: str | None
    outsider: bool


class Members:
    """The members of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, members: Sequence[Member], now: datetime) -> None:
        upsert(self._connection, member, [one.model_dump() | {"fetched_at": now} for one in members])

    def all(self) -> dict[str, Member]:
        """Everybody known, by user id."""
        rows = self._connection.execute(select(member)).mappings()
        return {row["id"]: Member(**{name: row[name] for name in Member.model_fields}) for row in rows}
