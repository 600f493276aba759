"""Have somebody answered what the policy is, or what another threshold would have done."""

from datetime import datetime

from funnel.notices import AnswerPolicy
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.store import Store


def ask_policy(store: Store, policy: Policy, person: Person, question: AnswerPolicy, now: datetime) -> None:
    """Put the question into the outbox: the replay takes seconds, so the answer follows.

    Raises:
        NotAllowed: the role of this person cannot change the policy.
    """
    policy.roles.check(person, Act.CHANGE_POLICY)
    with store.begin() as tx:
        tx.outbox.add([question], now)
