"""What was acknowledged is there, and whoever is due is scored, whatever comes in and in whatever order."""

from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.usecases.announce_mqls import announce_mqls
from bot.usecases.change_policy import put_in_force
from bot.usecases.draft import EngagementIn, LeadIn, to_draft, to_seen
from bot.usecases.merge_leads import merge_leads
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import record_engagements
from funnel.lifecycle import Stage
from funnel.policy import Policy, parse_policy
from funnel.roles import Person
from storage.store import Store
from tests.support.clock import START
from tests.support.databases import emptied

PEOPLE = [f"{name}@acme.example" for name in ("ann", "bo", "cy")]
KINDS = ["demo_request", "webinar", "pricing_page", "never_heard_of"]

events = st.builds(
    EngagementIn,
    email=st.sampled_from(PEOPLE),
    kind=st.sampled_from(KINDS),
    event_id=st.sampled_from(["webinar-42", "e1", "e2"]),
    occurred_at=st.integers(0, 30).map(lambda days: START - timedelta(days=days)),
)


def know_everybody(store: Store, policy: Policy) -> list[int]:
    drafts = [to_draft(LeadIn(source="web", email=email, title="VP Sales"), START) for email in PEOPLE]
    return [one.lead_id for one in receive_leads(store, policy, drafts, START, "web")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(events, min_size=1, max_size=5), min_size=1, max_size=4))
def test_no_acknowledged_event_is_missing(store: Store, policy: Policy, batches: list[list[EngagementIn]]) -> None:
    emptied(store)
    know_everybody(store, policy)
    acknowledged, news = set(), Counter[tuple[int, str, str]]()
    for batch in batches:
        recorded = record_engagements(store, policy, [to_seen(one, START) for one in batch], "web", START)
        for event, answer in zip(batch, recorded, strict=True):
            assert answer.lead_id is not None
            key = (answer.lead_id, event.kind, event.event_id or "")
            acknowledged.add(key)
            news[key] += answer.is_new
    with store.read() as tx:
        rows = tx.connection.execute(text("SELECT lead_id, kind, event_id FROM engagement")).all()
    assert Counter(map(tuple, rows)) == Counter(acknowledged)
    assert set(news.values()) == {1}, "each is news once, and a duplicate after that"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.one_of(events, st.sampled_from(["tick", "merge", "routes renamed", "a day"])), min_size=1, max_size=10)
)
def test_no_due_lead_stays_unscored(store: Store, policy: Policy, steps: list[EngagementIn | str]) -> None:
    emptied(store)
    now, in_force, ids = START, policy, know_everybody(store, policy)
    put_in_force(store, policy, "ada", now)
    for number, step in enumerate(steps):
        now += timedelta(days=1) if step == "a day" else timedelta(seconds=1)
        if isinstance(step, EngagementIn):
            record_engagements(store, in_force, [to_seen(step, now)], "web", now)
        elif step == "tick":
            announce_mqls(store, in_force, now)
        elif step == "merge" and len(ids) > 1:
            merged = merge_leads(store, in_force, Person(id="UADA", operator=True), ids[0], ids[1], now)
            ids.remove(merged.other_id)
        elif step == "routes renamed":
            renamed = in_force.text.replace('[[route]]\nname = "', f'[[route]]\nname = "{number} ')
            in_force = parse_policy(renamed)
            put_in_force(store, in_force, "ada", now)
    announce_mqls(store, in_force, now)
    with store.read() as tx:
        assert not tx.scores.has_due(now)
        leads = tx.leads.get_many(ids).values()
        raised = {one: {event.kind for event in some} for one, some in tx.engagements.of(ids).items()}
    for lead in leads:
        assert lead.scored_at is not None
        if "demo_request" in raised.get(lead.id, set()):
            assert lead.stage is not Stage.RAW, "who asked for a demo is somebody's to claim"
