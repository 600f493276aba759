"""Who people are: Slack's word for it, remembered, so that a click need not ask."""

import threading
from typing import NamedTuple

from bot.clock import Clock
from bot.slack.gateway import Gateway
from funnel.roles import Person
from storage.members import Member
from storage.store import Store


class Refreshed(NamedTuple):
    """How many people there are, and who lives in another time zone than was known."""

    people: int
    moved: list[str]


class Directory:
    """The people of the workspace. A stranger costs one users.info call, once."""

    def __init__(self, store: Store, gateway: Gateway, clock: Clock) -> None:
        self._store, self._gateway, self._clock = store, gateway, clock
        self._known: dict[str, Member] = {}
        self._lock = threading.Lock()

    def person(self, user: str, team: str | None, our_team: str) -> Person:
        """The person behind a user id; people of other workspaces are outsiders.

        Raises:
            SlackTrouble: when Slack must be asked and does not answer.
        """
        if team is not None and team != our_team:
            return Person(id=user, outsider=True)
        return Person(id=user, outsider=self.member(user).outsider)

    def member(self, user: str) -> Member:
        """What is known of a user, asking Slack if nothing is.

        Raises:
            SlackTrouble: when Slack must be asked and does not answer.
        """
        if not self._known:
            self.load()
        if user not in self._known:
            self._remember([self._gateway.member(user)])
        return self._known[user]

    def load(self) -> None:
        """Read what the database remembers."""
        with self._store.read() as tx:
            known = tx.members.all()
        with self._lock:
            self._known = known

    def refresh(self) -> Refreshed:
        """Ask Slack for everybody."""
        members = list(self._gateway.members())
        if not self._known:
            self.load()
        known = self._known
        self._remember(members)
        moved = [one.id for one in members if one.id in known and known[one.id].timezone != one.timezone]
        return Refreshed(len(members), moved)

    def _remember(self, members: list[Member]) -> None:
        with self._store.begin() as tx:
            tx.members.save(members, self._clock())
        with self._lock:
            self._known = self._known | {member.id: member for member in members}
