"""What is sent to fuzzed doors, and what must be true after each answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx
from hypothesis import strategies as st
from sqlalchemy import text

from tests.support.world import World

KNOWN = ["ann@oak.example", "bob@elm.example", "cy@ash.example"]
"""Who is there before anything odd comes in."""

_COUNTED = text(
    "SELECT (SELECT count(*) FROM lead), (SELECT count(*) FROM identity), (SELECT count(*) FROM engagement),"
    " (SELECT count(*) FROM body WHERE state = 'received')"
)
_ORPHANS = text(
    "SELECT (SELECT count(*) FROM lead WHERE id NOT IN (SELECT lead_id FROM identity)),"
    " (SELECT count(*) FROM engagement WHERE lead_id NOT IN (SELECT id FROM lead))"
)


class Stored(NamedTuple):
    """How much is stored. `waiting` bodies were kept, and nothing was made of them."""

    leads: int
    names: int
    engagements: int
    waiting: int


def stored(world: World) -> Stored:
    with world.store.read() as tx:
        return Stored(*tx.connection.execute(_COUNTED).one())


class Exchange:
    """One request to a door, and what it changed."""

    answer: httpx.Response
    before: Stored
    after: Stored

    @property
    def told(self) -> Any:
        """The answer's JSON, with none of the values that only Python takes for JSON."""
        return json.loads(self.answer.text, parse_constant=_no_json)

    @property
    def outcomes(self) -> list[dict[str, Any]]:
        """What became of each item; a lone item, like a body refused as a whole, has one."""
        told = self.told
        return list(told["results"]) if "results" in told else [told | {"status": self.answer.status_code}]


@contextmanager
def watched(world: World) -> Iterator[Exchange]:
    """Hold one request against all that is promised of every request."""
    exchange = Exchange()
    exchange.before = stored(world)
    yield exchange
    exchange.after = stored(world)
    _check_answer(exchange)
    _check_store(world, exchange)


def _check_answer(exchange: Exchange) -> None:
    """It is JSON that adds up, or a problem with a sentence; it is not our fault, and shows nothing of our inside."""
    answer, told = exchange.answer, exchange.told
    assert answer.status_code < 500, answer.text
    is_problem = answer.headers["content-type"] == "application/problem+json"
    assert is_problem or answer.headers["content-type"] == "application/json"
    assert "Traceback" not in answer.text
    if is_problem:
        assert told["status"] == answer.status_code >= 400
        assert told["detail"].endswith("."), told["detail"]
    elif "results" in told:
        refused = sum("errors" in one for one in told["results"])
        assert (told["accepted"], told["refused"]) == (len(told["results"]) - refused, refused)
        assert [one["index"] for one in told["results"]] == list(range(len(told["results"])))


def _check_store(world: World, exchange: Exchange) -> None:
    """What was taken is there and nothing else; nothing is half there, or waits to be worked through."""
    taken = [one for one in exchange.outcomes if one["status"] < 300]
    before, after = exchange.before, exchange.after
    assert after.leads - before.leads == sum(one.get("created", False) for one in taken)
    assert 0 <= after.names - before.names <= 2 * len(taken)
    assert 0 <= after.engagements - before.engagements <= len(taken)
    assert after.waiting == before.waiting
    ids = {one[name] for one in taken for name in ("id", "lead_id") if name in one}
    with world.store.read() as tx:
        assert set(tx.leads.get_many(ids)) == ids
        assert tuple(tx.connection.execute(_ORPHANS).one()) == (0, 0)


def _no_json(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


HUGE = float("inf")


def as_json(value: Any) -> bytes:
    """The JSON of a value; HUGE is written as a number that no float can hold."""
    return json.dumps(value).replace("NaN", "1").replace("Infinity", "1e400").encode()


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


_EXTREMES = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z"]
_NO_DATES = ["2026-02-30T00:00:00Z", "2026-11-01T10:00:60Z", "2026", "20261101", "2026-11-01", "now"]
DATES = st.sampled_from([*_EXTREMES, *_NO_DATES, "2026-11-16T09:05:00Z", "2026-11-01 10:00+01:00"])
NUMBERS = st.one_of(
    st.integers(), st.floats(), st.sampled_from([0, -1, 2**31, 2**63, 10**400, 10**4_299, HUGE, -HUGE, 1e308])
)
_ODD = ["", " ", "\0", "a\0b", "\u2028", "\ufeffx", "\ud800", "x" * 501, "x" * 5_000, "😀" * 500, "%s", "'; --"]
_TELLING = ["1e400", "²", "true", "null", "mql", "customer", "a@b", "ı@İ.com", *KNOWN]
TEXTS = st.one_of(st.sampled_from(_ODD + _TELLING), DATES, st.text(max_size=30))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, st.sampled_from([nested(20), nested(190)])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
"""Any JSON."""

_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20)
_MAIL = st.sampled_from(KNOWN) | st.emails() | st.integers(0, 10**6).map("new{}@oak.example".format)


