"""The stored history as a test of a policy reads it: all leads, a stretch of ids at a time."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from storage.tables import cycle, lead


class PastCycle(NamedTuple):
    """What became of one cycle; None for what did not happen."""

    lead_id: int
    mql_at: datetime
    accepted_at: datetime | None
    sql_at: datetime | None
    opportunity_at: datetime | None
    customer_at: datetime | None
    closed_at: datetime | None


class Past:
    """The past, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last_lead(self) -> int:
        """The highest id of a lead; 0 when there is none."""
        return self._connection.scalar(select(func.max(lead.c.id))) or 0

    def customers(self, accounts: Iterable[str], before: datetime) -> set[str]:
        """Those of these companies of which somebody had become a customer by then."""
        statement = (
            select(lead.c.account)
            .distinct()
            .join(cycle, cycle.c.lead_id == lead.c.id)
            .where(lead.c.account.in_(list(accounts)), cycle.c.customer_at < before)
        )
        return set(self._connection.scalars(statement))

    def cycles(self, first: int, last: int) -> list[PastCycle]:
        """The cycles of the leads with these ids, both included, each lead's oldest first."""
        columns = [cycle.c[name] for name in PastCycle._fields]
        statement = (
            select(*columns).where(cycle.c.lead_id.between(first, last)).order_by(cycle.c.lead_id, cycle.c.mql_at)
        )
        return [PastCycle(*row) for row in self._connection.execute(statement)]
