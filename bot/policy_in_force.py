"""The policy that counts at this moment: what is in force in the database, followed without a restart.

The file is where people write it and the database is where all replicas meet: a file that changed is put in force,
and what is in force is taken over by everybody within seconds. A file that cannot be used changes nothing.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.policy_file import example_path, load_policy, read_policy
from bot.settings import BadSetting
from bot.usecases.change_policy import policy_in_force, put_in_force
from funnel.errors import FunnelError
from funnel.policy import Policy
from storage.policies import PolicyChange
from storage.store import Store

PolicySource = Callable[[], Policy]
"""The policy as it is when it is asked for."""

_LOOK_BACK = 1_000
"""Changes among which the file's own are looked for."""

log = logging.getLogger(__name__)


class PolicyInForce:
    """Call it for the policy. `problem` says why the file as it is now is not in force; "" when it is."""

    def __init__(self, policy: Policy, path: Path | None, admins: list[str]) -> None:
        """Begin with a policy; `path` is the file to follow, None to follow the database alone."""
        self._policy, self._path, self._admins = policy, path, admins
        self._seen = self._changed_at()
        self.problem = ""

    @classmethod
    def opened(cls, store: Store, path: Path, admins: list[str]) -> "PolicyInForce":
        """The policy of a file; what is in force when the file cannot be used, so that a slip of the pen stops nobody.

        Raises:
            PolicyError, BadSetting: the file cannot be used, and nothing was ever in force.
        """
        try:
            return cls(load_policy(path, admins), path, admins)
        except (FunnelError, BadSetting) as error:
            stored = policy_in_force(store)
            if stored is None:
                raise
            source = cls(read_policy(stored.text, admins), path, admins)
            source._refuse(error)
            return source

    def __call__(self) -> Policy:
        return self._policy

    def begin(self, store: Store, now: datetime) -> None:
        """Settle which counts: the file if it has changed since it was last put in force, else what is in force."""
        stored = policy_in_force(store)
        if self.problem:
            return
        if stored is None or stored.hash == self._policy.hash or self._has_changed(store, stored):
            put_in_force(store, self._policy, self._author(), now)
            return
        log.warning("%s", superseded(self._path, stored))
        self._take(stored.text)

    def _has_changed(self, store: Store, stored: PolicyChange) -> bool:
        """Whether the file says something else than when it was last put in force, and is newer than what is.

        A replica that starts with an older file follows the others. The example that comes with Baton never takes the
        place of a policy that somebody chose, and has no date of its own.
        """
        if self._path is None:
            return True
        last = stored if self._is_ours(stored.author) else self._last(store)
        if self._path == example_path():
            return last is stored
        return self._is_newer(stored) and (last is None or last.hash != self._policy.hash)

    def _is_newer(self, stored: PolicyChange | None) -> bool:
        """Whether the file was changed after another policy was put in force."""
        changed = self._changed_at()
        return stored is None or changed is None or changed > stored.at

    def _last(self, store: Store) -> PolicyChange | None:
        """When this file was last put in force."""
        with store.read() as tx:
            return next((one for one in tx.policies.changes(_LOOK_BACK) if self._is_ours(one.author)), None)

    def _is_ours(self, author: str) -> bool:
        return self._path is not None and author.rpartition(", ")[2] == self._path.name

    def look(self, store: Store, now: datetime) -> int:
        """Put a changed file in force, and follow what is; 1 when another policy counts now, else 0."""
        before = self._policy.hash
        changed = self._changed_at()
        if self._path is not None and changed is not None and changed != self._seen:
            self._seen = changed
            self._adopt(store, self._path, now)
        with store.read() as tx:
            in_force = tx.policies.hash_in_force()
        if in_force not in (None, self._policy.hash) and (stored := policy_in_force(store)):
            self._take(stored.text)
        return int(self._policy.hash != before)

    def _adopt(self, store: Store, path: Path, now: datetime) -> None:
        """Put the file in force, or say why not and keep what counts."""
        try:
            policy = load_policy(path, self._admins)
        except (FunnelError, BadSetting) as error:
            self._refuse(error)
            return
        self.problem = ""
        if policy.hash == self._policy.hash:
            return
        stored = policy_in_force(store)
        if stored is not None and not self._is_newer(stored):
            log.warning("%s", superseded(path, stored))
            return
        put_in_force(store, policy, self._author(), now)

    def _refuse(self, error: Exception) -> None:
        self.problem = str(error)
        log.error("the policy was not changed, %s stays in force: %s", self._policy.stamp, error)

    def _take(self, text: str) -> None:
        try:
            self._policy = read_policy(text, self._admins)
        except FunnelError as error:  # written by a newer Baton
            self.problem = f"The policy in force cannot be read by this version: {error}"
            log.error("%s", self.problem)
            return
        log.info("policy %s is in force", self._policy.stamp)

    def _changed_at(self) -> datetime | None:
        """When the file was last changed; None when there is none to follow."""
        try:
            return datetime.fromtimestamp(self._path.stat().st_mtime, UTC) if self._path else None
        except OSError:
            return None

    def _author(self) -> str:
        """Who changed the file, as far as the system knows: its owner."""
        if self._path is None:
            return "baton"
        try:
            return f"{self._path.owner()}, {self._path.name}"
        except (KeyError, OSError):
            return self._path.name


def superseded(path: Path | None, stored: PolicyChange) -> str:
    """A sentence about a file that does not count, since another policy was put in force after it was changed."""
    return (
        f"{path.name if path else 'The file'} is not what counts: {stored.stamp} was put in force by {stored.author} "
        f"on {stored.at:%Y-%m-%d %H:%M} UTC, and the file was not changed after that. "
        "To have the file count: baton policy load FILE"
    )
