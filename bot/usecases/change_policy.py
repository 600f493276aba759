"""Put a policy in force, for every replica."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from funnel.policy import Policy
from storage.policies import PolicyChange
from storage.store import Store


@again_on_conflict
def put_in_force(store: Store, policy: Policy, author: str, now: datetime) -> None:
    """Store a policy with its author and make it the one that counts; nothing happens when it is."""
    with store.begin() as tx:
        tx.policies.keep(policy.version, policy.hash, policy.text, now)
        if tx.policies.put_in_force(policy.hash, author, now):
            tx.scores.forget_rescoring(policy.stamp)
            tx.cycles.look_anew(now)


def policy_in_force(store: Store) -> PolicyChange | None:
    """The policy in force, as it is stored."""
    with store.read() as tx:
        return tx.policies.in_force()
