"""The scores of leads: who is due for one, and what it came to."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic_core import from_json
from sqlalchemy import Connection, Text, bindparam, cast, func, insert, null, select, update

from funnel.caches import cached_if_short
from funnel.decay import EPOCH
from funnel.lead import DERIVED, FACTS, Lead
from funnel.lifecycle import Stage
from funnel.parts import Event
from storage.bulk import fetch_rows, update_rows
from storage.rows import to_lead
from storage.tables import IS_CUSTOMER, lead, rescoring


class Counted(NamedTuple):
    """What an addition to a score needs of a lead: where it stands, and its parts as of `scored_at`."""

    lead_id: int
    stage: Stage
    fit: float
    parts: list[Any]
    scored_at: datetime | None
    scored_under: str | None
    rescore_at: datetime | None


class Score(NamedTuple):
    """A score as it is stored. `hot_until` and `rescore_at` are None when there is no such day."""

    lead_id: int
    fit: float
    behaviour: float
    parts: list[Any]
    scored_at: datetime
    scored_under: str
    hot_until: datetime | None
    rescore_at: datetime | None


class Rescoring(NamedTuple):
    """How far all leads are scored under a policy: those up to `done_id` of `last_id`, `scored` of them."""

    done_id: int
    last_id: int
    scored: int
    started_at: datetime
    done_at: datetime | None


class Candidate(NamedTuple):
    """A lead as a scoring of all leads reads it: the bare fields, in the order of the columns.

    `first_seen_at` is None when the lead was read to be changed: a scoring does not ask for it.
    """

    id: int
    stage: Stage
    source: str
    wake_at: datetime | None
    rescore_at: datetime | None
    first_seen_at: datetime | None
    facts: dict[str, Any]


class Scores:
    """The scores of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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

    def put_off(self, lead_id: int, until: datetime) -> None:
        self._connection.execute(update(lead).where(lead.c.id == lead_id).values(rescore_at=until))

    def make_due(self, lead_ids: Iterable[int], now: datetime) -> None:
        """Have leads scored by the next tick."""
        rows = [{"_id": lead_id, "_now": now} for lead_id in sorted(lead_ids)]
        if rows:
            self._connection.execute(_MAKE_DUE, rows)

    def make_accounts_due(self, accounts: Iterable[str], now: datetime) -> None:
        """Have all leads of companies scored by the next tick."""
        self._connection.execute(update(lead).where(lead.c.account.in_(list(accounts))).values(rescore_at=now))

    def counted(self, lead_ids: Iterable[int], *, to_change: bool = True) -> list[Counted]:
        """What is needed to add to the scores of leads, locked against others if they are to change, in one order."""
        columns = [lead.c.id, *(lead.c[name] for name in Counted._fields[1:])]
        statement = select(*columns).where(lead.c.id.in_(list(lead_ids))).order_by(lead.c.id)
        if to_change:
            statement = statement.with_for_update()
        return [Counted(row[0], Stage(row[1]), *row[2:]) for row in self._connection.execute(statement)]

    def add_up(self, rows: Sequence[tuple[int, float, list[Any], datetime]]) -> None:
        """Store (lead id, behaviour, parts, scored_at) of leads whose other numbers stay."""
        update_rows(self._connection, lead, ("behaviour", "parts", "scored_at"), rows)

    def save(self, scores: Sequence[Score]) -> None:
        update_rows(self._connection, lead, Score._fields[1:], scores)

    def customer_accounts(self, accounts: Iterable[str]) -> set[str]:
        """Those of these companies of which somebody is a customer; what it costs does not grow with other leads."""
        statement = select(lead.c.account).distinct().where(lead.c.account.in_(list(accounts)), IS_CUSTOMER)
        return set(self._connection.scalars(statement))

    def hot(self, now: datetime, limit: int) -> list[Lead]:
        """The leads over their threshold now, those that stay there longest first; one look into an index."""
        statement = select(lead).where(lead.c.hot_until > now).order_by(lead.c.hot_until.desc()).limit(limit)
        return [to_lead(row) for row in self._connection.execute(statement).mappings()]

    def count_hot(self, now: datetime) -> int:
        return self._connection.scalar(select(func.count()).where(lead.c.hot_until > now)) or 0

    def rescoring(self, policy: str, *, to_change: bool = True) -> Rescoring | None:
        """How far all leads are scored under a policy; None when nobody began."""
        statement = select(*(rescoring.c[name] for name in Rescoring._fields)).where(rescoring.c.policy == policy)
        row = self._connection.execute(statement.with_for_update() if to_change else statement).one_or_none()
        return Rescoring(*row) if row else None

    def begin_rescoring(self, policy: str, now: datetime) -> None:
        """Begin anew: all leads that are there now."""
        last = self._connection.scalar(select(func.max(lead.c.id))) or 0
        row = {"policy": policy, "done_id": 0, "last_id": last, "scored": 0, "started_at": now, "done_at": None}
        self._connection.execute(rescoring.delete().where(rescoring.c.policy == policy))
        self._connection.execute(insert(rescoring), row)

    def forget_rescoring(self, policy: str) -> None:
        """Have all leads scored under a policy again, which other policies have been in force since."""
        self._connection.execute(rescoring.delete().where(rescoring.c.policy == policy))

    def note_rescoring(self, policy: str, done_id: int, scored: int, done_at: datetime | None) -> None:
        """Note how far it came; `scored` are added."""
        values = {"done_id": done_id, "scored": rescoring.c.scored + scored, "done_at": done_at}
        self._connection.execute(update(rescoring).where(rescoring.c.policy == policy).values(values))

    def candidates(self, after: int, last: int, limit: int, *, to_change: bool = True) -> list[Candidate]:
        """Leads by id, locked against others if they are to change; read the short way: there may be a million."""
        seen = null() if to_change else lead.c.first_seen_at  # a day less to read, a million times
        statement = (
            select(lead.c.id, lead.c.stage, lead.c.source, lead.c.wake_at, lead.c.rescore_at, seen, *_FACTS)
            .where(lead.c.id > after, lead.c.id <= last)
            .order_by(lead.c.id)
            .limit(limit)
        )
        if to_change:
            statement = statement.with_for_update()
        return [
            Candidate(row[0], _STAGES[row[1]], row[2], row[3], row[4], row[5], _facts(row[6:]))
            for row in self._connection.execute(statement).all()
        ]

    def events(self, first: int, last: int) -> dict[int, list[Event]]:
        """What the leads with these ids, both included, did: kind, instant, properties; in no order."""
        found: dict[int, list[Event]] = {}
        is_sqlite = self._connection.dialect.name == "sqlite"
        rows = fetch_rows(self._connection, _EVENTS_IN_SQLITE if is_sqlite else _EVENTS, (first, last))
        for lead_id, kind, at, properties in rows:
            events = found.get(lead_id)
            if events is None:
                events = found[lead_id] = []
            events.append((kind, _instant(at) if is_sqlite else at, _properties(properties)))
        return found


