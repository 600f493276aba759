"""Log a discovery call, and decide: keep going, promote to SQL, recycle, or disqualify."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bot.usecases.again import again_on_conflict
from bot.usecases.change_hands import CHANGED
from bot.usecases.errors import Incomplete
from bot.usecases.ownership import check_owner, existing_cycle
from bot.usecases.submission import ViewSubmission, is_new
from bot.usecases.undo import decided
from funnel.bant import Answer, latest, missing_for_sql
from funnel.cycle import Cycle
from funnel.errors import IllegalMove
from funnel.lifecycle import Stage, check_move
from funnel.notices import Click, Notice, RefreshCard, TellProgress, TellThread
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.store import Store, Transaction


class Decision(BaseModel):
    """The outcome of a call: no stage saves progress. `wake_at` belongs to recycled (UTC)."""

    model_config = ConfigDict(frozen=True)

    stage: Stage | None = None
    reason: str = ""
    wake_at: datetime | None = None


class LoggedCall(BaseModel):
    """A call as the modal hands it in.

    `submission` identifies the modal, so that a retry changes nothing; `click` is where its person is answered.
    """

    model_config = ConfigDict(frozen=True)

    cycle_id: int
    submission: str
    answers: list[Answer]
    note: str = ""
    decision: Decision = Decision()
    click: Click | None = None


@again_on_conflict
def qualify_lead(store: Store, policy: Policy, person: Person, call: LoggedCall, now: datetime) -> None:
    """Store a call, its new answers and its decision, all or nothing; nothing when this submission is stored already.

    Raises:
        Incomplete: a promotion lacks something, criterion by criterion.
        NotAllowed, NotYours, NotFound, IllegalMove: with the sentence for the person.
    """
    policy.roles.check(person, Act.QUALIFY)
    with store.begin() as tx:
        cycle = existing_cycle(tx, call.cycle_id)
        shown = RefreshCard(cycle_id=cycle.id, homes=sorted({person.id, cycle.owner or person.id}))
        if not is_new(tx, ViewSubmission(view_id=call.submission, notice=shown), now):
            return
        _check_state(policy, person, cycle, call.decision)
        before = latest(tx.calls.answers(cycle.id))
        fresh = [answer for answer in call.answers if not answer.says_same(before[answer.criterion])]
        _check_gate(policy, call.decision, [*before.values(), *fresh])
        call_id = tx.calls.log(cycle.id, call.submission, person.id, now, call.note, fresh)
        if call_id is None:
            return
        notices = _decide(tx, policy, person, cycle, call, now)
        if notices is None:
            notices = [TellProgress(cycle_id=cycle.id, call_id=call_id, channel=cycle.channel)]
        told = [notice for notice in notices if cycle.announced]
        tx.outbox.add(told, now)


def _check_state(policy: Policy, person: Person, cycle: Cycle, decision: Decision) -> None:
    if cycle.stage not in {Stage.ACCEPTED, Stage.SQL, Stage.OPPORTUNITY}:
        raise IllegalMove(
            "Nobody owns this lead any more; claim it before you log the call."
            if cycle.stage is Stage.MQL
            else f"This lead is {cycle.stage.label} now; its call cannot be logged any more."
        )
    check_owner(policy, person, cycle.owner)
    if decision.stage:
        check_move(cycle.stage, decision.stage)


def _check_gate(policy: Policy, decision: Decision, answers: Sequence[Answer]) -> None:
    if decision.stage is Stage.SQL:
        missing = missing_for_sql(latest(list(answers)), policy.sql)
        if missing:
            raise Incomplete(missing)


def _decide(
    tx: Transaction, policy: Policy, person: Person, cycle: Cycle, call: LoggedCall, now: datetime
) -> list[Notice] | None:
    """Move the cycle as decided; what the thread is told, or None when there is no decision."""
    decision = call.decision
    if decision.stage is None:
        return None
    values = {"outcome_reason": decision.reason or None, "wake_at": decision.wake_at}
    if not tx.cycles.move(cycle, decision.stage, now, **values):
        raise IllegalMove(CHANGED)
    if decision.stage is Stage.SQL:
        tx.leads.set_stage(cycle.lead_id, Stage.SQL)
    else:
        tx.leads.set_aside(cycle.lead_id, decision.stage, decision.wake_at)
    move_id = tx.history.append(
        cycle.lead_id,
        cycle.id,
        cycle.stage,
        decision.stage,
        now,
        person.id,
        policy.stamp,
        decision.reason,
        call.note,
    )
    if call.click:
        tx.outbox.add([decided(cycle.id, decision.stage, move_id, call.click)], now)
    return [TellThread(cycle_id=cycle.id, move_id=move_id, channel=cycle.channel)]