def _mostly(good: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(good, good, good, VALUES)


def _each(names: str, values: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    return dict.fromkeys(names.split(), values)


LEADS = st.fixed_dictionaries(
    {"source": _mostly(st.sampled_from(["web", "fair"])), "email": _mostly(_MAIL)},
    optional={
        **_each("name company title industry website campaign phone country system external_id", _mostly(_WORDS)),
        **_each("employees revenue", _mostly(st.integers(0, 10**15))),
        "occurred_at": _mostly(DATES),
        "stage": _mostly(st.sampled_from(["raw", "prospect", "mql", "sql", "customer", "rejected"])),
        "attributes": _mostly(st.dictionaries(TEXTS, VALUES, max_size=3)),
    },
)
ENGAGEMENTS = st.fixed_dictionaries(
    {"email": _mostly(st.sampled_from(KNOWN)), "kind": _mostly(st.sampled_from(["webinar", "demo_request"]))},
    optional={
        "event_id": _mostly(st.sampled_from(["e1", "e2", "e3"])),
        "occurred_at": _mostly(DATES),
        "properties": _mostly(st.dictionaries(TEXTS, VALUES, max_size=3)),
        **_each("lead_id external_id system source", VALUES),
    },
)
STAGES = st.fixed_dictionaries(
    {"stage": _mostly(st.sampled_from(["opportunity", "customer", "evangelist", "lost"]))},
    optional={"occurred_at": _mostly(DATES), "reason": _mostly(_WORDS)},
)

_LABEL = _mostly(st.just("mail"))
_TYPED = st.fixed_dictionaries(
    {
        "type": _mostly(st.sampled_from(["email", "choice", "choices"])),
        "email": _mostly(_MAIL),
        **_each("choice choices", VALUES),
        "field": st.fixed_dictionaries({"id": _LABEL}, optional={"ref": VALUES}),
    }
)
_SENT = st.fixed_dictionaries(
    {"answers": _mostly(st.lists(_TYPED, max_size=3))},
    optional=_each("token submitted_at hidden definition", VALUES),
)
_NAMED = st.lists(st.fixed_dictionaries({"name": _LABEL, "value": _mostly(_MAIL)}), max_size=3)
_DATA = st.fixed_dictionaries({"data": _mostly(_MAIL.map(lambda mail: {"mail": mail}))})
FORMS = {
    "flat": st.dictionaries(TEXTS | st.just("mail"), VALUES | _MAIL, max_size=4),
    "hubspot": st.fixed_dictionaries({"fields": _mostly(_NAMED)}, optional=_each("submissionId submittedAt", VALUES)),
    "webflow": st.fixed_dictionaries({"payload": _DATA}, optional=_each("_id d", VALUES)),
    "typeform": st.fixed_dictionaries({"form_response": _SENT}),
}
"""Bodies for a form of each shape that asks for the label “mail”."""

PATHS = ["/v1/leads", "/v1/engagements", *(f"/v1/forms/{shape}" for shape in FORMS), "/v1/leads/2/stage"]
LINE = st.one_of(LEADS.map(as_json), VALUES.map(as_json), st.binary(max_size=20), st.text(max_size=20).map(str.encode))
HEADER = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"]), max_size=300)
TYPES = [
    "",
    "application/json; charset=utf-16",
    "application/x-ndjson;",
    "application/jsonl",
    "multipart/form-data",
    ";",
]
PARTS = st.sampled_from(["0", "-1", "1e3", "2147483648", "9" * 400, "٣", "\0", "..", "a\0b", "x" * 200, "flat"]) | TEXTS
