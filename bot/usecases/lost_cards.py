"""Cards that cannot be posted, or are gone: the lead is not lost with them."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from funnel.group_notices import PostBundle, TellMany
from funnel.notices import MessageRef, Notice, PostCard, TellPerson
from funnel.policy import Policy
from storage.store import Store


@again_on_conflict
def tell_unposted(store: Store, policy: Policy, notice: PostCard | PostBundle, now: datetime) -> int:
    """Have those who can mend it told that cards found no channel, with the cards themselves; how many there are."""
    ids = notice.cycle_ids if isinstance(notice, PostBundle) else [notice.cycle_id]
    with store.begin() as tx:
        cycle = tx.cycles.get(ids[0])
        if cycle is None:
            return 0
        route = policy.route_named(cycle.route)
        team = policy.team_named(route.team) if route else None
        people = (team.managers if team else []) or policy.roles.admin or policy.roles.manager
        told: list[Notice] = [
            TellMany(user=user, about="unposted", cycle_ids=ids, channel=notice.channel)
            if len(ids) > 1
            else TellPerson(cycle_id=cycle.id, user=user, about="unposted", owner=cycle.owner, since=now)
            for user in dict.fromkeys(people)
        ]
        tx.outbox.add(told, now)
    return len(told)


@again_on_conflict
def forget_card(store: Store, cycle_id: int, message: MessageRef, now: datetime) -> bool:
    """Forget a card that somebody deleted; whether it is posted anew, because nobody is done with the lead."""
    with store.begin() as tx:
        tx.posts.remove(message)
        cycle = tx.cycles.get(cycle_id)
        if cycle is None or not cycle.is_open or tx.posts.of_cycle(cycle_id):
            return False
        return tx.outbox.add_once(
            f"card:{cycle_id}:{message.ts}", PostCard(cycle_id=cycle_id, channel=cycle.channel), now
        )