@cached_if_short(10_000)
def _properties(text: str) -> dict[str, Any]:
    """The properties in a text; most events share theirs with many others."""
    found: dict[str, Any] = from_json(text)
    return found


def _instant(text: str) -> float:
    """The instant in a text that SQLite keeps: UTC, without saying so."""
    return (datetime.fromisoformat(text) - _NAIVE_EPOCH).total_seconds()


_NAIVE_EPOCH = EPOCH.replace(tzinfo=None)
_MAKE_DUE = (
    update(lead).where(lead.c.id == bindparam("_id")).values(rescore_at=bindparam("_now", type_=lead.c.rescore_at.type))
)
_FACT_NAMES = (*FACTS, *DERIVED, "attributes")
_FACTS = [*(lead.c[name] for name in (*FACTS, *DERIVED)), cast(lead.c.attributes, Text)]
# Ten million of these are read for one scoring of all leads, so they come without a datetime and without Core.
_EVENTS_IN_SQLITE = "SELECT lead_id, kind, occurred_at, properties FROM engagement WHERE lead_id BETWEEN ? AND ?"
_EVENTS = (
    "SELECT lead_id, kind, extract(epoch FROM occurred_at)::float8, properties::text FROM engagement "
    "WHERE lead_id BETWEEN %s AND %s"
)


def _facts(values: Sequence[Any]) -> dict[str, Any]:
    """The bare facts of a lead; those who have the same attributes, mostly none, share them."""
    facts = dict(zip(_FACT_NAMES, values, strict=True))
    facts["attributes"] = _properties(values[-1])
    return facts


_STAGES = {stage.value: stage for stage in Stage}
