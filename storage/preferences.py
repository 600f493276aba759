"""What people chose, and when they were told of late."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select, update

from funnel.preference import HOUR, Preference, next_alert
from storage.rows import upsert
from storage.tables import preference


class Preferences:
    """The preferences of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, user: str, chosen: Preference, now: datetime) -> None:
        row = {"user": user, "chosen": chosen.model_dump(mode="json"), "changed_at": now}
        upsert(self._connection, preference, [row])

    def of(self, users: Iterable[str]) -> dict[str, Preference]:
        """What these people chose, also those who chose nothing."""
        wanted = list(users)
        statement = select(preference.c.user, preference.c.chosen).where(preference.c.user.in_(wanted))
        found = {row.user: Preference.model_validate(row.chosen) for row in self._connection.execute(statement)}
        return {user: found.get(user, Preference()) for user in wanted}

    def take_alert(self, user: str, at: datetime) -> datetime:
        """The moment at which somebody may be told of what comes up at `at`; it is taken by this."""
        statement = select(preference.c.chosen, preference.c.told).where(preference.c.user == user).with_for_update()
        row = self._connection.execute(statement).one_or_none()
        most = Preference.model_validate(row.chosen).most_an_hour if row else None
        if row is None or most is None:
            return at
        told = sorted(datetime.fromisoformat(one) for one in row.told)
        moment = next_alert(told, most, at)
        kept = [one.isoformat() for one in [*told, moment] if one > at - HOUR]
        self._connection.execute(update(preference).where(preference.c.user == user).values(told=kept))
        return moment
