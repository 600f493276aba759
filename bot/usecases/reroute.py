"""A cycle whose route the policy has no more takes the route that fits now."""

from bot.usecases.score_leads import subjects_of
from funnel.cycle import Cycle
from funnel.lead import Lead
from funnel.policy import Policy
from funnel.routing import choose_route
from storage.store import Transaction


def rerouted(tx: Transaction, policy: Policy, cycle: Cycle, lead: Lead) -> Cycle:
    """The cycle on a route that there is: its own, or the one that fits now, which is stored with it.

    A card that is posted stays in its channel.
    """
    if policy.route_named(cycle.route) is not None:
        return cycle
    route = choose_route(subjects_of(tx, policy, [lead])[lead.id], cycle.score, policy)
    channel = cycle.channel if cycle.announced else route.channel
    tx.cycles.reroute(cycle.id, route.name, channel)
    return cycle.model_copy(update={"route": route.name, "channel": channel})
