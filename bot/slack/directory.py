"""Who people are: Slack's word for it, remembered, so that a click need not ask."""

import threading
from collections.abc import Callable

from bot.clock import Clock
from bot.slack.gateway import Gateway
from funnel.roles import Person
from storage.members import Member, MembersVersion
from storage.store import Store, Transaction

OnMove = Callable[[Transaction, str], None]
"""What is done, in the same transaction, about somebody who lives in another time zone than was known."""


class Directory:
    """The people of the workspace. A stranger costs one users.info call, once."""

    def __init__(self, store: Store, gateway: Gateway, clock: Clock) -> None:
        self._store, self._gateway, self._clock = store, gateway, clock
        self._known: dict[str, Member] = {}
        self._version: MembersVersion = (0, None)
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
            version, members = tx.members.version(), tx.members.all()
        with self._lock:
            self._known, self._version = members, version

    def follow(self) -> int:
        """Take over what another replica has learned of people; 1 when there was anything, else 0."""
        with self._store.read() as tx:
            is_new = tx.members.version() != self._version
        if is_new:
            self.load()
        return int(is_new)

    def refresh(self, on_move: OnMove | None = None) -> int:
        """Ask Slack for everybody; how many there are."""
        members = list(self._gateway.members())
        self._remember(members, on_move)
        return len(members)

    def _remember(self, members: list[Member], on_move: OnMove | None = None) -> None:
        with self._store.begin() as tx:
            if on_move is not None:
                for user in tx.members.moved(members):
                    on_move(tx, user)
            tx.members.save(members, self._clock())
        with self._lock:
            self._known = self._known | {member.id: member for member in members}
