"""What leads did: each event once, by the system it came from and its id there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, select, update

from funnel.lead import Engagement
from storage.bulk import insert_new_rows, insert_rows
from storage.rows import batched
from storage.tables import engagement, lead


class Engagements:
    """The engagements of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, events: Sequence[tuple[int, Engagement]], source: str, now: datetime) -> list[tuple[int, Engagement]]:
        """Store (lead id, engagement) pairs; those that were not known before by source and event id."""
        by_id: dict[str, tuple[int, Engagement]] = {}
        nameless = []
        for lead_id, event in events:
            if event.event_id is None:
                nameless.append((lead_id, event))
            else:
                by_id.setdefault(event.event_id, (lead_id, event))
        rows = [_row(*one, source, now) for one in nameless]
        if self._connection.dialect.name == "sqlite":
            # The transaction is the only writer, so what is not there now cannot be there a moment later.
            new = [by_id[event_id] for event_id in by_id.keys() - self._known(source, by_id)]
            rows += [_row(*one, source, now) for one in new]
        else:
            named = [_row(*one, source, now) for one in by_id.values()]
            new = [by_id[one] for one in insert_new_rows(self._connection, engagement, _COLUMNS, named, "event_id")]
        insert_rows(self._connection, engagement, _COLUMNS, rows)
        return nameless + new

    def _known(self, source: str, event_ids: Iterable[str]) -> set[str]:
        """Those event ids of a system that are stored."""
        found: set[str] = set()
        for some in batched(event_ids, 10_000):
            statement = select(engagement.c.event_id).where(
                engagement.c.source == source, engagement.c.event_id.in_(some)
            )
            found |= set(self._connection.scalars(statement))
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
