"""The HTTP doors: what they take, and the one sentence for what they do not."""

import json
import re
from typing import Any

import httpx
import pytest

from bot.usecases.replies import forget_old
from storage.errors import Unreachable
from storage.store import Store
from tests.support.world import World

LEAD = {"source": "web", "email": "dana@acme.example"}


def _send(world: World, body: Any, path: str = "/v1/leads", **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return world.http.post(path, content=content, headers=headers)


def _leads(world: World) -> int:
    with world.store.read() as tx:
        return sum(tx.leads.count_by_stage().values())


@pytest.mark.both_databases
def test_a_lead_is_made_once_and_found_again(world: World) -> None:
    first = _send(world, LEAD)
    again = _send(world, {**LEAD, "email": " Dana@ACME.example ", "company": "Acme"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    shown = world.http.get(f"/v1/leads/{first.json()['id']}").json()
    assert (shown["email"], shown["company"], shown["stage"]) == ("dana@acme.example", "Acme", "raw")


def test_the_oldest_source_stays(world: World) -> None:
    lead_id = _send(world, LEAD).json()["id"]
    _send(world, {**LEAD, "source": "webinar"})
    assert world.http.get(f"/v1/leads/{lead_id}").json()["source"] == "web"


def test_an_external_id_is_an_identity_within_its_source(world: World) -> None:
    one = _send(world, {"source": "crm", "external_id": "7"}).json()["id"]
    assert _send(world, {"source": "crm", "external_id": "7"}).json()["id"] == one
    assert _send(world, {"source": "shop", "external_id": "7"}).json()["id"] != one
    done = _send(world, {"source": "crm", "external_id": "7", "kind": "webinar"}, "/v1/engagements")
    assert done.json()["lead_id"] == one


@pytest.mark.both_databases
def test_good_ones_of_many_are_taken_and_bad_ones_told_by_their_place(world: World) -> None:
    answer = _send(world, [LEAD, {"source": "web"}, {**LEAD, "email": "x"}, {**LEAD, "email": "b@b.example"}])
    assert answer.status_code == 207
    told = answer.json()
    assert (told["accepted"], told["refused"]) == (2, 2)
    assert [one["status"] for one in told["results"]] == [201, 422, 422, 201]
    assert told["results"][2]["errors"][0]["path"] == "/email"
    assert _leads(world) == 2


@pytest.mark.parametrize(
    ("lead", "path", "told"),
    [
        ({"source": "web"}, "/", "needs an email or an external_id"),
        ({**LEAD, "email": "dana at acme"}, "/email", "is no e-mail address"),
        ({**LEAD, "email": f"{'x' * 60}@{'y' * 60}.{'y' * 60}.{'y' * 60}.{'y' * 20}.example"}, "/email", "too long"),
        ({**LEAD, "stage": "sold"}, "/stage", "is none of 'raw'"),
        ({**LEAD, "occurred_at": "2026-11-01T10:00:00"}, "/occurred_at", "needs a UTC offset"),
        ({**LEAD, "occurred_at": "2026-02-30T10:00:00Z"}, "/occurred_at", "day value is outside"),
        ({**LEAD, "occurred_at": "2036-02-01T10:00:00Z"}, "/occurred_at", "in the future"),
        ({**LEAD, "occurred_at": "1066-10-14T10:00:00Z"}, "/occurred_at", "before 1970"),
        ({**LEAD, "employees": "many"}, "/employees", "must be a whole number"),
        ({**LEAD, "colour": "red"}, "/colour", "no field of this"),
        ({**LEAD, "name": "x" * 501}, "/name", "longer than 500 characters"),
        ("a text", "/", "not a JSON object"),
    ],
)
def test_a_bad_lead_gets_one_sentence_and_the_field_it_is_about(
    sqlite_world: World, lead: Any, path: str, told: str
) -> None:
    answer = _send(sqlite_world, lead)
    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["errors"][0]["path"] == path
    assert told in problem["detail"]
    assert _leads(sqlite_world) == 0


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"{", 400, "not JSON"),
        (b"", 400, "not JSON"),
        (b'{"a": "\xff"}', 400, "not JSON"),
        (b'{"source": NaN}', 400, "not JSON"),
        (b"[" * 100_000, 400, "not JSON"),
        (b'{"source": "\\ud800"}', 400, "not JSON"),
        (b" " * 10_000_000, 413, "larger than 5,000,000 bytes"),
        (json.dumps([LEAD] * 1001).encode(), 413, "at most 1,000"),
    ],
    ids=["cut off", "empty", "latin-1", "NaN", "deep", "surrogate", "10 MB", "too many"],
)
def test_a_bad_body_gets_one_sentence(sqlite_world: World, body: bytes, status: int, told: str) -> None:
    answer = _send(sqlite_world, body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert told in answer.json()["detail"]


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic abc", "Bearer", "Bearer baton_ünknown"])
def test_a_wrong_key_is_refused_before_anything_is_read(sqlite_world: World, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode()}
    url = f"{sqlite_world.address}/v1/leads"
    answer = httpx.post(url, content=b"{", headers=headers, trust_env=False)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert "key" in answer.json()["detail"].lower()


def test_keys_are_kept_as_hashes(sqlite_world: World) -> None:
    secret = sqlite_world.http.headers["authorization"].removeprefix("Bearer ")
    with sqlite_world.store.read() as tx:
        kept = str(tx.connection.exec_driver_sql("SELECT * FROM api_key").fetchall())
    assert secret not in kept
    assert len(secret) > 40


@pytest.mark.both_databases
def test_the_same_idempotency_key_gets_the_same_answer_and_counts_once(world: World) -> None:
    _send(world, LEAD)
    deed = {"email": "dana@acme.example", "kind": "webinar"}
    answers = [_send(world, deed, "/v1/engagements", **{"Idempotency-Key": "k1"}) for _ in range(2)]
    assert answers[0].content == answers[1].content
    with world.store.read() as tx:
        assert len(tx.engagements.of([1])[1]) == 1
    other = _send(world, {**deed, "kind": "download"}, "/v1/engagements", **{"Idempotency-Key": "k1"})
    assert other.status_code == 409
    assert "used for another request" in other.json()["detail"]


def test_an_idempotency_key_that_was_forgotten_swallows_nothing_new(world: World) -> None:
    _send(world, LEAD)
    deed = {"email": "dana@acme.example", "kind": "webinar"}
    for kind, status in (("webinar", 201), ("download", 201), ("download", 200)):  # the last one is a duplicate
        answer = _send(world, {**deed, "kind": kind}, "/v1/engagements", **{"Idempotency-Key": "k1"})
        assert answer.status_code == status
        world.clock.advance(days=3)
        forget_old(world.store, world.clock())
    with world.store.read() as tx:
        assert len(tx.engagements.of([1])[1]) == 2


@pytest.mark.both_databases
def test_an_event_told_twice_is_one_event(world: World) -> None:
    _send(world, LEAD)
    deed = {"email": "dana@acme.example", "kind": "webinar", "event_id": "e1"}
    for _ in range(2):
        assert _send(world, [deed, deed], "/v1/engagements").status_code == 200
    with world.store.read() as tx:
        assert len(tx.engagements.of([1])[1]) == 1


def test_what_a_stranger_did_is_refused_with_the_way_to_send_it(sqlite_world: World) -> None:
    answer = _send(sqlite_world, {"email": "who@x.example", "kind": "webinar"}, "/v1/engagements")
    assert answer.status_code == 404
    assert "send the lead first" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("stage", "status", "told"),
    [
        ("customer", 409, "A lead that is MQL cannot become customer; it can become accepted or rejected."),
        ("won", 422, "stage"),
    ],
)
def test_a_crm_reports_what_can_be_and_is_told_what_can(world: World, stage: str, status: int, told: str) -> None:
    lead_id = world.send_mql()
    world.run()
    answer = world.http.post(f"/v1/leads/{lead_id}/stage", json={"stage": stage})
    if stage == "customer":  # a jump over stages nobody recorded is a report of history, and is taken
        assert answer.json()["moved"]
    else:
        assert answer.status_code == status
        assert told in answer.json()["detail"]


