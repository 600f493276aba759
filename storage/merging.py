"""Two leads become one: everything of the younger is moved to the older, and its id goes on leading there."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select, update

from funnel.cycle import Cycle
from funnel.lead import Lead
from funnel.lifecycle import Stage
from storage.bulk import update_rows
from storage.rows import batched, upsert
from storage.tables import cycle, engagement, identity, lead, merged_lead, move, two_people


class Merging:
    """The merges of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def move_all(self, younger: Lead, older_id: int, cycles: Sequence[Cycle]) -> None:
        """Give what belongs to a lead to an older one; `cycles` are those of both, in their new order."""
        # Numbers are unique within a lead, so they are taken out of the way before they are given anew.
        for one in cycles:
            self._renumber(one.id, older_id, -one.id)
        for number, one in enumerate(cycles, 1):
            self._renumber(one.id, older_id, number)
        self._drop_doubles(younger.id, older_id)
        for table in (engagement, move, identity):
            self._connection.execute(update(table).where(table.c.lead_id == younger.id).values(lead_id=older_id))
        of_younger = or_(two_people.c.lead_id == younger.id, two_people.c.other_id == younger.id)
        self._connection.execute(delete(two_people).where(of_younger))

    def _drop_doubles(self, younger_id: int, older_id: int) -> None:
        """Delete one of each two engagements that both leads have under one id and kind: the later one."""
        one, other = engagement.alias(), engagement.alias()
        pair = select(one.c.id, one.c.occurred_at, other.c.id, other.c.occurred_at).where(
            one.c.lead_id == younger_id,
            other.c.lead_id == older_id,
            *(one.c[name] == other.c[name] for name in ("source", "event_id", "kind")),
        )
        later = [
            max((at, key), (other_at, other_key))[1] for key, at, other_key, other_at in self._connection.execute(pair)
        ]
        for some in batched(later, 10_000):
            self._connection.execute(delete(engagement).where(engagement.c.id.in_(some)))

    def _renumber(self, cycle_id: int, lead_id: int, number: int) -> None:
        statement = update(cycle).where(cycle.c.id == cycle_id)
        self._connection.execute(statement.values(lead_id=lead_id, number=number))

    def bury(self, younger: Lead, older_id: int, actor: str, now: datetime) -> None:
        """Keep what was known of a lead whose id leads to another from now on."""
        into = update(merged_lead).where(merged_lead.c.into_id == younger.id).values(into_id=older_id)
        self._connection.execute(into)
        row = {
            "id": younger.id,
            "into_id": older_id,
            "facts": younger.facts._asdict(),
            "source": younger.source,
            "first_seen_at": younger.first_seen_at,
            "actor": actor,
            "at": now,
        }
        # Where an older version gave an id twice, whoever had it last is whom it leads to.
        upsert(self._connection, merged_lead, [row])
        self._connection.execute(delete(lead).where(lead.c.id == younger.id))

    def settle(self, one: Lead, stage: Stage, wake_at: datetime | None) -> None:
        """Store where the one lead stands that both have become."""
        columns = ("stage", "wake_at", "prospect_at")
        update_rows(self._connection, lead, columns, [(one.id, stage.value, wake_at, one.prospect_at)])
