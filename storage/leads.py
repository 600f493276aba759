"""Leads, and the names they are known by."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Connection, bindparam, case, func, or_, select, update

from funnel.consent import Consent
from funnel.lead import EMAIL, Draft, Facts, Lead
from funnel.lifecycle import Stage
from storage.bulk import fetch_rows, insert_rows, update_rows
from storage.lead_counts import fold, leads_by_stage
from storage.rows import allocate_ids, batched, insert_new, to_lead
from storage.tables import SEARCHED, identity, lead, merged_lead

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
            for some in batched(keys, 10_000):
                statement, values = self._named(some)
                rows = fetch_rows(self._connection, statement, (namespace, *values))
                found.update({(namespace, key): lead_id for key, lead_id in rows})
        return found

    def _named(self, keys: list[str]) -> tuple[str, list[Any]]:
        """The query for names in a namespace as the driver takes it, and its parameters behind the namespace."""
        if self._connection.dialect.name == "sqlite":
            return f"{_NAMED} = ? AND key IN ({', '.join('?' * len(keys))})", keys
        return f"{_NAMED} = %s AND key = ANY(%s)", [keys]

    def name(self, pairs: dict[Identity, int]) -> None:
        """Make leads known under further (namespace, key) pairs."""
        rows = [(namespace, key, lead_id) for (namespace, key), lead_id in sorted(pairs.items())]
        insert_rows(self._connection, identity, ("namespace", "key", "lead_id"), rows)

    def name_if_free(self, pairs: dict[Identity, int]) -> None:
        """The same, but for pairs that are somebody's already."""
        rows = [
            {"namespace": namespace, "key": key, "lead_id": lead_id}
            for (namespace, key), lead_id in sorted(pairs.items())
        ]
        insert_new(self._connection, identity, rows)

    def names_of(self, lead_id: int) -> list[Identity]:
        """The (namespace, key) pairs a lead is known by."""
        rows = self._connection.execute(select(identity).where(identity.c.lead_id == lead_id).order_by(identity.c.key))
        return [(row.namespace, row.key) for row in rows]

    def new_ids(self, count: int) -> list[int]:
        return allocate_ids(self._connection, lead, count) if count else []

    def add(self, drafts: Mapping[int, Draft], received_at: datetime, rescore_at: datetime | None) -> None:
        """Store the leads that first drafts make, by the ids they are to have."""
        rows = [_row(lead_id, draft, received_at, rescore_at) for lead_id, draft in drafts.items()]
        insert_rows(self._connection, lead, _NEW_COLUMNS, rows)

    def get(self, lead_id: int) -> Lead | None:
        """The lead of an id, also of one that was merged into another."""
        found = self.get_many([lead_id]).get(lead_id)
        return found or self._merged(lead_id)

    def _merged(self, lead_id: int) -> Lead | None:
        into = self._connection.scalar(select(merged_lead.c.into_id).where(merged_lead.c.id == lead_id))
        return None if into is None else self.get_many([into]).get(into)

    def get_many(self, lead_ids: Iterable[int], *, to_change: bool = False) -> dict[int, Lead]:
        """Leads by id; those that are read to be changed are locked against others, in one order for all."""
        statement = select(lead).where(lead.c.id.in_(list(lead_ids))).order_by(lead.c.id)
        if to_change:
            statement = statement.with_for_update()
        rows = self._connection.execute(statement).mappings()
        return {row["id"]: to_lead(row) for row in rows}

    def now_known_as(self, lead_ids: Iterable[int]) -> dict[int, int]:
        """The ids of the leads that stand for these by now: the same, or what they were merged into.

        A lead that is there comes before a merged one of its id, which older versions could give once more.
        """
        asked = list(lead_ids)
        moved = select(merged_lead.c.id, merged_lead.c.into_id).where(merged_lead.c.id.in_(asked))
        known = {row.id: row.into_id for row in self._connection.execute(moved)}
        rows = self._connection.execute(select(lead.c.id).where(lead.c.id.in_(asked)))
        return known | {lead_id: lead_id for (lead_id,) in rows}

    def save_facts(self, changed: Sequence[Lead], now: datetime) -> None:
        """Store facts, consent, first and newest trace of known leads, and make them due for scoring at `now`."""
        rows = [
            (
                one.id,
                *one.facts,
                one.facts.domain,
                *_consent(one.statement),
                *(getattr(one, name) for name in _TRACES),
                now,
            )
            for one in changed
        ]
        columns = (*_FACT_COLUMNS, *_CONSENT_COLUMNS, *_TRACES, "rescore_at")
        update_rows(self._connection, lead, columns, rows)

    def set_stage(self, lead_id: int, stage: Stage) -> None:
        self._connection.execute(_SET_STAGE, {"_id": lead_id, "_stage": stage})

    def set_stages(self, stages: dict[int, Stage]) -> None:
        """Set the stages of many leads, by id."""
        if stages:
            rows = [{"_id": lead_id, "_stage": stage} for lead_id, stage in sorted(stages.items())]
            self._connection.execute(_SET_STAGE, rows)

    def set_prospect_days(self, days: Mapping[int, datetime | None]) -> None:
        """Set the day leads became prospects, by id."""
        for lead_id, at in days.items():
            self._connection.execute(update(lead).where(lead.c.id == lead_id).values(prospect_at=at))

    def set_aside(self, lead_id: int, stage: Stage, wake_at: datetime | None) -> None:
        """Take a lead out of the way until `wake_at`, or for good; one that is due to be scored stays so."""
        due = lead.c.rescore_at
        again = due if wake_at is None else case((due < wake_at, due), else_=wake_at)
        self._connection.execute(
            update(lead).where(lead.c.id == lead_id).values(stage=stage, wake_at=wake_at, rescore_at=again)
        )

    def wake(self, lead_id: int) -> None:
        """Forget until when a lead was put off."""
        self._connection.execute(update(lead).where(lead.c.id == lead_id).values(wake_at=None))

    def find(self, text: str, limit: int = 20) -> list[Lead]:
        """Leads known by this id or e-mail address, else those whose name, company or address contains it."""
        exact = self.known_as(text)
        if exact:
            return [exact]
        matches = self._contains(text.lower())
        newest = select(lead.c.id).where(matches).order_by(lead.c.last_activity_at.desc(), lead.c.id.desc())
        leads = self.get_many(self._connection.scalars(newest.limit(limit)))
        return sorted(leads.values(), key=lambda one: (one.last_activity_at, one.id), reverse=True)

    def _contains(self, text: str) -> ColumnElement[bool]:
        """Whether what a lead is looked up by contains a text in small letters; every sign stands for itself.

        SQLite reads an index that holds all it asks for, so that long notes of leads cost it nothing.
        """
        columns = [lead.c[name] for name in SEARCHED]
        if self._connection.dialect.name == "sqlite":
            return func.any_contains(text, *columns, type_=Boolean)
        pattern = f"%{_literal(text)}%"
        return or_(*(func.lower(column).like(pattern, escape="\\") for column in columns))

    def known_as(self, text: str) -> Lead | None:
        """The lead known by exactly this id or e-mail address, or by SYSTEM:ID."""
        if text.isdecimal() and len(text) < 19:
            return self.get(int(text))
        namespace, _, key = text.partition(":")
        known = self.resolve([(EMAIL, text.lower()), *([(namespace, key)] if key and namespace != EMAIL else [])])
        return self.get(next(iter(known.values()))) if known else None

    def latest(self, stage: Stage | None, source: str | None, limit: int) -> list[Lead]:
        """Leads by newest activity."""
        statement = select(lead).order_by(lead.c.last_activity_at.desc(), lead.c.id.desc()).limit(limit)
        if stage:
            statement = statement.where(lead.c.stage == stage)
        if source is not None:
            statement = statement.where(lead.c.source == source)
        return [to_lead(row) for row in self._connection.execute(statement).mappings()]

    def count_by_stage(self) -> dict[str, int]:
        return leads_by_stage(self._connection)

    def fold_counts(self) -> None:
        """Add up what single transactions counted of leads, so that there is little to read."""
        fold(self._connection)


_SET_STAGE = update(lead).where(lead.c.id == bindparam("_id")).values(stage=bindparam("_stage"))
_NAMED = "SELECT key, lead_id FROM identity WHERE namespace"
_FACT_COLUMNS = (*Facts._fields, "domain")
_TRACES = ("filled", "source", "first_seen_at", "last_activity_at")
_CONSENT_COLUMNS = ("consent", "consent_at", "consent_source")
_NEW_COLUMNS = (
    "id",
    *_FACT_COLUMNS,
    *_CONSENT_COLUMNS,
    "source",
    "stage",
    "first_seen_at",
    "received_at",
    "last_activity_at",
    "fit",
    "behaviour",
    "rescore_at",
)


def _row(lead_id: int, draft: Draft, received_at: datetime, rescore_at: datetime | None) -> tuple[Any, ...]:
    facts, seen = draft.facts, draft.occurred_at
    known = (lead_id, *facts, facts.domain, *_consent(draft.consent))
    return *known, draft.source, Stage.RAW, seen, received_at, seen, 0.0, 0.0, rescore_at


def _consent(consent: Consent | None) -> tuple[Any, ...]:
    return consent or (None, None, None)


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
