"""Leads, the names they are known by, and what they did."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, or_, select, update

from funnel.lead import EMAIL, FACTS, Engagement, Facts, Lead
from funnel.lifecycle import Stage
from storage.rows import allocate_ids, insert_new, to_lead
from storage.tables import engagement, identity, lead

Identity = tuple[str, str]


class Leads:
    """The leads of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def resolve(self, identities: Iterable[Identity]) -> dict[Identity, int]:
        """The lead ids of those (namespace, key) pairs that are known."""
        by_namespace: dict[str, list[str]] = defaultdict(list)
        for namespace, key in identities:
            by_namespace[namespace].append(key)
        found: dict[Identity, int] = {}
        for namespace, keys in by_namespace.items():
            rows = self._connection.execute(
                select(identity.c.key, identity.c.lead_id).where(
                    identity.c.namespace == namespace, identity.c.key.in_(keys)
                )
            )
            found.update({(namespace, key): lead_id for key, lead_id in rows})
        return found

    def name(self, pairs: dict[Identity, int]) -> None:
        """Make leads known under further (namespace, key) pairs."""
        if pairs:
            rows = [
                {"namespace": namespace, "key": key, "lead_id": lead_id}
                for (namespace, key), lead_id in sorted(pairs.items())
            ]
            self._connection.execute(insert(identity), rows)

    def new_ids(self, count: int) -> list[int]:
        return allocate_ids(self._connection, lead, count) if count else []

    def add(self, leads: Sequence[Lead], received_at: datetime, rescore_at: datetime | None) -> None:
        """Store new leads under the ids they carry."""
        if leads:
            rows = [_row(new) | {"received_at": received_at, "rescore_at": rescore_at} for new in leads]
            self._connection.execute(insert(lead), rows)

    def get(self, lead_id: int) -> Lead | None:
        return self.get_many([lead_id]).get(lead_id)

    def get_many(self, lead_ids: Iterable[int], *, to_change: bool = False) -> dict[int, Lead]:
        """Leads by id; those that are read to be changed are locked against others, in one order for all."""
        statement = select(lead).where(lead.c.id.in_(list(lead_ids))).order_by(lead.c.id)
        if to_change:
            statement = statement.with_for_update()
        rows = self._connection.execute(statement).mappings()
        return {row["id"]: to_lead(row) for row in rows}

    def save_facts(self, changed: Sequence[tuple[int, Facts, datetime]], now: datetime) -> None:
        """Store facts and newest activity of known leads, and make them due for scoring at `now`."""
        if changed:
            rows = [
                _facts_row(facts) | {"_id": lead_id, "last_activity_at": at, "rescore_at": now}
                for lead_id, facts, at in changed
            ]
            values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "_id"}
            self._connection.execute(update(lead).where(lead.c.id == bindparam("_id")).values(values), rows)

    def add_engagements(self, events: Sequence[tuple[int, Engagement]], source: str, now: datetime) -> None:
        """Store engagements once each by (source, event id), and make their leads due for scoring."""
        rows = [
            event.model_dump() | {"lead_id": lead_id, "source": source, "received_at": now} for lead_id, event in events
        ]
        insert_new(self._connection, engagement, rows)
        newest: dict[int, datetime] = {}
        for lead_id, event in events:
            newest[lead_id] = max(event.occurred_at, newest.get(lead_id, event.occurred_at))
        touched = [{"_id": lead_id, "_at": at, "_now": now} for lead_id, at in sorted(newest.items())]
        if touched:
            self._connection.execute(_TOUCH, touched)

    def engagements(self, lead_ids: Iterable[int]) -> dict[int, list[Engagement]]:
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

    def has_due(self, now: datetime) -> bool:
        """Whether any lead waits to be scored; one look into an index."""
        return self._connection.scalar(select(lead.c.id).where(lead.c.rescore_at <= now).limit(1)) is not None

    def due(self, now: datetime, limit: int) -> list[Lead]:
        """Leads that wait to be scored, longest waiting first, locked against other scorers."""
        statement = (
            select(lead)
            .where(lead.c.rescore_at <= now)
            .order_by(lead.c.rescore_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [to_lead(row) for row in self._connection.execute(statement).mappings()]

    def put_off_scoring(self, lead_id: int, until: datetime) -> None:
        self._connection.execute(update(lead).where(lead.c.id == lead_id).values(rescore_at=until))

    def save_scores(self, rows: Sequence[dict[str, Any]]) -> None:
        """Store scores: rows of `lead_id`, fit, behaviour, stage, scored_at, rescore_at, wake_at, prospect_at."""
        if rows:
            values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "lead_id"}
            statement = update(lead).where(lead.c.id == bindparam("lead_id")).values(values)
            self._connection.execute(statement, list(rows))

    def set_stage(self, lead_id: int, stage: Stage) -> None:
        self._connection.execute(_SET_STAGE, {"_id": lead_id, "_stage": stage})

    def set_stages(self, stages: dict[int, Stage]) -> None:
        """Set the stages of many leads, by id."""
        if stages:
            rows = [{"_id": lead_id, "_stage": stage} for lead_id, stage in sorted(stages.items())]
            self._connection.execute(_SET_STAGE, rows)

    def set_prospect_days(self, days: dict[int, datetime]) -> None:
        """Set the day leads became prospects, by id."""
        for lead_id, at in days.items():
            self._connection.execute(update(lead).where(lead.c.id == lead_id).values(prospect_at=at))

    def set_aside(self, lead_id: int, stage: Stage, wake_at: datetime | None) -> None:
        """Take a lead out of the way until `wake_at`, or for good."""
        self._connection.execute(
            update(lead).where(lead.c.id == lead_id).values(stage=stage, wake_at=wake_at, rescore_at=wake_at)
        )

    def find(self, text: str, limit: int = 20) -> list[Lead]:
        """Leads known by this id or e-mail address, else those whose name, company or address contains it."""
        exact = self._exact(text)
        if exact:
            return [exact]
        pattern = f"%{_literal(text.lower())}%"
        columns = (lead.c.name, lead.c.company, lead.c.email)
        matches = or_(*(func.lower(column).like(pattern, escape="\\") for column in columns))
        statement = select(lead).where(matches).order_by(lead.c.last_activity_at.desc()).limit(limit)
        return [to_lead(row) for row in self._connection.execute(statement).mappings()]

    def _exact(self, text: str) -> Lead | None:
        if text.isdecimal() and len(text) < 19:
            return self.get(int(text))
        known = self.resolve([(EMAIL, text.lower())])
        return self.get(known[EMAIL, text.lower()]) if known else None

    def latest(self, stage: Stage | None, source: str | None, limit: int) -> list[Lead]:
        """Leads by newest activity."""
        statement = select(lead).order_by(lead.c.last_activity_at.desc(), lead.c.id.desc()).limit(limit)
        if stage:
            statement = statement.where(lead.c.stage == stage)
        if source is not None:
            statement = statement.where(lead.c.source == source)
        return [to_lead(row) for row in self._connection.execute(statement).mappings()]

    def count_by_stage(self) -> dict[str, int]:
        rows = self._connection.execute(select(lead.c.stage, func.count().label("leads")).group_by(lead.c.stage))
        return {row.stage: row.leads for row in rows}


_SET_STAGE = update(lead).where(lead.c.id == bindparam("_id")).values(stage=bindparam("_stage"))
_AT = bindparam("_at", type_=lead.c.last_activity_at.type)
_TOUCH = (
    update(lead)
    .where(lead.c.id == bindparam("_id"))
    .values(
        rescore_at=bindparam("_now", type_=lead.c.rescore_at.type),
        last_activity_at=case(
            (lead.c.last_activity_at < _AT, _AT),
            else_=lead.c.last_activity_at,
        ),
    )
)


def _facts_row(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in (*FACTS, "domain", "attributes")}


def _row(new: Lead) -> dict[str, Any]:
    plain = new.model_dump(exclude={"facts"})
    return plain | _facts_row(new.facts)


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
