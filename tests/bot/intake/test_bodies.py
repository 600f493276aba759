"""What comes in over HTTP is kept first, and can be worked through again."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.intake import doors
from bot.intake.doors import replay
from bot.intake.items import read_items
from bot.usecases.keep_body import bodies_left_behind, failed_bodies, keep_body
from bot.usecases.manage_keys import create_signing_key, signing_keys
from tests.support.world import World

TYPEFORM = {
    "event_id": "01H",
    "event_type": "form_response",
    "form_response": {
        "form_id": "lT4Z3j",
        "token": "a3a12ec67a1365927098a606107fac15",
        "submitted_at": "2026-11-14T08:15:21Z",
        "hidden": {"utm_campaign": "autumn"},
        "definition": {"fields": [{"id": "E1", "ref": "mail_ref", "title": "Your e-mail", "type": "email"}]},
        "answers": [
            {"type": "email", "email": "dana@acme.example", "field": {"id": "E1", "type": "email", "ref": "mail_ref"}},
            {"type": "choice", "choice": {"label": "Sales"}, "field": {"id": "C1", "type": "x", "ref": "dept"}},
            {"type": "number", "number": 250, "field": {"id": "N1", "type": "number", "ref": "size"}},
            {"type": "text", "text": "Dana", "field": {"id": "T1", "type": "short_text", "ref": "first"}},
            {"type": "text", "text": "Fields", "field": {"id": "T2", "type": "short_text", "ref": "last"}},
        ],
    },
}
HUBSPOT = {
    "submittedAt": 1794650000000,
    "fields": [{"name": "email", "value": "max@elm.example"}, {"name": "company", "value": "Elm"}],
}
WEBFLOW = {
    "triggerType": "form_submission",
    "payload": {
        "name": "Contact",
        "id": "6321ca84df3949bfc6752327",
        "submittedAt": "2026-11-14T10:00:00.000Z",
        "data": {"Full name": "Ida Holm", "Email address": "ida@oak.example"},
    },
}


@pytest.fixture
def forms(world: World) -> World:
    """A world whose policy has a form of each shape."""
    from funnel.form import Form

    made = [
        Form(
            name="demo",
            shape="typeform",
            source="website",
            kind="demo_request",
            fields={
                "email": "Your e-mail",
                "name": ["first", "last"],
                "employees": "size",
                "campaign": "utm_campaign",
                "attributes.department": "dept",
            },
        ),
        Form(name="contact", shape="hubspot", fields={"email": "email", "company": "company"}),
        Form(name="site", shape="webflow", fields={"email": "Email address", "name": "Full name"}),
        Form(name="page", fields={"email": "mail", "name": "person.name"}),
    ]
    world.baton.policy._policy = world.baton.policy().model_copy(update={"form": made})
    return world


def _shown(world: World, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code in (200, 201), answer.text
    shown: dict[str, Any] = world.http.get(f"/v1/leads/{answer.json()['id']}").json()
    return shown


def test_a_typeform_submission_is_a_lead_that_asked_for_a_demo(forms: World) -> None:
    shown = _shown(forms, forms.http.post("/v1/forms/demo", json=TYPEFORM))
    assert (shown["email"], shown["name"], shown["employees"]) == ("dana@acme.example", "Dana Fields", 250)
    assert (shown["campaign"], shown["source"]) == ("autumn", "website")
    assert shown["attributes"] == {"department": "Sales"}
    assert shown["first_seen_at"] == "2026-11-14T08:15:21+00:00"
    forms.run()
    assert "Dana Fields" in forms.card().text


def test_a_form_sent_twice_is_one_lead_that_did_one_thing(forms: World) -> None:
    lead_id = forms.http.post("/v1/forms/demo", json=TYPEFORM).json()["id"]
    forms.http.post("/v1/forms/demo", json=TYPEFORM)
    with forms.store.read() as tx:
        assert len(tx.engagements.of([lead_id])[lead_id]) == 1


def test_hubspot_webflow_and_plain_pages_are_understood(forms: World) -> None:
    assert _shown(forms, forms.http.post("/v1/forms/contact", json=HUBSPOT))["company"] == "Elm"
    assert _shown(forms, forms.http.post("/v1/forms/site", json=WEBFLOW))["name"] == "Ida Holm"
    nested = {"mail": "a@b.example", "person": {"name": "Ann"}}
    assert _shown(forms, forms.http.post("/v1/forms/page", json=nested))["name"] == "Ann"
    called_a_form = {"content-type": "application/x-www-form-urlencoded"}  # as curl does whatever it sends
    sent = b' {"mail": "e@f.example", "person": {"name": "Eve"}}'
    assert _shown(forms, forms.http.post("/v1/forms/page", content=sent, headers=called_a_form))["name"] == "Eve"
    posted = forms.http.post("/v1/forms/page", data={"mail": "c@d.example", "person.name": "Cy"})
    assert _shown(forms, posted)["name"] == "Cy"


@pytest.mark.parametrize(("said", "count"), [("51-200", 51), ("1.2K", 1200), ("a few", None)])
def test_an_answer_that_does_not_fit_its_field_loses_no_lead(forms: World, said: str, count: int | None) -> None:
    sent = json.loads(json.dumps(TYPEFORM))
    size = next(one for one in sent["form_response"]["answers"] if one["field"].get("ref") == "size")
    size |= {"type": "text", "text": said}
    shown = _shown(forms, forms.http.post("/v1/forms/demo", json=sent))
    assert shown["employees"] == count
    assert shown["attributes"].get("employees") == (None if count else said)


def test_what_was_written_stays_with_each_submission(forms: World) -> None:
    for token, department, at in (("t1", "Sales", "2026-11-16T08:58:00Z"), ("t2", "Board", "2026-11-16T08:59:00Z")):
        sent = json.loads(json.dumps(TYPEFORM))
        sent["form_response"]["submitted_at"] = at
        sent["form_response"]["token"] = token
        sent["form_response"]["answers"][1]["choice"] = {"label": department}
        shown = _shown(forms, forms.http.post("/v1/forms/demo", json=sent))
        assert shown["attributes"] == {"department": department}
    with forms.store.read() as tx:
        told = [one.properties["department"] for one in tx.engagements.of([shown["id"]])[shown["id"]]]
    assert told == ["Sales", "Board"]


def test_a_form_that_does_not_say_its_zone_is_not_from_the_future(forms: World) -> None:
    sent = json.loads(json.dumps(TYPEFORM))
    sent["form_response"]["submitted_at"] = (forms.clock() + timedelta(hours=2)).replace(tzinfo=None).isoformat()
    shown = _shown(forms, forms.http.post("/v1/forms/demo", json=sent))
    assert shown["first_seen_at"] == forms.clock().isoformat()


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("/v1/forms/none", {}, 404, "The policy has no form called 'none'"),
        ("/v1/forms/demo", {"a": 1}, 422, "This is not what typeform sends"),
        ("/v1/forms/page", {"e-mail": "x@y.example"}, 422, "its labels are: e-mail"),
        ("/v1/forms/page", {"mail": "x"}, 422, "'x' is no e-mail address"),
        ("/v1/forms/page", [{"mail": "ok@y.example"}, 7], 207, "A form is a JSON object"),
    ],
)
def test_a_form_that_makes_no_lead_is_told_why_and_kept(
    forms: World, path: str, body: Any, status: int, told: str
) -> None:
    answer = forms.http.post(path, json=body)
    assert answer.status_code == status
    assert told in answer.text
    (failed,) = failed_bodies(forms.store)
    assert told in failed.reason
    assert json.loads(failed.content) == body


@pytest.mark.parametrize(
    ("path", "media_type", "content"),
    [
        ("/v1/leads", "application/json", b"{'email': 1}"),
        ("/v1/leads", "application/x-www-form-urlencoded", b"email=a%40b.example"),
        ("/v1/forms/page", "multipart/form-data; boundary=x", b"nothing of the kind"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_and_kept(
    forms: World, path: str, media_type: str, content: bytes
) -> None:
    answer = forms.http.post(path, content=content, headers={"Content-Type": media_type})
    assert answer.status_code == 400
    (failed,) = failed_bodies(forms.store)
    assert failed.content == content.decode()


@pytest.mark.both_databases
def test_a_page_with_a_binary_file_in_its_form_is_understood(forms: World) -> None:
    """No field of it is lost, of the file its name is kept, and what is kept can be worked through again."""
    files = {"cv": ("cv ü.pdf", b"%PDF\xff\x00\x80--x\r\n" * 1000, "application/pdf")}
    data = {"mail": "c@d.example", "person.name": "Cÿ Doe", "note": "one\r\ntwo & {three}", "topic": ["a", "", "b"]}
    posted = forms.http.post("/v1/forms/page", data=data, files=files)
    assert _shown(forms, posted)["name"] == "Cÿ Doe"
    with forms.store.read() as tx:
        body = tx.bodies.get(1)
    answers = {"note": data["note"], "cv": "cv ü.pdf", "topic": "a, b"}
    ((kept,), single) = read_items(body.door, body.media_type, body.content)
    assert single
    assert {name: kept[name] for name in answers} == answers
    assert replay(forms.baton.doors, [body]) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_form_of_an_old_page_is_read_in_its_letters(forms: World, encoding: str) -> None:
    content = '--x\r\nContent-Disposition: form-data; name="mail"\r\n\r\na@b.example\r\n'
    content += '--x\r\nContent-Disposition: form-data; name="person.name"\r\n\r\nJörg\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    posted = forms.http.post("/v1/forms/page", content=content.encode(encoding), headers=headers)
    assert _shown(forms, posted)["name"] == "Jörg"


def test_a_form_that_is_cut_off_is_refused_and_kept(forms: World) -> None:
    content = b'--x\r\nContent-Disposition: form-data; name="mail"\r\n\r\na@b.example\r\n--x\r\nContent-Dispo\x00\xff'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = forms.http.post("/v1/forms/page", content=content, headers=headers)
    assert answer.status_code == 400
    assert "no multipart form" in answer.json()["detail"]
    (failed,) = failed_bodies(forms.store)
    assert "a@b.example" in failed.content


def test_boxes_of_one_name_that_are_ticked_are_all_kept(forms: World) -> None:
    posted = forms.http.post("/v1/forms/page", data={"mail": "c@d.example", "person.name": ["Cy", "Doe"]})
    assert _shown(forms, posted)["name"] == "Cy, Doe"


def test_lines_that_are_sent_as_json_are_read_as_lines(world: World) -> None:
    lines = b'{"email": "a@b.example"}\n{"email": "c@d.example"}\n'
    answer = world.http.post("/v1/leads", content=lines, headers={"Content-Type": "application/json"})
    assert [one["status"] for one in answer.json()["results"]] == [201, 201]
    assert world.http.get("/v1/leads/1").json()["source"] == "tests"


def test_lines_of_json_are_taken_one_by_one(world: World) -> None:
    lines = '{"source": "web", "email": "a@b.example"}\n\n{"source": "web"\n{"source": "web", "email": "c@d.example"}\n'
    answer = world.http.post("/v1/leads", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 207
    assert [one["status"] for one in answer.json()["results"]] == [201, 400, 201]
    assert answer.json()["results"][1]["errors"][0]["detail"] == "Line 3 is not JSON."


def _sign(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).digest()


def _anonymous(world: World, path: str, body: bytes, **headers: str) -> httpx.Response:
    return httpx.post(f"{world.address}{path}", content=body, headers=headers, trust_env=False)


def test_who_cannot_set_a_bearer_signs_the_body(forms: World) -> None:
    secret = create_signing_key(forms.store, "website", forms.clock())
    body = json.dumps(TYPEFORM).encode()
    digest = _sign(secret, body)
    for header, value in {
        "X-Baton-Signature": digest.hex(),
        "x-baton-signature": f"sha256={digest.hex()}",
        "Typeform-Signature": f"sha256={base64.b64encode(digest).decode()}",
    }.items():
        assert _anonymous(forms, "/v1/forms/demo", body, **{header: value}).status_code in (200, 201), header
    webflow, stamp = json.dumps(WEBFLOW).encode(), str(int(forms.clock().timestamp() * 1000))
    signed = _sign(secret, stamp.encode() + b":" + webflow).hex()
    headers = {"X-Webflow-Signature": signed, "X-Webflow-Timestamp": stamp}
    assert _anonymous(forms, "/v1/forms/site", webflow, **headers).status_code == 201
    plain = b'{"source": "website", "email": "p@q.example"}'
    headers = {"X-Baton-Signature": _sign(secret, plain).hex()}
    assert _anonymous(forms, "/v1/leads", plain, **headers).status_code == 201


@pytest.mark.parametrize("value", ["", "zz", "sha256=", "a" * 64, "ü", "=" * 44])
def test_a_signature_that_does_not_fit_opens_nothing(sqlite_world: World, value: str) -> None:
    create_signing_key(sqlite_world.store, "website", sqlite_world.clock())
    headers = {"X-Baton-Signature": value.encode("latin-1")}
    url = f"{sqlite_world.address}/v1/leads"
    answer = httpx.post(url, content=b"{}", headers=headers, trust_env=False)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert "baton key create --signing" in answer.json()["detail"]


@pytest.mark.both_databases
def test_a_signing_key_is_no_bearer_and_a_revoked_one_signs_nothing(world: World) -> None:
    secret = create_signing_key(world.store, "website", world.clock())
    assert _anonymous(world, "/v1/leads", b"{}", Authorization=f"Bearer {secret}").status_code == 401
    (who, _) = signing_keys(world.store)[0]
    with world.store.begin() as tx:
        tx.keys.revoke(who.key_id, world.clock())
    assert _anonymous(world, "/v1/leads", b"{}", **{"X-Baton-Signature": _sign(secret, b"{}").hex()}).status_code == 401


@pytest.mark.both_databases
def test_what_failed_is_taken_once_it_can_be(world: World) -> None:
    """An engagement that came before its lead is worked through again, and counts once however often it is."""
    done = {"email": "dana@acme.example", "kind": "webinar", "occurred_at": "2026-11-14T10:00:00Z"}
    assert world.http.post("/v1/engagements", json=[done, done]).status_code == 422
    (failed,) = failed_bodies(world.store)
    assert "item 0: Nobody is known by this" in failed.reason
    lead_id = world.send_lead(email="dana@acme.example")
    for _ in range(2):
        assert replay(world.baton.doors, [failed]) == 1
    assert failed_bodies(world.store) == []
    with world.store.read() as tx:
        assert len(tx.engagements.of([lead_id])[lead_id]) == 2


def test_a_body_that_breaks_the_program_is_listed_and_holds_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = doors.receive_leads

    def receive(store: Any, policy: Any, drafts: Any, *rest: Any) -> Any:
        if drafts[0].facts.email == "odd@acme.example":
            raise OverflowError
        return real(store, policy, drafts, *rest)

    monkeypatch.setattr(doors, "receive_leads", receive)
    answer = world.http.post("/v1/leads", json={"source": "web", "email": "odd@acme.example"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    (failed,) = failed_bodies(world.store)
    assert failed.reason.startswith("It broke (OverflowError)")
    good = failed._replace(content='{"source": "web", "email": "good@acme.example"}')
    assert replay(world.baton.doors, [failed, good]) == 1
    monkeypatch.undo()
    assert replay(world.baton.doors, [failed]) == 1


@pytest.mark.both_databases
def test_what_a_process_that_died_had_accepted_is_worked_through(world: World) -> None:
    who = signing_keys(world.store)
    assert who == []
    with world.store.read() as tx:
        key = tx.keys.all()[0]
    from bot.usecases.manage_keys import Caller

    caller = Caller(key_id=key.id, source=key.source)
    content = '{"source": "web", "email": "lost@acme.example"}'
    keep_body(world.store, caller, "leads", "application/json", None, content)
    assert bodies_left_behind(world.store) == []
    world.clock.advance(180)
    world.run()
    with world.store.read() as tx:
        lead = tx.leads.find("lost@acme.example")[0]
    assert (lead.source, lead.first_seen_at.minute) == ("web", lead.first_seen_at.minute)
    assert bodies_left_behind(world.store) == []
