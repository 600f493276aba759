"""What leads did: each event once, by the system it came from, its id there, whose it is and of which kind."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, select, update

from funnel.lead import Engagement
from storage.bulk import insert_new_rows, insert_rows
from storage.rows import batched
from storage.tables import engagement, lead

Key = tuple[str, int, str]
"""The event id, the lead id and the kind by which an engagement of a source is known."""
_KEY = ("event_id", "lead_id", "kind")


class Engagements:
    """The engagements of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, events: Sequence[tuple[int, Engagement]], source: str, now: datetime) -> list[bool]:
        """Store (lead id, engagement) pairs that are new; for each, in their order, whether it was.

        An event id tells one thing of a kind that one person did: the second of two such is not new.
        """
        first: dict[Key, int] = {}
        for place, (lead_id, event) in enumerate(events):
            if event.event_id is not None:
                first.setdefault((event.event_id, lead_id, event.kind), place)
        new = set(self._new(first, [_row(*events[place], source, now) for place in first.values()]))
        nameless = [_row(*one, source, now) for one in events if one[1].event_id is None]
        insert_rows(self._connection, engagement, _COLUMNS, nameless)
        places = {first[key] for key in new}
        return [event.event_id is None or place in places for place, (_, event) in enumerate(events)]

    def _new(self, keys: Iterable[Key], rows: Sequence[tuple[Any, ...]]) -> Iterable[Key]:
        """Insert the rows with these keys that are not stored yet; the keys of those that went in."""
        if self._connection.dialect.name != "sqlite":
            return insert_new_rows(self._connection, engagement, _COLUMNS, rows, _KEY)
        # The transaction is the only writer, so what is not there now cannot be there a moment later.
        known = self._known(rows[0][_COLUMNS.index("source")], {key[0] for key in keys}) if rows else set()
        new = {key: row for key, row in zip(keys, rows, strict=True) if key not in known}
        insert_rows(self._connection, engagement, _COLUMNS, new.values())
        return new

    def _known(self, source: str, event_ids: Iterable[str]) -> set[Key]:
        """The keys of what is stored under these event ids of a system."""
        found: set[Key] = set()
        for some in batched(event_ids, 10_000):
            statement = select(*(engagement.c[name] for name in _KEY)).where(
                engagement.c.source == source, engagement.c.event_id.in_(some)
            )
            found |= {(row.event_id, row.lead_id, row.kind) for row in self._connection.execute(statement)}
        return found

    def touch(self, newest: dict[int, datetime]) -> None:
        """Note the newest activity of leads, by id."""
        if newest:
            rows = [{"_id": lead_id, "_at": at} for lead_id, at in sorted(newest.items())]
            self._connection.execute(_TOUCH, rows)

    def of(self, lead_ids: Iterable[int]) -> dict[int, list[Engagement]]:
        """The engagements of leads, oldest first."""
        statement = (
            select(engagement)
            .where(engagement.c.lead_id.in_(list(lead_ids)))
            .order_by(engagement.c.lead_id, engagement.c.occurred_at)
        )
        found: dict[int, list[Engagement]] = defaultdict(list)
        for row in self._connection.execute(statement).mappings():
            event = Engagement(**{name: row[name] for name in Engagement.model_fields})
            found[row["lead_id"]].append(event)
        return found


_AT = bindparam("_at", type_=lead.c.last_activity_at.type)
_TOUCH = (
    update(lead)
    .where(lead.c.id == bindparam("_id"))
    .values(last_activity_at=case((lead.c.last_activity_at < _AT, _AT), else_=lead.c.last_activity_at))
)


_COLUMNS = ("lead_id", "kind", "occurred_at", "received_at", "source", "event_id", "properties")


def _row(lead_id: int, event: Engagement, source: str, now: datetime) -> tuple[Any, ...]:
    return lead_id, event.kind, event.occurred_at, now, source, event.event_id, event.properties
