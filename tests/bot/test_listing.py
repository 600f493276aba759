"""Lists of leads: a score fades while nothing happens, in a list as on the lead's own page."""

import pytest

from bot.policy_file import example_path
from bot.usecases.list_scores import Listed, list_scores
from bot.usecases.show_lead import show_lead
from funnel.policy import Policy, parse_policy
from tests.support.world import World

OTHER = parse_policy(example_path().read_text(encoding="utf-8").replace('version = "2026-11"', 'version = "other"'))


def _did(world: World, lead_id: int, kind: str, **properties: str) -> None:
    answer = world.http.post("/v1/engagements", json={"lead_id": lead_id, "kind": kind, "properties": properties})
    assert answer.status_code == 201, answer.text


def _listed(world: World, policy: Policy, *, hot: bool = False) -> list[Listed]:
    return list_scores(world.store, policy, None, None, 10, world.clock(), hot=hot)


@pytest.mark.both_databases
def test_a_list_shows_the_scores_of_now(world: World, policy: Policy) -> None:
    lead_id = world.send_lead(email="dana@acme.example", title="VP Sales", employees=200)
    for kind in ("webinar", "email_bounce", "email_open"):
        _did(world, lead_id, kind)
    for _ in range(5):
        _did(world, lead_id, "page_view", path="/pricing")
    world.run()
    for days in (0, 1, 30, 365):
        world.clock.advance(days=days)
        (one,) = _listed(world, policy)
        told = show_lead(world.store, policy, "dana@acme.example", world.clock()).now.score
        assert one.score == pytest.approx(told)
        assert one.as_of == world.clock()
    assert one.score == pytest.approx(45, abs=0.2)
    assert one.lead.fit + one.lead.behaviour > 80


@pytest.mark.both_databases
def test_a_hot_list_shows_them_too(world: World, policy: Policy) -> None:
    lead_id = world.send_lead(email="dana@acme.example", title="VP Sales", employees=200)
    _did(world, lead_id, "webinar")
    world.run()
    world.clock.advance(days=6)
    (one,) = _listed(world, policy, hot=True)
    assert one.score == pytest.approx(45 + 20 * 2 ** (-6 / 30))
    world.clock.advance(days=365)
    assert _listed(world, policy, hot=True) == []


def test_a_score_under_another_policy_is_shown_as_it_was_stored(world: World) -> None:
    lead_id = world.send_lead(email="dana@acme.example", title="VP Sales", employees=200)
    _did(world, lead_id, "webinar")
    world.run()
    then = world.clock()
    world.clock.advance(days=30)
    (one,) = _listed(world, OTHER)
    assert (one.score, one.as_of) == (65, then)


def test_who_was_never_scored_has_no_score(world: World, policy: Policy) -> None:
    world.send_lead(email="dana@acme.example")
    (one,) = _listed(world, policy)
    assert (one.score, one.as_of) == (None, None)
