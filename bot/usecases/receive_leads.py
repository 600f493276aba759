"""Take leads in: find or make the person, keep the oldest source, fill gaps with new facts."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bot.usecases.again import again_on_conflict
from bot.usecases.enter_history import enter_history
from bot.usecases.names import names_of
from funnel.identity import learned
from funnel.lead import Draft, Lead
from funnel.lifecycle import Stage
from funnel.policy import Policy
from storage.errors import Conflict
from storage.store import Store, Transaction


class Received(BaseModel):
    """What became of one draft. `remark` is a sentence about something odd that was kept all the same."""

    model_config = ConfigDict(frozen=True)

    lead_id: int
    created: bool
    remark: str = ""


@again_on_conflict
def receive_leads(store: Store, policy: Policy, drafts: Sequence[Draft], now: datetime, actor: str) -> list[Received]:
    """Store drafts, all or none; one Received for each, in their order.

    Drafts with a stage enter the history as of their day; the others wait to be scored.
    """
    with store.begin() as tx:
        batch = _Batch(tx, policy, drafts)
        received = [batch.take(draft) for draft in drafts]
        batch.write(now)
        told = [
            (batch.leads[got.lead_id], draft, index)
            for index, (draft, got) in enumerate(zip(drafts, received, strict=True))
            if draft.stage is not None and draft.stage is not Stage.RAW
        ]
        remarks = enter_history(tx, policy, told, now, actor)
    return [
        got.model_copy(update={"remark": remarks[index]}) if index in remarks else got
        for index, got in enumerate(received)
    ]


class _Batch:
    """The leads a batch of drafts is about, as they will be stored."""

    def __init__(self, tx: Transaction, policy: Policy, drafts: Sequence[Draft]) -> None:
        self._tx = tx
        named = [names_of(draft, policy) for draft in drafts]
        self._named = iter(named)
        self._known = tx.leads.resolve({pair for names in named for pair in names})
        wanted = set(self._known.values())
        self.leads = tx.leads.get_many(wanted, to_change=True)
        if wanted - set(self.leads):
            raise Conflict("A lead was merged into another just now.")
        self._stored = dict(self.leads)
        strangers = sum(not any(pair in self._known for pair in names) for names in named)
        self._ids = iter(tx.leads.new_ids(strangers))
        self._names: dict[tuple[str, str], int] = {}
        self._new: dict[int, bool] = {}
        self._changed: set[int] = set()

    def take(self, draft: Draft) -> Received:
        """Find or make the lead of the next draft, and note what is new."""
        # The e-mail address comes first: of two leads that a draft names, it is the person.
        names = next(self._named)
        found = list(dict.fromkeys(self._known[pair] for pair in names if pair in self._known))
        lead_id = found[0] if found else next(self._ids)
        if found:
            self._fill(self.leads[lead_id], draft)
        else:
            self.leads[lead_id] = _new_lead(lead_id, draft)
            self._new[lead_id] = draft.stage in (None, Stage.PROSPECT)
        for pair in names:
            if pair not in self._known:
                self._known[pair] = self._names[pair] = lead_id
        return Received(lead_id=lead_id, created=not found, remark=_bridged(found))

    def _fill(self, lead: Lead, draft: Draft) -> None:
        wiser = learned(lead, draft.facts, draft.occurred_at)
        if wiser is lead:
            return
        newest = max(lead.last_activity_at, draft.occurred_at)
        self.leads[lead.id] = wiser.model_copy(update={"last_activity_at": newest})
        if lead.id not in self._new:
            self._changed.add(lead.id)

    def write(self, now: datetime) -> None:
        """Store what was noted: new leads first, then their names, then the changes to known ones."""
        leads = self._tx.leads
        # History needs no scoring to find its stage; only leads without one wait for the tick.
        for waits in (True, False):
            new = [self.leads[lead_id] for lead_id, due in self._new.items() if due is waits]
            leads.add(new, received_at=now, rescore_at=now if waits else None)
        leads.name(self._names)
        # What the same person is told twice in a batch may end where it began: the same file again changes nothing.
        told = [self.leads[lead_id] for lead_id in sorted(self._changed)]
        changed = [lead for lead in told if lead.facts != self._stored[lead.id].facts]
        leads.save_facts(changed, now)


def _bridged(found: list[int]) -> str:
    if len(found) < 2:
        return ""
    one, other = found[:2]
    return (
        f"By one of its names it is lead {one}, by another lead {other}; both are kept. "
        f"If they are one person: baton lead merge {one} {other}"
    )


def _new_lead(lead_id: int, draft: Draft) -> Lead:
    return Lead(
        id=lead_id,
        facts=draft.facts,
        source=draft.source,
        stage=Stage.RAW,
        first_seen_at=draft.occurred_at,
        last_activity_at=draft.occurred_at,
    )