@pytest.mark.both_databases
def test_a_lost_opportunity_is_told_on_its_card(world: World) -> None:
    lead_id = world.send_mql()
    world.run()
    card = world.card()
    for stage in ("opportunity", "lost"):
        assert (
            world.http.post(f"/v1/leads/{lead_id}/stage", json={"stage": stage, "reason": "price"}).status_code == 200
        )
    world.deliver()
    assert "Disqualified: price" in str(card.blocks)
    again = world.http.post(f"/v1/leads/{lead_id}/stage", json={"stage": "customer"})
    assert again.status_code == 409
    assert "it has no move left" in again.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/leads/999", "/v1/leads/999/stage"])
def test_a_lead_that_is_not_there_is_a_404_with_a_sentence(sqlite_world: World, path: str) -> None:
    answer = (
        sqlite_world.http.post(path, json={"stage": "customer"}) if "stage" in path else sqlite_world.http.get(path)
    )
    assert answer.status_code == 404
    assert "999" in answer.json()["detail"]


@pytest.mark.both_databases
def test_operators_see_health_readiness_figures_and_the_documentation(world: World) -> None:
    world.send_lead(email="a@b.example")
    assert world.http.get("/healthz").json() == {"status": "ok"}
    assert world.http.get("/readyz").json() == {"status": "ok"}
    assert 'baton_leads{stage="raw"} 1.0' in world.http.get("/metrics").text
    paths = world.http.get("/openapi.json").json()["paths"]
    assert {"/v1/leads", "/v1/engagements", "/v1/leads/{lead_id}", "/v1/leads/{lead_id}/stage"} <= set(paths)
    assert "oneOf" in str(paths["/v1/leads"]["post"]["requestBody"])


