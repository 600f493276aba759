"""A form hook that tells one submission several times makes one raised hand of it, once it was sent."""

import json
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from bot.policy_remarks import policy_remarks
from bot.usecases.keep_body import failed_bodies
from funnel.form import Form
from funnel.sayings import policy_sections
from tests.bot.intake.test_bodies import TYPEFORM, WEBFLOW
from tests.support.world import World

SURVEY: dict[str, Any] = {
    "name": "survey",
    "kind": "demo_request",
    "event_field": "event",
    "event_type": ["responseCreated", "responseUpdated", "responseFinished"],
    "finished": "data.finished",
    "submission_field": "data.id",
    "fields": {"email": "data.email", "name": "data.name", "company": "data.company"},
}


def _with_forms(world: World, *forms: dict[str, Any]) -> None:
    made = [Form.model_validate(form) for form in forms]
    world.baton.policy._policy = world.baton.policy().model_copy(update={"form": made})


def _tell(world: World, event: str, *, finished: Any = False, **data: Any) -> httpx.Response:
    body = {"event": event, "data": {"id": "s1", "finished": finished, "email": "dana@acme.example"} | data}
    return world.http.post("/v1/forms/survey", json=body)


def _did(world: World, lead_id: int = 1) -> list[str]:
    with world.store.read() as tx:
        return [one.kind for one in tx.engagements.of([lead_id]).get(lead_id, [])]


@pytest.mark.both_databases
def test_a_submission_told_four_times_is_one_raised_hand(world: World) -> None:
    _with_forms(world, SURVEY)
    for event in ("responseCreated", "responseUpdated"):
        answer = _tell(world, event)
        assert answer.status_code == 202
        assert "is taken when data.finished says yes, and this body says 'False'" in answer.json()["remark"]
    world.run()
    assert world.slack.bot_messages("#inbound") == []
    finished = _tell(world, "responseFinished", finished=True, name="Dana Fields")
    assert (finished.status_code, "duplicate" in finished.json()) == (201, False)
    again = _tell(world, "responseUpdated", finished=True, name="D.", company="Acme")
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert _did(world) == ["demo_request"]
    shown = world.http.get("/v1/leads/1").json()
    assert (shown["name"], shown["company"]) == ("Dana Fields", "Acme")  # the later one fills gaps
    world.run()
    assert len(world.slack.bot_messages("#inbound")) == 1


def test_what_is_left_alone_is_kept_with_the_reason_and_is_no_failure(world: World) -> None:
    _with_forms(world, SURVEY)
    answer = _tell(world, "responseDeleted", finished=True)
    assert answer.status_code == 202
    assert failed_bodies(world.store) == []
    with world.store.read() as tx:
        body = tx.bodies.get(1)
        assert sum(tx.leads.count_by_stage().values()) == 0
    assert (body.state, body.reason) == ("done", answer.json()["remark"])
    assert "when event is responseCreated or responseUpdated or responseFinished" in body.reason


def test_typeforms_partial_answer_makes_nothing_and_its_finished_one_a_card(world: World) -> None:
    _with_forms(world, {"name": "demo", "shape": "typeform", "kind": "demo_request", "fields": {"email": "mail_ref"}})
    partial = {**TYPEFORM, "event_type": "form_response_partial"}
    assert world.http.post("/v1/forms/demo", json=partial).status_code == 202
    assert world.http.post("/v1/forms/demo", json=TYPEFORM).status_code == 201
    typeless = {name: value for name, value in TYPEFORM.items() if name != "event_type"}
    assert world.http.post("/v1/forms/demo", json=typeless).json()["duplicate"]
    assert _did(world) == ["demo_request"]


def test_a_type_that_is_asked_for_has_to_be_there(world: World) -> None:
    _with_forms(world, {"name": "site", "shape": "webflow", "fields": {"email": "Email address"}})
    assert world.http.post("/v1/forms/site", json={**WEBFLOW, "triggerType": "ecomm_new_order"}).status_code == 202
    assert world.http.post("/v1/forms/site", json={"payload": WEBFLOW["payload"]}).status_code == 201
    _with_forms(world, SURVEY)
    answer = world.http.post("/v1/forms/survey", json={"data": {"finished": True, "email": "a@b.example"}})
    assert (answer.status_code, "this body has none" in answer.text) == (202, True)


@pytest.mark.parametrize(
    ("said", "values", "is_taken"),
    [
        (True, None, True),
        ("yes", None, True),
        (1, None, True),
        ("Completed", None, True),
        ("2026-11-14T08:15:21Z", None, True),
        (False, None, False),
        ("no", None, False),
        ("", None, False),
        (None, None, False),
        (0, None, False),
        ("in progress", None, False),
        ("Done", ["done"], True),
        (True, ["done"], False),
        (None, ["none"], False),
    ],
)
def test_a_flag_says_whether_it_is_finished(world: World, said: Any, values: list[str] | None, is_taken: bool) -> None:
    _with_forms(world, SURVEY | {"finished_values": values})
    assert _tell(world, "responseUpdated", finished=said).status_code == (201 if is_taken else 202)


def test_of_many_forms_each_is_answered_for(world: World) -> None:
    _with_forms(world, SURVEY)
    sent = {"event": "responseFinished", "data": {"id": "s1", "finished": True, "email": "a@b.example"}}
    begun = {"event": "responseCreated", "data": {"id": "s2", "finished": False}}
    answer = world.http.post("/v1/forms/survey", json=[sent, begun, 7, sent])
    told = [(one["status"], one.get("duplicate", False)) for one in answer.json()["results"]]
    assert (answer.status_code, told) == (207, [(201, False), (202, False), (422, False), (200, True)])


def test_two_forms_may_number_their_submissions_alike(world: World) -> None:
    other = SURVEY | {"name": "other"}
    _with_forms(world, SURVEY, other)
    _tell(world, "responseFinished", finished=True)
    body = {"event": "responseFinished", "data": {"id": "s1", "finished": True, "email": "dana@acme.example"}}
    assert "duplicate" not in world.http.post("/v1/forms/other", json=body).json()
    assert len(_did(world)) == 2


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"event_type": ["a"]}, "say in event_field where"),
        ({"event_field": "type"}, "say in event_type which"),
        ({"finished_values": ["done"]}, "say in finished where"),
    ],
)
def test_half_a_condition_is_told(more: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Form.model_validate({"name": "f", "fields": {"email": "mail"}} | more)


def test_the_policy_says_what_it_takes_and_remarks_on_what_counts_often(world: World) -> None:
    forgetful = {name: value for name, value in SURVEY.items() if name != "submission_field"}
    _with_forms(world, SURVEY | {"consent": "data.news"}, forgetful | {"name": "forgetful"})
    policy = world.baton.policy()
    sentences = dict(policy_sections(policy))["Forms"]
    assert sentences[0] == (
        "/v1/forms/survey, as flat sends it, counts as “demo_request” if its event is responseCreated or "
        "responseUpdated or responseFinished and data.finished says it is finished, once for each data.id; who says "
        "yes to “data.news” opts in"
    )
    told = [where for where, what in policy_remarks(policy) if "counts each time" in what]
    assert told == [("form", 1, "event_type")]


def test_a_path_may_be_a_label_with_a_dot_in_it(world: World) -> None:
    """As of a page that posts its fields one by one."""
    flat = SURVEY | {"finished": "data.finished", "event_type": None, "event_field": None}
    _with_forms(world, flat)
    answer = world.http.post("/v1/forms/survey", data={"data.finished": "true", "data.email": "a@b.example"})
    assert answer.status_code == 201, json.dumps(answer.json())
