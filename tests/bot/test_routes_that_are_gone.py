"""A route may be renamed or removed while cycles are on it: none of them is stuck."""

from datetime import timedelta

from bot.usecases.announce_mqls import announce_mqls
from bot.usecases.change_policy import put_in_force
from bot.usecases.draft import EngagementIn, LeadIn, to_draft, to_seen
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import record_engagements
from bot.usecases.watch_sla import watch_sla
from funnel.cycle import Cycle
from funnel.lifecycle import Stage
from funnel.policy import Policy, parse_policy
from storage.store import Store
from tests.support.clock import START

LONG_AGO = START - timedelta(days=300)


def renamed(policy: Policy, old: str = "Inbound", new: str = "Web", channel: str = "#web") -> Policy:
    text = policy.text.replace(f'name = "{old}"\nchannel = "#inbound"', f'name = "{new}"\nchannel = "{channel}"')
    assert text != policy.text
    return parse_policy(text)


def cycle_of(store: Store, lead_id: int) -> Cycle:
    with store.read() as tx:
        return tx.cycles.of_lead(lead_id)[0]


def ask_for_a_demo(store: Store, policy: Policy, lead_id: int) -> None:
    seen = to_seen(EngagementIn(lead_id=lead_id, kind="demo_request"), START)
    record_engagements(store, policy, [seen], "web", START)
    announce_mqls(store, policy, START)


def test_a_cycle_that_was_not_announced_takes_the_route_that_fits_now(store: Store, policy: Policy) -> None:
    """An old MQL, reported by another system, asks for a demo after its route was renamed."""
    draft = to_draft(LeadIn(source="crm", email="a@acme.example", stage=Stage.MQL, occurred_at=LONG_AGO), START)
    lead_id = receive_leads(store, policy, [draft], START, "import")[0].lead_id
    new = renamed(policy)
    put_in_force(store, new, "ada", START)
    ask_for_a_demo(store, new, lead_id)
    cycle = cycle_of(store, lead_id)
    assert (cycle.route, cycle.channel, cycle.announced) == ("Web", "#web", True)
    with store.read() as tx:
        assert not tx.scores.has_due(START)
        assert tx.outbox.is_waiting(f"card:{cycle.id}")


def test_a_cycle_that_waits_in_a_channel_takes_the_new_routes_ladder_and_keeps_its_card(
    store: Store, policy: Policy
) -> None:
    draft = to_draft(LeadIn(source="web", email="a@acme.example"), START)
    lead_id = receive_leads(store, policy, [draft], START, "web")[0].lead_id
    ask_for_a_demo(store, policy, lead_id)
    assert cycle_of(store, lead_id).route == "Inbound"
    new = renamed(policy)
    put_in_force(store, new, "ada", START)
    watch_sla(store, new, START)
    cycle = cycle_of(store, lead_id)
    assert (cycle.route, cycle.channel) == ("Web", "#inbound")
