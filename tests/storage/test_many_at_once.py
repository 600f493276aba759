"""Many leads in one transaction: as many go in as were handed in, each as it was; or none."""

from datetime import timedelta

import pytest

from bot.usecases.draft import LeadIn, to_draft
from bot.usecases.receive_leads import receive_leads
from funnel.lead import EMAIL, Draft
from funnel.policy import Policy
from storage.errors import Conflict
from storage.store import Store
from tests.support.clock import START


def _drafts(count: int) -> list[Draft]:
    leads = [
        LeadIn(
            source="web",
            email=f"p{n}@c{n % 7}.example",
            name=f"Person {n}",
            employees=n or None,
            attributes={"plan": "größe", "seats": n} if n % 3 else {},
            occurred_at=START - timedelta(seconds=n),
        )
        for n in range(count)
    ]
    return [to_draft(lead, START) for lead in leads]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_every_lead_of_a_batch_is_stored_as_it_was_handed_in(store: Store, policy: Policy, count: int) -> None:
    drafts = _drafts(count)
    received = receive_leads(store, policy, drafts, START, "test")
    with store.read() as tx:
        stored = tx.leads.get_many([one.lead_id for one in received])
        named = tx.leads.resolve([(EMAIL, str(draft.facts.email)) for draft in drafts])
    assert [stored[one.lead_id] for one in received] == [
        draft.as_lead(one.lead_id) for draft, one in zip(drafts, received, strict=True)
    ]
    assert [named[EMAIL, str(draft.facts.email)] for draft in drafts] == [one.lead_id for one in received]


def test_of_a_batch_with_one_name_too_many_nothing_is_stored(store: Store, policy: Policy) -> None:
    receive_leads(store, policy, _drafts(1), START, "test")

    def again() -> None:
        with store.begin() as tx:
            ids = tx.leads.new_ids(250)
            tx.leads.add(dict(zip(ids, _drafts(250), strict=True)), START, None)
            tx.leads.name({(EMAIL, str(draft.facts.email)): ids[n] for n, draft in enumerate(_drafts(250))})

    with pytest.raises(Conflict):
        again()
    with store.read() as tx:
        assert tx.leads.count_by_stage() == {"raw": 1}


def test_what_a_new_lead_learns_later_in_its_batch_is_dated(store: Store, policy: Policy) -> None:
    first = LeadIn(source="web", email="dana@acme.example", occurred_at=START - timedelta(days=9))
    later = LeadIn(source="web", email="dana@acme.example", title="VP", occurred_at=START - timedelta(days=2))
    one, other = receive_leads(store, policy, [to_draft(first, START), to_draft(later, START)], START, "test")
    assert (one.created, other.created, one.lead_id) == (True, False, other.lead_id)
    with store.read() as tx:
        lead = tx.leads.get(one.lead_id)
    assert lead is not None
    assert (lead.facts.title, lead.first_seen_at, lead.last_activity_at, lead.filled) == (
        "VP",
        START - timedelta(days=9),
        START - timedelta(days=2),
        {"title": START - timedelta(days=2)},
    )