def test_an_unknown_door_is_told_with_the_way_to_the_list(sqlite_world: World) -> None:
    answer = sqlite_world.http.get("/nothing/here")
    assert answer.status_code == 404
    assert re.fullmatch(r"There is nothing at \S*/nothing/here; see /docs\.", answer.json()["detail"])


def test_an_unreachable_database_is_a_503_and_not_ready(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(self: Store) -> None:
        raise Unreachable("connection refused")

    monkeypatch.setattr(Store, "read", gone)
    answer = _send(sqlite_world, LEAD)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert "nothing was stored" in answer.json()["detail"]
    assert sqlite_world.http.get("/readyz").status_code == 503


def test_history_enters_the_funnel_as_of_its_day_and_is_posted_to_nobody(world: World) -> None:
    world.send_lead(email="old@a.example", stage="mql", occurred_at="2026-10-01T12:00:00Z")
    world.send_lead(email="won@a.example", stage="customer", occurred_at="2026-10-05T12:00:00Z")
    world.send_lead(email="new@a.example", stage="mql", occurred_at="2026-11-15T12:00:00Z")
    world.run()
    posted = [message.text for message in world.slack.bot_messages("#inbound")]
    assert len(posted) == 1
    assert "new@a.example" in posted[0]
    world.people.command("UMAYA", "#marketing", "/funnel October")
    assert "Of 2 MQLs, 1 so far became SQL" in str(world.slack.whispers("UMAYA")[-1].blocks)


def test_an_engagement_that_no_rule_counts_is_kept_and_told(world: World) -> None:
    _send(world, LEAD)
    did = {"email": LEAD["email"], "kind": "demo-request"}
    answer = _send(world, did, "/v1/engagements")
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "lead_id": 1,
            "remark": "No rule of the policy counts this: there is none for “demo-request” (did you mean demo_request?).",
        },
    )
    assert _send(world, did | {"kind": "demo_request"}, "/v1/engagements").json() == {"lead_id": 1}


def test_nobody_comes_from_a_system_that_is_called_like_the_addresses(world: World) -> None:
    _send(world, LEAD)
    for where in ("source", "system"):
        answer = _send(world, {"source": "web", "external_id": LEAD["email"]} | {where: "@"})
        assert (answer.status_code, "“@” is no name" in answer.json()["detail"]) == (422, True)
    assert _leads(world) == 1
