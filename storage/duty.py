"""Changes of hands, absences, and since when somebody takes turns."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from funnel.business_hours import Span
from funnel.lifecycle import Stage
from funnel.routing import Considered, Handover
from storage.rows import insert_new
from storage.tables import absence, cycle, handover, turn

_LEADS_OF = 5_021  # any number that no other pair of locks begins with


class Absence(NamedTuple):
    """Time away, [since, until), UTC; `kind` is absence or pause."""

    id: int
    user: str
    since: datetime
    until: datetime
    kind: str


def _handover(row: dict[str, Any]) -> Handover:
    return Handover(**row | {"considered": [Considered.model_validate(one) for one in row["considered"]]})


class Duty:
    """Who had which lead and who is there, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hand_over(self, changes: Sequence[Handover]) -> None:
        """Note changes of hands."""
        rows = [
            one._asdict()
            | {"considered": [other.model_dump() for other in one.considered], "before": dict(one.before)}
            | {"credited": False}
            for one in changes
        ]
        if rows:
            self._connection.execute(insert(handover), rows)

    def last_handover(self, cycle_id: int) -> Handover | None:
        """The newest change of hands of a cycle."""
        found = self.handovers(cycle_id)
        return found[-1] if found else None

    def handovers(self, cycle_id: int) -> list[Handover]:
        """All changes of hands of a cycle, the oldest first."""
        columns = [handover.c[name] for name in Handover._fields]
        rows = self._connection.execute(select(*columns).where(handover.c.cycle_id == cycle_id).order_by(handover.c.id))
        return [_handover(row._asdict()) for row in rows]

    def credit(self, cycle_ids: Iterable[int]) -> None:
        """Count these leads against nobody's turn: they were none."""
        ids = list(cycle_ids)
        if ids:
            self._connection.execute(update(handover).where(handover.c.cycle_id.in_(ids)).values(credited=True))

    def count_again(self, cycle_id: int) -> None:
        """Count a lead against those who were given it after all."""
        self._connection.execute(update(handover).where(handover.c.cycle_id == cycle_id).values(credited=False))

    def given(self, team: str, since: datetime) -> dict[str, int]:
        """How many leads a team's rotation gave each person since a moment, but for those that were none."""
        statement = (
            select(handover.c.new_owner, func.count())
            .where(handover.c.team == team, handover.c.at >= since, handover.c.credited.is_(False))
            .group_by(handover.c.new_owner)
        )
        return {user: count for user, count in self._connection.execute(statement) if user is not None}

    def alone_with(self, user: str) -> None:
        """Let nobody else count or change how many leads somebody holds until this transaction ends."""
        if self._connection.dialect.name != "sqlite":  # where one transaction writes at a time
            self._connection.execute(select(func.pg_advisory_xact_lock(_LEADS_OF, func.hashtext(user))))

    def holding(self, users: Iterable[str]) -> dict[str, int]:
        """How many leads each of these people holds without a decision."""
        statement = (
            select(cycle.c.owner, func.count())
            .where(cycle.c.owner.in_(list(users)), cycle.c.stage == Stage.ACCEPTED)
            .group_by(cycle.c.owner)
        )
        return {row.owner: row[1] for row in self._connection.execute(statement)}

    def takes_turns(self, team: str, users: Iterable[str], now: datetime) -> dict[str, datetime]:
        """Since when each of these people takes turns in a team; whoever is new does from now on."""
        known = self.turns(team)
        new = [{"team": team, "user": user, "since": now} for user in users if user not in known]
        insert_new(self._connection, turn, new)
        return self.turns(team) if new else known

    def turns(self, team: str) -> dict[str, datetime]:
        """Since when people take turns in a team."""
        rows = self._connection.execute(select(turn.c.user, turn.c.since).where(turn.c.team == team))
        return {row.user: row.since for row in rows}

    def away(self, users: Iterable[str], since: datetime, until: datetime) -> dict[str, tuple[Span, ...]]:
        """When these people were or will be away within [since, until)."""
        statement = (
            select(absence.c.user, absence.c.since, absence.c.until)
            .where(absence.c.user.in_(list(users)), absence.c.until > since, absence.c.since < until)
            .order_by(absence.c.since)
        )
        found: dict[str, tuple[Span, ...]] = {}
        for user, begins, ends in self._connection.execute(statement):
            found[user] = (*found.get(user, ()), Span(begins, ends))
        return found

    def add_absence(self, user: str, since: datetime, until: datetime, kind: str, actor: str) -> None:
        row = {"user": user, "since": since, "until": until, "kind": kind, "actor": actor}
        self._connection.execute(insert(absence), row)

    def end_absences(self, user: str, kind: str, now: datetime) -> bool:
        """Have somebody back from what began before now; whether they were away."""
        ended = update(absence).where(
            absence.c.user == user, absence.c.kind == kind, absence.c.since <= now, absence.c.until > now
        )
        return self._connection.execute(ended.values(until=now)).rowcount > 0

    def cancel_absences(self, user: str, now: datetime) -> bool:
        """Forget the absences of somebody that are still to come; whether there were any."""
        planned = delete(absence).where(absence.c.user == user, absence.c.since > now)
        return self._connection.execute(planned).rowcount > 0

    def absences(self, user: str, after: datetime) -> list[Absence]:
        """Somebody's absences and pauses that are not over at a moment."""
        columns = [absence.c[name] for name in Absence._fields]
        statement = select(*columns).where(absence.c.user == user, absence.c.until > after).order_by(absence.c.since)
        return [Absence(*row) for row in self._connection.execute(statement)]
