"""Leads that may be one person, and leads of one company; each question is one look into an index."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from funnel.lead import Lead
from storage.rows import insert_one, to_lead
from storage.tables import cycle, lead, two_people

_LET_GO = ("rejected", "disqualified", "recycled")


class Lookalikes:
    """The likenesses of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, one: Lead, limit: int = 3) -> list[Lead]:
        """Leads with the same phone number, or the same name at the same company; not those said to be others."""
        facts, likenesses = one.facts, []
        if facts.phone:
            likenesses.append(lead.c.phone == facts.phone)
        if facts.account and facts.name:
            same_name = func.lower(lead.c.name) == facts.name.lower()
            likenesses.append(and_(lead.c.account == facts.account, same_name))
        if not likenesses:
            return []
        statement = select(lead).where(or_(*likenesses), lead.c.id.not_in([one.id, *self._others(one.id)]))
        rows = self._connection.execute(statement.order_by(lead.c.id).limit(limit)).mappings()
        return [to_lead(row) for row in rows]

    def _others(self, lead_id: int) -> Sequence[int]:
        """Those that somebody said are not this person."""
        rows = self._connection.execute(
            select(two_people.c.lead_id, two_people.c.other_id).where(
                or_(two_people.c.lead_id == lead_id, two_people.c.other_id == lead_id)
            )
        )
        return [other if one == lead_id else one for one, other in rows]

    def are_two(self, one: int, other: int, actor: str, now: datetime) -> None:
        """Note that two leads are two people."""
        low, high = sorted((one, other))
        insert_one(self._connection, two_people, {"lead_id": low, "other_id": high, "actor": actor, "at": now})

    def place_in_account(self, one: Lead) -> int:
        """1 for the first lead of its company, 2 for the second; 0 when no company is known."""
        if one.facts.account is None:
            return 0
        earlier = or_(
            lead.c.first_seen_at < one.first_seen_at,
            and_(lead.c.first_seen_at == one.first_seen_at, lead.c.id < one.id),
        )
        before = select(func.count()).where(lead.c.account == one.facts.account, earlier)
        return (self._connection.scalar(before) or 0) + 1

    def colleague(self, one: Lead) -> str | None:
        """Who owns the oldest lead of the same company that is being worked on or was won."""
        if one.facts.account is None:
            return None
        statement = (
            select(cycle.c.owner)
            .join(lead, lead.c.id == cycle.c.lead_id)
            .where(
                lead.c.account == one.facts.account,
                lead.c.id != one.id,
                cycle.c.owner.is_not(None),
                cycle.c.stage.not_in(_LET_GO),
            )
            .order_by(lead.c.first_seen_at, lead.c.id)
            .limit(1)
        )
        owner: str | None = self._connection.scalar(statement)
        return owner
