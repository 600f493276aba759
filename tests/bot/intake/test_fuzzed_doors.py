"""Whatever comes to a door, it is answered as the OpenAPI says, and nothing is half stored."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from funnel.form import Form
from funnel.policy import Policy
from tests.bot.intake.fuzzing import (
    ENGAGEMENTS,
    FORMS,
    HEADER,
    HUGE,
    KNOWN,
    LEADS,
    LINE,
    PARTS,
    PATHS,
    STAGES,
    TEXTS,
    TYPES,
    VALUES,
    Exchange,
    as_json,
    watched,
)
from tests.support.clock import START
from tests.support.databases import Databases
from tests.support.size import sized
from tests.support.world import World, open_world

DOORS: dict[str, dict[str, Any]] = {
    "POST /v1/leads": {},
    "POST /v1/engagements": {},
    "POST /v1/forms/{name}": {"name": "flat"},
    "GET /v1/leads/{lead_id}": {"lead_id": 1},
    "POST /v1/leads/{lead_id}/stage": {"lead_id": 1},
    "GET /healthz": {},
    "GET /readyz": {},
    "GET /metrics": {},
}
"""Every door, with the parameters of a path that leads to something."""

GUARDED = [door for door in DOORS if "/v1/" in door]

_REFUSALS = {"expected-statuses": [400, 401, 404, 405, 409, 413, 422]}  # schemathesis does not think of 413 by itself
_CONFIG = {"generation": {"deterministic": True}, "checks": {"negative_data_rejection": _REFUSALS}}

# JSON Schema cannot say that a moment is past, that a domain is no reserved one, or what the lines of a text are.
_PAST = st.datetimes(datetime(1970, 1, 2), START.replace(tzinfo=None) - timedelta(days=1), timezones=st.just(UTC))
_MAIL = st.sampled_from(KNOWN) | st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.com", fullmatch=True)
_LINES = st.lists(LEADS | ENGAGEMENTS, max_size=3).map(lambda items: b"\n".join(map(as_json, items)))
schemathesis.openapi.format("date-time", _PAST.map(datetime.isoformat))
schemathesis.openapi.format("email", _MAIL)
schemathesis.openapi.media_type("application/x-ndjson", _LINES)


def some(examples: int) -> Callable[[Any], Any]:
    """So many examples, half of them in a small run."""
    unhurried = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    made: Callable[[Any], Any] = settings(max_examples=sized(examples // 2, examples), suppress_health_check=unhurried)
    return made


@pytest.fixture(scope="module", params=sized(["sqlite"], ["sqlite", "postgresql"]))
def fuzzed(request: pytest.FixtureRequest, databases: Databases, policy: Policy) -> Iterator[World]:
    """One world for all that is sent, with a form of each shape and three MQLs."""
    asked = {"email": "mail", "attributes.more": "more"}
    forms = [Form.model_validate({"name": shape, "shape": shape, "fields": asked}) for shape in FORMS]
    with open_world(databases.fresh(request.param), policy.model_copy(update={"form": forms})) as world:
        # On a connection that is kept, each answer would wait 40 ms for an acknowledgement.
        world.http.headers["Connection"] = "close"
        for email in KNOWN:
            world.send_mql(email)
        world.run()
        yield world


@pytest.fixture(scope="module")
def api(fuzzed: World) -> Any:
    """The OpenAPI as the bot itself tells it."""
    return schemathesis.openapi.from_url(
        f"{fuzzed.address}/openapi.json", config=SchemathesisConfig.from_dict(_CONFIG | {"base-url": fuzzed.address})
    )


def test_every_door_is_described(api: Any) -> None:
    assert {one.ok().label for one in api.get_all_operations()} == set(DOORS)


@pytest.mark.parametrize("door", DOORS)
def test_a_door_answers_every_variation_of_its_description_as_it_says(api: Any, fuzzed: World, door: str) -> None:
    """Each keyword of each schema is met and broken once, and each other method tried."""
    operation = api.find_operation_by_label(door)
    variations = api.iter_coverage_cases(
        operation, generation_modes=list(GenerationMode), generation_config=api.config.generation
    )
    for case in variations:
        _check(case, fuzzed)


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("door", GUARDED)
def test_a_door_takes_what_fits_its_description_and_refuses_the_rest(
    api: Any, fuzzed: World, door: str, mode: GenerationMode
) -> None:
    operation = api.find_operation_by_label(door)

    @some(25)
    @given(operation.as_strategy(generation_mode=mode, path_parameters=DOORS[door]))
    def check(case: Any) -> None:
        _check(case, fuzzed)

    check()


def _check(case: Any, world: World) -> None:
    """Hold an answer against all that schemathesis checks: status, headers, type, schema, authentication, method."""
    key = {"Authorization": world.http.headers["Authorization"]}
    answer = case.call(headers=key)
    left_out = [positive_data_acceptance] if _is_beyond_schemas(case, answer) else []
    case.validate_response(answer, headers=key, excluded_checks=left_out, transport_kwargs={"headers": key})


def _is_beyond_schemas(case: Any, answer: Any) -> bool:
    """Whether it is the policy or the store that makes good data bad: the labels of a form, and who is known.

    Lines of JSON are a text to a schema, whatever is on them.
    """
    if "/forms/" in case.path or case.media_type == "application/x-ndjson":
        return True
    results = answer.json().get("results", []) if case.path == "/v1/engagements" else []
    return bool(results) and all(one["status"] == 404 for one in results)


@pytest.mark.parametrize("door", GUARDED)
def test_nobody_comes_in_without_a_key_whatever_they_bring(api: Any, fuzzed: World, door: str) -> None:
    operation = api.find_operation_by_label(door)
    strategies = [operation.as_strategy(generation_mode=mode, path_parameters=DOORS[door]) for mode in GenerationMode]

    @some(10)
    @given(st.one_of(strategies), st.sampled_from(["", "Bearer", "Bearer x", "Basic eDp5", "Bearer \xe9", "\xff"]))
    def check(case: Any, key: str) -> None:
        answer = case.call(headers={"Authorization": key})
        assert answer.status_code == 401
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])

    check()


def _send(world: World, path: str, content: bytes, headers: dict[str, Any] | None = None) -> Exchange:
    with watched(world) as exchange:
        exchange.answer = world.http.post(path, content=content, headers=headers)
    return exchange


@some(80)
@given(st.sampled_from(PATHS), VALUES)
def test_any_json_is_answered(fuzzed: World, path: str, body: Any) -> None:
    _send(fuzzed, path, as_json(body))


@pytest.mark.parametrize(("path", "items"), [("/v1/leads", LEADS), ("/v1/engagements", ENGAGEMENTS)])
@some(60)
@given(st.data())
def test_each_of_many_is_taken_whole_or_not_at_all(fuzzed: World, path: str, items: Any, data: st.DataObject) -> None:
    sent = data.draw(st.lists(st.one_of(items, items, VALUES), max_size=5))
    exchange = _send(fuzzed, path, as_json(sent))
    if exchange.answer.status_code != 400:
        assert len(exchange.outcomes) == len(sent)
    for made in [one["id"] for one in exchange.outcomes if one.get("created")][:1]:
        assert fuzzed.http.get(f"/v1/leads/{made}").json()["id"] == made


@pytest.mark.parametrize("shape", FORMS)
@some(40)
@given(st.data())
def test_a_form_is_taken_whole_or_not_at_all(fuzzed: World, shape: str, data: st.DataObject) -> None:
    body = data.draw(FORMS[shape] | st.lists(FORMS[shape], max_size=3))
    _send(fuzzed, f"/v1/forms/{shape}", as_json(body))


@some(30)
@given(st.lists(st.tuples(TEXTS | st.just("mail"), TEXTS), max_size=4))
def test_a_plain_form_is_answered(fuzzed: World, fields: list[tuple[str, str]]) -> None:
    body = urlencode(fields, errors="surrogatepass").encode()
    _send(fuzzed, "/v1/forms/flat", body, {"Content-Type": "application/x-www-form-urlencoded"})


@some(40)
@given(st.integers(1, 4), STAGES)
def test_any_report_of_a_stage_is_answered(fuzzed: World, lead_id: int, report: Any) -> None:
    _send(fuzzed, f"/v1/leads/{lead_id}/stage", as_json(report))


@some(50)
@given(st.lists(LINE, max_size=5))
def test_each_line_of_json_is_answered(fuzzed: World, lines: list[bytes]) -> None:
    body = b"\n".join(lines)
    exchange = _send(fuzzed, "/v1/leads", body, {"Content-Type": "application/x-ndjson"})
    if exchange.answer.status_code != 400:
        assert len(exchange.outcomes) == sum(bool(line.strip()) for line in body.decode().split("\n"))


@some(60)
@given(
    st.sampled_from(PATHS),
    st.binary(max_size=60) | LEADS.map(as_json),
    st.fixed_dictionaries(
        {"Content-Type": st.sampled_from(TYPES) | HEADER},
        optional={"Idempotency-Key": HEADER, "Content-Encoding": st.just("gzip"), "Accept": HEADER, "X-Odd": HEADER},
    ),
)
def test_any_bytes_under_any_headers_are_answered(
    fuzzed: World, path: str, body: bytes, headers: dict[str, str]
) -> None:
    _send(fuzzed, path, body, {name: value.strip().encode("latin-1") for name, value in headers.items()})


@pytest.mark.parametrize("path", ["/v1/leads/{}", "/v1/leads/{}/stage", "/v1/forms/{}"])
@some(25)
@given(PARTS, st.sampled_from(["GET", "POST"]))
def test_any_path_is_answered(fuzzed: World, path: str, part: str, method: str) -> None:
    quoted = path.format(quote(part, safe="", errors="surrogatepass"))
    body = {"mail": "x@oak.example", "stage": "customer"}
    with watched(fuzzed) as exchange:
        exchange.answer = fuzzed.http.request(method, quoted, json=body, follow_redirects=True)


@some(40)
@given(st.binary(max_size=60), HEADER | st.integers().map(str), HEADER | st.just("v0=" + "a" * 64), HEADER)
def test_what_slack_did_not_sign_is_refused(fuzzed: World, body: bytes, at: str, signature: str, kind: str) -> None:
    headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature, "Content-Type": kind}
    odd = {name: value.strip().encode("latin-1") for name, value in headers.items()}
    with watched(fuzzed) as exchange:
        exchange.answer = fuzzed.http.post("/slack/events", content=body, headers=odd)  # type: ignore[arg-type]
    assert exchange.answer.status_code == 401


ANN = {"source": "web", "email": KNOWN[0]}
MANY_CHARACTERS = "".join(map(chr, range(0x4E00, 0x9000)))


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/leads", ANN | {"attributes": {"n": HUGE}}, 422),
        ("/v1/leads", ANN | {"a\0b": 1}, 422),
        ("/v1/leads", ANN | {"employees": True}, 422),
        ("/v1/leads", ANN | {"occurred_at": "2026"}, 422),
        ("/v1/engagements", {"lead_id": 2**31, "kind": "webinar"}, 422),
        ("/v1/engagements", {"lead_id": True, "kind": "webinar"}, 422),
        ("/v1/forms/flat", {"a\0b": 1}, 422),
        ("/v1/forms/flat", [{"mail": KNOWN[0]}] * 1001, 413),
        ("/v1/forms/webflow", {"payload": {"data": {"mail": KNOWN[0]}, "id": ["x"]}}, 200),
        ("/v1/forms/webflow", {"payload": {"data": {"mail": KNOWN[0]}, "id": MANY_CHARACTERS}}, 200),
        ("/v1/forms/a%00b", {"mail": KNOWN[0]}, 422),
    ],
)
def test_what_was_found_once_is_answered_well(fuzzed: World, path: str, body: Any, status: int) -> None:
    assert _send(fuzzed, path, as_json(body)).answer.status_code == status


def test_what_no_form_tool_sends_is_told_so(fuzzed: World) -> None:
    exchange = _send(fuzzed, "/v1/forms/webflow", as_json({"payload": {"data": " "}}))
    assert exchange.told["detail"].startswith("This is not what webflow sends")


def test_a_line_of_json_may_hold_the_separators_of_other_lines(fuzzed: World) -> None:
    body = json.dumps(ANN | {"company": "Oak\u2028Tree"}, ensure_ascii=False).encode()
    exchange = _send(fuzzed, "/v1/leads", body + b"\r\n", {"Content-Type": "application/x-ndjson"})
    assert exchange.told["accepted"] == 1


def test_an_id_that_is_nobodys_finds_nobody_in_whose_address_it_stands(fuzzed: World) -> None:
    fuzzed.send_lead(email="dana7654321@oak.example")
    assert fuzzed.http.get("/v1/leads/7654321").status_code == 404


def test_an_idempotency_key_is_no_key_to_the_answers_of_another_door(fuzzed: World) -> None:
    body = as_json([{"email": KNOWN[0], "kind": "webinar"}])
    key = {"Idempotency-Key": "at-the-wrong-door"}
    assert _send(fuzzed, "/v1/leads", body, key).answer.status_code == 422
    assert _send(fuzzed, "/v1/engagements", body, key).answer.status_code == 409
