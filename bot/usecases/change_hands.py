"""What every change of hands leaves behind: a line of history, the change itself, and what Slack is told of it."""

from datetime import datetime

from funnel.cycle import BATON, Cycle
from funnel.lifecycle import Stage
from funnel.notices import HandedOver, MessageRef, Notice, RefreshCard, TellPerson
from funnel.policy import Policy
from funnel.routing import Handover
from storage.store import Transaction

CHANGED = "Somebody else just changed this lead; look at its card again."
"""What whoever comes second is told."""


def note_handover(
    tx: Transaction,
    policy: Policy,
    cycle: Cycle,
    to: str | None,
    actor: str,
    how: str,
    now: datetime,
    *,
    why: str = "",
    clicked: MessageRef | None = None,
) -> int:
    """Note that `cycle`, which is told as it was before, has changed hands: to somebody, or to all; the line's id.

    Its card, its thread and the homes of both people show it. `why` is for the history, where it is not `how`.
    """
    stage = Stage.MQL if to is None else Stage.ACCEPTED if cycle.stage is Stage.MQL else cycle.stage
    if stage is not cycle.stage:
        tx.leads.set_stage(cycle.lead_id, stage)
    move_id = tx.history.append(cycle.lead_id, cycle.id, cycle.stage, stage, now, actor, policy.stamp, why or how)
    tx.duty.hand_over([Handover(cycle.id, None, cycle.owner, to, actor, how, now, (), cycle.clocks)])
    homes = [user for user in dict.fromkeys((cycle.owner, to)) if user]
    told: list[Notice] = [RefreshCard(cycle_id=cycle.id, clicked=clicked, homes=homes)]
    if cycle.announced:
        told.append(HandedOver(cycle_id=cycle.id, channel=cycle.channel, old=cycle.owner, new=to, actor=actor, how=how))
    tx.outbox.add(told, now)
    return move_id


def tell_owners(
    tx: Transaction, cycle: Cycle, to: str | None, actor: str, now: datetime, not_before: datetime | None = None
) -> None:
    """Tell whoever has a lead now, and whoever had it, of what somebody else did."""
    told: list[Notice] = []
    if to and to != actor:
        given_by = "" if actor == BATON else actor
        told.append(TellPerson(cycle_id=cycle.id, user=to, about="given", owner=to, actor=given_by, since=now))
    if cycle.owner and cycle.owner not in (actor, to) and actor != BATON:
        lost = TellPerson(cycle_id=cycle.id, user=cycle.owner, about="lost", owner=to, actor=actor, since=now)
        told.append(lost)
    tx.outbox.add(told, now, not_before=not_before)
