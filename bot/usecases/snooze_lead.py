"""Put a lead off: its owner is reminded later."""

from datetime import datetime

from humanize import naturaldelta

from bot.usecases.again import again_on_conflict
from bot.usecases.errors import NotYours, PutOffTooOften, TooFar
from bot.usecases.ownership import existing_cycle
from bot.usecases.submission import ViewSubmission, is_new
from funnel.errors import IllegalMove
from funnel.lifecycle import Stage
from funnel.notices import Snoozed
from funnel.policy import Policy
from funnel.roles import Act, Person
from storage.store import Store

PUT_OFF = "put off"


@again_on_conflict
def snooze_lead(
    store: Store,
    policy: Policy,
    person: Person,
    cycle_id: int,
    until: datetime,
    now: datetime,
    submission: ViewSubmission | None = None,
) -> None:
    """Remind `person` of their lead at `until` (UTC); asked twice for the same time, or by the same submission, once.

    Raises:
        NotAllowed, NotYours, NotFound, PutOffTooOften, TooFar: with the sentence for the person.
    """
    policy.roles.check(person, Act.CLAIM)
    latest = now + policy.snooze.longest
    if until > latest:
        span = naturaldelta(policy.snooze.longest)
        raise TooFar(f"A lead is put off for {span} at most; recycle it with a day to come back to it instead.")
    with store.begin() as tx:
        if not is_new(tx, submission, now):
            return
        cycle = existing_cycle(tx, cycle_id)
        if cycle.owner != person.id:
            raise NotYours("This lead is not yours; only its owner puts it off.")
        if cycle.stage not in (Stage.ACCEPTED, Stage.SQL):
            raise IllegalMove(f"This lead is {cycle.stage.label} now; there is nothing to put off.")
        key = f"snooze:{cycle_id}:{person.id}:{until.isoformat()}"
        if tx.outbox.known([key]):
            return
        before = tx.history.count(cycle_id, person.id, PUT_OFF)
        if before >= policy.snooze.most:
            raise PutOffTooOften(
                f"You put this lead off {before} times, which is the limit: recycle it with a day to come back to it, "
                "or hand it over."
            )
        tx.outbox.add_once(key, Snoozed(cycle_id=cycle_id, user=person.id), now, not_before=until)
        tx.history.append(cycle.lead_id, cycle_id, cycle.stage, cycle.stage, now, person.id, policy.stamp, PUT_OFF)
