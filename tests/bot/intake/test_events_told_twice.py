"""An event id tells one thing of a kind that one person did; told again, it is answered as a duplicate."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from bot.usecases.merge_leads import merge_leads
from funnel.policy import Policy
from funnel.roles import Person
from tests.support.world import World

DANA, MAX = "dana@acme.example", "max@elm.example"


def _told(world: World, body: Any) -> httpx.Response:
    return world.http.post("/v1/engagements", json=body)


def _did(world: World, lead_id: int) -> list[tuple[str, datetime]]:
    with world.store.read() as tx:
        return [(one.kind, one.occurred_at) for one in tx.engagements.of([lead_id]).get(lead_id, [])]


@pytest.mark.both_databases
def test_two_people_at_one_webinar_are_two_events(world: World) -> None:
    ids = [world.send_lead(email=email) for email in (DANA, MAX)]
    for email in (DANA, MAX):
        answer = _told(world, {"email": email, "kind": "webinar", "event_id": "webinar-42"})
        assert (answer.status_code, answer.json().get("duplicate")) == (201, None)
    assert [len(_did(world, one)) for one in ids] == [1, 1]


@pytest.mark.both_databases
def test_a_raised_hand_is_not_lost_behind_another_kind_under_its_id(world: World) -> None:
    lead_id = world.send_lead(email=DANA, name="Dana Fields")
    for kind in ("webinar", "demo_request"):
        assert _told(world, {"email": DANA, "kind": kind, "event_id": "hubspot-7"}).status_code == 201
    assert [kind for kind, _ in _did(world, lead_id)] == ["webinar", "demo_request"]
    world.run()
    assert "Dana Fields" in world.card().text


@pytest.mark.both_databases
def test_a_duplicate_says_that_it_is_one(world: World) -> None:
    lead_id = world.send_lead(email=DANA)
    deed = {"email": DANA, "kind": "webinar", "event_id": "e1"}
    assert _told(world, deed).status_code == 201
    again = _told(world, deed)
    assert (again.status_code, again.json()) == (200, {"lead_id": lead_id, "duplicate": True})
    assert len(_did(world, lead_id)) == 1


@pytest.mark.both_databases
def test_of_two_the_same_in_one_body_the_second_is_the_duplicate(world: World) -> None:
    lead_id = world.send_lead(email=DANA)
    deed = {"email": DANA, "kind": "webinar", "event_id": "e1"}
    stranger = {"email": "who@x.example", "kind": "webinar", "event_id": "e1"}
    told = _told(world, [stranger, deed, deed, {**deed, "event_id": "e2"}]).json()["results"]
    assert [(one["status"], one.get("duplicate", False)) for one in told] == [
        (404, False),
        (201, False),
        (200, True),
        (201, False),
    ]
    assert len(_did(world, lead_id)) == 2


@pytest.mark.both_databases
@pytest.mark.parametrize("is_older_first", [True, False])
def test_who_turns_out_to_be_one_person_was_at_a_webinar_once(
    world: World, policy: Policy, *, is_older_first: bool
) -> None:
    """Both have ("webinar-42", "webinar"): the earlier of the two is kept, whichever lead has it."""
    days = ["2026-11-10T10:00:00+00:00", "2026-11-12T10:00:00+00:00"]
    older, younger = (world.send_lead(email=email) for email in (DANA, MAX))
    for email, day in zip((DANA, MAX), days if is_older_first else reversed(days), strict=True):
        deeds = [{"email": email, "kind": kind, "event_id": "webinar-42", "occurred_at": day} for kind in ("webinar",)]
        deeds.append({"email": email, "kind": f"seen by {email}", "event_id": "webinar-42", "occurred_at": day})
        assert _told(world, deeds).json()["accepted"] == 2
    merge_leads(world.store, policy, Person(id="UADA"), older, younger, world.clock())
    did = _did(world, older)
    assert sorted(kind for kind, _ in did) == [f"seen by {DANA}", f"seen by {MAX}", "webinar"]
    assert dict(did)["webinar"] == datetime(2026, 11, 10, 10, tzinfo=UTC)
    again = _told(world, {"lead_id": younger, "kind": "webinar", "event_id": "webinar-42"})
    assert (again.status_code, again.json()) == (200, {"lead_id": older, "duplicate": True})
