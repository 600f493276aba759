"""Which cycle an act is about, and whether it is the person's to act on."""

from bot.usecases.errors import NotFound, NotYours
from funnel.cycle import Cycle
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.store import Transaction


def existing_cycle(tx: Transaction, cycle_id: int) -> Cycle:
    """The cycle with this id.

    Raises:
        NotFound: there is none.
    """
    cycle = tx.cycles.get(cycle_id)
    if cycle is None:
        raise NotFound
    return cycle


def check_owner(policy: Policy, person: Person, owner: str | None) -> None:
    """Let the owner pass, and those who may decide for others.

    Raises:
        NotYours: with a sentence that names the way.
    """
    if owner == person.id or policy.roles.may(person, Act.DECIDE_FOR_OTHERS):
        return
    if owner is None:
        raise NotYours("Nobody owns this lead; claim it first.")
    raise NotYours("This lead belongs to a colleague; ask them, a rep or a manager.")
