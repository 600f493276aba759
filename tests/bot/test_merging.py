"""Leads that turn out to be one person, and leads that look so."""

import pytest

from bot.usecases.draft import LeadIn, to_draft
from bot.usecases.errors import NotFound, SameLead
from bot.usecases.merge_leads import merge_leads
from bot.usecases.receive_leads import receive_leads
from bot.usecases.show_lead import show_lead
from funnel.lifecycle import Stage
from funnel.policy import Policy
from funnel.roles import Person
from storage.store import Store
from tests.support.clock import START
from tests.support.world import ANA, BEN, GUEST, World


def _lead(store: Store, policy: Policy, **lead: object) -> int:
    draft = to_draft(LeadIn.model_validate({"source": "web"} | lead), START)
    return receive_leads(store, policy, [draft], START, "test")[0].lead_id


@pytest.mark.both_databases
def test_everything_of_both_is_kept_under_the_older_id(world: World, policy: Policy) -> None:
    old = world.send_lead(email="dana@acme.example", source="fair")
    world.clock.advance(days=1)
    new = world.send_lead(email="d.fields@acme.example", name="Dana", external_id="7")
    for lead_id in (old, new, new):
        world.http.post("/v1/engagements", json={"lead_id": lead_id, "kind": "webinar"})
    made = merge_leads(world.store, policy, Person(id=ANA), new, old, world.clock())
    assert (made.lead.id, made.other_id) == (old, new)
    for name in (str(old), str(new), "dana@acme.example", "d.fields@acme.example"):
        dossier = show_lead(world.store, policy, name, world.clock())
        assert (dossier.lead.id, dossier.lead.source, dossier.lead.facts.name) == (old, "fair", "Dana")
        assert len(dossier.engagements) == 3
    assert dossier.moves[-1].reason == f"merged with lead {new}"
    assert world.send_lead(external_id="7", source="web") == old
    assert world.http.post("/v1/engagements", json={"lead_id": new, "kind": "webinar"}).json()["lead_id"] == old
    assert world.http.get(f"/v1/leads/{new}").json()["id"] == old
    world.run()
    assert show_lead(world.store, policy, str(old), world.clock()).lead.behaviour == pytest.approx(40, abs=0.5)


def test_three_leads_merged_in_any_grouping_are_one(world: World, policy: Policy) -> None:
    ids = [world.send_lead(email=f"p{number}@acme.example") for number in range(3)]
    merge_leads(world.store, policy, Person(id=ANA), ids[1], ids[2], world.clock())
    merge_leads(world.store, policy, Person(id=ANA), ids[0], ids[2], world.clock())
    for lead_id in ids:
        assert show_lead(world.store, policy, str(lead_id), world.clock()).lead.id == ids[0]
    with pytest.raises(SameLead):
        merge_leads(world.store, policy, Person(id=ANA), ids[1], ids[2], world.clock())
    with pytest.raises(NotFound, match="no lead 999"):
        merge_leads(world.store, policy, Person(id=ANA), ids[0], 999, world.clock())


@pytest.mark.both_databases
def test_of_two_open_cycles_the_claimed_one_goes_on_and_the_other_ends_as_a_duplicate(world: World) -> None:
    first = world.posted_card(email="dana@acme.example", phone="+49 30 901820")
    second = world.posted_card(email="d@gmail.com", phone="030 901820", country="Germany")
    world.people.click(ANA, second, "claim")
    world.deliver()
    assert "Perhaps the same person as" in str(world.slack.bot_messages("#inbound")[-1].blocks)
    world.people.click(BEN, second, "alike", "one:2:2:1")
    world.deliver()
    cards = world.slack.bot_messages("#inbound")
    assert "Rejected: Duplicate" in str(cards[0].blocks)
    assert "Accepted by <@UANA>" in str(cards[1].blocks)
    assert "Perhaps the same" not in str(cards[1].blocks)
    assert first.ts != second.ts
    with world.store.read() as tx:
        lead = tx.leads.find("dana@acme.example")[0]
        cycles = tx.cycles.of_lead(lead.id)
    assert (lead.stage, [cycle.number for cycle in cycles]) == (Stage.ACCEPTED, [2, 1])
    assert [cycle.stage for cycle in cycles] == [Stage.ACCEPTED, Stage.REJECTED]


@pytest.mark.both_databases
def test_two_people_are_not_asked_about_again(world: World) -> None:
    world.posted_card(email="dana@acme.example", phone="+49 30 901820")
    card = world.posted_card(email="kim@elm.example", name="Kim", phone="+4930901820")
    assert "Perhaps the same person as Dana Fields, Acme (lead 1, MQL): same phone number" in str(card.blocks)
    world.people.click(ANA, card, "alike", "two:2:2:1")
    world.deliver()
    assert "Perhaps" not in str(world.card().blocks)


def test_a_guest_merges_nobody(world: World) -> None:
    world.posted_card(email="dana@acme.example", phone="+49 30 901820")
    card = world.posted_card(email="kim@elm.example", name="Kim", phone="+4930901820")
    world.people.click(GUEST, card, "alike", "one:2:2:1")
    world.deliver()
    with world.store.read() as tx:
        assert tx.leads.get(2).id == 2  # type: ignore[union-attr]


def test_colleagues_at_a_free_mail_provider_are_none(world: World) -> None:
    card = world.posted_card(email="dana@gmail.com")
    world.people.click(ANA, card, "claim")
    other = world.posted_card(email="kim@gmail.com", name="Kim")
    assert "lead from" not in str(other.blocks)


@pytest.mark.parametrize("again", ["Dana+News@Acme.example", "dana@acme.example"])
def test_plus_tags_make_nobody_new_if_the_policy_says_so(store: Store, policy: Policy, again: str) -> None:
    rule = policy.identity.model_copy(update={"ignore_plus_tags": True, "ignore_dots_at": ["gmail.com"]})
    folding = policy.model_copy(update={"identity": rule})
    one = _lead(store, folding, email="dana+fair@acme.example")
    assert _lead(store, folding, email=again) == one
    dotted = _lead(store, folding, email="d.a.n.a@gmail.com")
    assert _lead(store, folding, email="da.na+x@gmail.com") == dotted
    assert _lead(store, policy, email="other+tag@acme.example") != _lead(store, policy, email="other@acme.example")


def test_a_file_that_names_two_known_leads_says_how_to_merge_them(store: Store, policy: Policy) -> None:
    one, other = _lead(store, policy, email="a@b.example"), _lead(store, policy, external_id="7")
    draft = to_draft(LeadIn(source="web", email="a@b.example", external_id="7"), START)
    remark = receive_leads(store, policy, [draft], START, "test")[0].remark
    assert f"baton lead merge {one} {other}" in remark
