"""What was signed once is taken once, whoever sends it again."""

import hashlib
import hmac
import json
import threading
from typing import Any

import httpx
import pytest

from bot.usecases.manage_keys import create_signing_key
from bot.usecases.replies import SIGNED_KEPT_FOR, forget_old
from funnel.form import Form
from tests.bot.intake.test_bodies import TYPEFORM, WEBFLOW
from tests.support.world import World

BODY = json.dumps({"email": "dana@acme.example", "name": "Dana Fields"}).encode()


@pytest.fixture
def secret(world: World) -> str:
    """A signing key, in a world with a form that has no ids of its submissions, and two of the tools."""
    forms: list[dict[str, Any]] = [
        {"name": "page", "kind": "demo_request", "fields": {"email": "email", "name": "name"}},
        {"name": "other", "kind": "demo_request", "fields": {"email": "email"}},
        {"name": "site", "shape": "webflow", "kind": "demo_request", "fields": {"email": "Email address"}},
        {"name": "type", "shape": "typeform", "kind": "demo_request", "fields": {"email": "mail_ref"}},
    ]
    made = [Form.model_validate(form) for form in forms]
    world.baton.policy._policy = world.baton.policy().model_copy(update={"form": made})
    return create_signing_key(world.store, "website", world.clock())


def _send(world: World, secret: str, body: bytes = BODY, path: str = "/v1/forms/page", **more: str) -> httpx.Response:
    """Hand in a body that is signed as it is, or with the time of sending that `stamp` says."""
    stamp, header = more.pop("stamp", None), more.pop("header", "X-Baton-Signature")
    signed = stamp.encode() + b":" + body if stamp is not None else body
    headers = {header: hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}
    if stamp is not None:
        headers[header.replace("Signature", "Timestamp")] = stamp
    return httpx.post(f"{world.address}{path}", content=body, headers=headers | more, trust_env=False)


def _raised(world: World) -> int:
    with world.store.read() as tx:
        return len(tx.engagements.of([1]).get(1, []))


@pytest.mark.both_databases
def test_a_signed_form_that_is_sent_again_is_answered_as_before_and_makes_nothing(world: World, secret: str) -> None:
    first = _send(world, secret)
    world.run()
    world.clock.advance(days=29)
    forget_old(world.store, world.clock())
    for more in ({}, {"Idempotency-Key": "another"}, {"Content-Type": "application/json"}):
        again = _send(world, secret, **more)
        assert (again.status_code, again.content) == (first.status_code, first.content)
    world.run()
    assert _raised(world) == 1
    assert len(world.slack.bot_messages("#inbound")) == 1


def test_the_same_words_a_season_later_are_news(world: World, secret: str) -> None:
    assert _send(world, secret).status_code == 201
    world.clock.advance(days=SIGNED_KEPT_FOR.days + 1)
    forget_old(world.store, world.clock())
    assert _send(world, secret).json() == {"id": 1, "created": False}
    assert _raised(world) == 2


def test_an_engagement_without_an_id_is_not_counted_again(world: World, secret: str) -> None:
    world.send_lead(email="dana@acme.example")
    deed = json.dumps({"email": "dana@acme.example", "kind": "demo_request"}).encode()
    answers = [_send(world, secret, deed, "/v1/engagements") for _ in range(3)]
    assert {(one.status_code, one.content) for one in answers} == {(201, answers[0].content)}
    assert _raised(world) == 1


def test_a_signed_body_that_goes_to_another_door_is_refused(world: World, secret: str) -> None:
    assert _send(world, secret).status_code == 201
    answer = _send(world, secret, path="/v1/forms/other")
    assert answer.status_code == 409
    assert "at another door before" in answer.json()["detail"]
    assert _raised(world) == 1


@pytest.mark.both_databases
def test_of_two_replays_at_once_one_counts(world: World, secret: str) -> None:
    senders = [threading.Thread(target=_send, args=(world, secret)) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert _raised(world) == 1


def test_what_was_refused_or_left_alone_may_come_again(world: World, secret: str) -> None:
    partial = json.dumps({**TYPEFORM, "event_type": "form_response_partial"}).encode()
    sent = {"path": "/v1/forms/type", "header": "Typeform-Signature"}
    assert _send(world, secret, partial, **sent).status_code == 202
    assert _send(world, secret, path="/v1/forms/missing").status_code == 404
    taken = Form.model_validate(
        {
            "name": "type",
            "shape": "typeform",
            "event_type": ["form_response", "form_response_partial"],
            "fields": {"email": "mail_ref"},
        }
    )
    missing = Form.model_validate({"name": "missing", "fields": {"email": "email"}})
    world.baton.policy._policy = world.baton.policy().model_copy(update={"form": [taken, missing]})
    assert _send(world, secret, partial, **sent).status_code == 201
    assert _send(world, secret, path="/v1/forms/missing").status_code == 200


@pytest.mark.parametrize(("late", "status"), [(0, 201), (299, 201), (-299, 201), (301, 401), (-301, 401)])
def test_a_time_of_sending_is_good_for_five_minutes(world: World, secret: str, late: int, status: int) -> None:
    stamp = str(int(world.clock().timestamp()) - late)
    answer = _send(world, secret, stamp=stamp)
    assert answer.status_code == status
    webflow = _send(
        world,
        secret,
        json.dumps(WEBFLOW).encode(),
        "/v1/forms/site",
        stamp=f"{stamp}000",
        header="X-Webflow-Signature",
    )
    assert webflow.status_code == status
    if status == 401:
        assert "X-Baton-Timestamp is no time within five minutes of now" in answer.json()["detail"]


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "9" * 40, "٣"])
def test_what_is_no_time_of_sending_is_refused_though_signed(world: World, secret: str, stamp: str) -> None:
    headers = {"X-Baton-Signature": hmac.new(secret.encode(), stamp.encode() + b":" + BODY, hashlib.sha256).hexdigest()}
    url = f"{world.address}/v1/forms/page"
    all_headers = {name: value.encode() for name, value in (headers | {"X-Baton-Timestamp": stamp}).items()}
    answer = httpx.post(url, content=BODY, headers=all_headers, trust_env=False)  # type: ignore[arg-type]
    assert answer.status_code == 401


def test_a_signed_time_cannot_be_taken_away_or_changed(world: World, secret: str) -> None:
    stamp = str(int(world.clock().timestamp()))
    signature = hmac.new(secret.encode(), f"{stamp}:".encode() + BODY, hashlib.sha256).hexdigest()
    url = f"{world.address}/v1/forms/page"
    for headers in ({}, {"X-Baton-Timestamp": str(int(stamp) + 1)}):
        sent = {"X-Baton-Signature": signature} | headers
        assert httpx.post(url, content=BODY, headers=sent, trust_env=False).status_code == 401


def test_the_same_words_signed_at_another_time_are_news(world: World, secret: str) -> None:
    for _ in range(2):
        assert _send(world, secret, stamp=str(int(world.clock().timestamp()))).status_code in (200, 201)
        assert "duplicate" not in _send(world, secret, stamp=str(int(world.clock().timestamp()))).json()
        world.clock.advance(60)
    assert _raised(world) == 2
