"""Somebody is away: nothing is given to them, and their clocks stand."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.follow_hours import look_anew
from bot.usecases.submission import ViewSubmission, is_new
from funnel.errors import FunnelError
from funnel.notices import TellAway
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.duty import Absence
from storage.store import Store, Transaction

PAUSE, ABSENCE = "pause", "absence"


class NotAway(FunnelError):
    """You are not paused."""


@again_on_conflict
def pause(
    store: Store,
    policy: Policy,
    person: Person,
    user: str,
    until: datetime,
    now: datetime,
    submission: ViewSubmission | None = None,
) -> None:
    """Give `user` nothing until then; a later word replaces an earlier one.

    Raises:
        NotAllowed: it is not their own pause, and they may not act for others.
    """
    with store.begin() as tx:
        _check(policy, person, user)
        if not is_new(tx, submission, now):
            return
        tx.duty.end_absences(user, PAUSE, now)
        tx.duty.add_absence(user, now, until, PAUSE, person.id)
        _changed(tx, policy, person, user, now, now, until)


@again_on_conflict
def resume(
    store: Store, policy: Policy, person: Person, user: str, now: datetime, submission: ViewSubmission | None = None
) -> None:
    """Have `user` back; who is not away now is not going away either: what they planned is cancelled.

    Raises:
        NotAway: they are.
        NotAllowed: as for a pause.
    """
    with store.begin() as tx:
        _check(policy, person, user)
        if not is_new(tx, submission, now):
            return
        ended = [tx.duty.end_absences(user, kind, now) for kind in (PAUSE, ABSENCE)]
        if not any(ended) and not tx.duty.cancel_absences(user, now):
            raise NotAway("You are not paused." if user == person.id else "They are not away.")
        _changed(tx, policy, person, user, now, now, None)


@again_on_conflict
def plan_absence(
    store: Store,
    policy: Policy,
    person: Person,
    user: str,
    since: datetime,
    until: datetime,
    now: datetime,
    submission: ViewSubmission | None = None,
) -> None:
    """Note that `user` is away in [since, until).

    Raises:
        NotAllowed: as for a pause.
    """
    with store.begin() as tx:
        _check(policy, person, user)
        if not is_new(tx, submission, now):
            return
        tx.duty.add_absence(user, since, until, ABSENCE, person.id)
        _changed(tx, policy, person, user, now, since, until)


def absences(store: Store, user: str, now: datetime) -> list[Absence]:
    """When somebody is away, from now on."""
    with store.read() as tx:
        return tx.duty.absences(user, now)


def _changed(
    tx: Transaction, policy: Policy, person: Person, user: str, now: datetime, since: datetime, until: datetime | None
) -> None:
    """Have the ladders looked at that the hours move, and whoever they are told, unless it is their own word."""
    if user != person.id:
        tx.outbox.add([TellAway(user=user, actor=person.id, since=since, until=until)], now)
    look_anew(tx, policy, user, now)


def _check(policy: Policy, person: Person, user: str) -> None:
    policy.roles.check(person, Act.CLAIM if person.id == user else Act.DECIDE_FOR_OTHERS)
