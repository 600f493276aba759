"""Take leads in: find or make the person, keep the oldest source, fill gaps with new facts."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from bot.usecases.again import again_on_conflict
from bot.usecases.enter_history import enter_history
from bot.usecases.names import Name, names_of
from bot.usecases.normal import normal_phone
from funnel.identity import learned, with_dated
from funnel.lead import EMAIL, Draft, Facts, Lead
from funnel.lifecycle import Stage
from funnel.policy import Policy
from storage.errors import Conflict
from storage.store import Store, Transaction


class Received(NamedTuple):
    """What became of one draft. `remark` is a sentence about something odd that was kept all the same."""

    lead_id: int
    created: bool
    remark: str = ""


@again_on_conflict
def receive_leads(store: Store, policy: Policy, drafts: Sequence[Draft], now: datetime, actor: str) -> list[Received]:
    """Store drafts, all or none; one Received for each, in their order.

    Drafts with a stage enter the history as of their day; the others wait to be scored.
    """
    with store.begin() as tx:
        return receive(tx, policy, drafts, now, actor)


def receive(tx: Transaction, policy: Policy, drafts: Sequence[Draft], now: datetime, actor: str) -> list[Received]:
    """The same within a transaction."""
    named = [names_of(draft, policy) for draft in drafts]
    batch = _Batch(tx, drafts, named)
    received = list(map(batch.take, drafts, named))
    batch.write(now)
    told = [
        (batch.lead(got.lead_id), draft, index)
        for index, (draft, got) in enumerate(zip(drafts, received, strict=True))
        if draft.stage is not None and draft.stage is not Stage.RAW
    ]
    for index, remark in enter_history(tx, policy, told, now, actor).items():
        received[index] = received[index]._replace(remark=" ".join(filter(None, (received[index].remark, remark))))
    return received


class _Batch:
    """The leads a batch of drafts is about, as they will be stored."""

    def __init__(self, tx: Transaction, drafts: Sequence[Draft], named: Sequence[list[Name]]) -> None:
        """A batch of drafts, and the names of each."""
        self._tx = tx
        self._known = tx.leads.resolve({name for names in named for name in names})
        wanted = set(self._known.values())
        self._stored = tx.leads.get_many(wanted, to_change=True)
        if wanted - set(self._stored):
            raise Conflict("A lead was merged into another just now.")
        strangers = map(self._known.keys().isdisjoint, map(_sure_names, drafts, named))
        self._ids = iter(tx.leads.new_ids(sum(strangers)))
        self._names: dict[Name, int] = {}
        self._new: dict[int, Draft] = {}
        self._wiser: dict[int, Lead] = {}
        self._dated: set[int] = set()

    def take(self, draft: Draft, names: list[Name]) -> Received:
        """Find or make the lead of a draft, and note what is new."""
        known = self._known
        found = [known[name] for name in names if name in known]
        remark = self._doubt(found[0], draft, names) if found and draft.is_guess else _bridged(found)
        if remark and draft.is_guess and draft.facts.email:
            found = []
        # The e-mail address comes first: of two leads that a draft names, it is the person.
        lead_id = found[0] if found else next(self._ids)
        if found:
            self._fill(lead_id, draft)
        else:
            self._new[lead_id] = draft
        for name in names:
            if name not in known:
                known[name] = self._names[name] = lead_id
        return Received(lead_id, not found, " ".join(filter(None, (draft.remark, remark))))

    def _doubt(self, lead_id: int, draft: Draft, names: list[Name]) -> str:
        """What speaks against it that a guessed id is that of this lead, if its address was not known."""
        if any(name[0] == EMAIL and name in self._known for name in names):
            return ""
        told, there = draft.facts, self.lead(lead_id).facts
        whose = f"Its id {draft.external_id} in {draft.system} is that of lead {lead_id}"
        if told.email:
            return f"{whose}, who has another address; it was taken as somebody else." if there.email else ""
        if told.name and there.name and told.name.casefold() != there.name.casefold():
            return f"{whose}, who has another name; as it has no address, it was taken as the same person."
        return ""

    def lead(self, lead_id: int) -> Lead:
        """A lead of the batch with all that was told of it so far."""
        return self._wiser.get(lead_id) or self._as_stored(lead_id)

    def _as_stored(self, lead_id: int) -> Lead:
        return self._stored.get(lead_id) or self._new[lead_id].as_lead(lead_id)

    def _fill(self, lead_id: int, draft: Draft) -> None:
        lead = self.lead(lead_id)
        if draft.is_dated:
            self._dated.add(lead_id)
            wiser = with_dated(lead, draft)
        else:
            wiser = learned(lead, draft.facts, draft.occurred_at, is_dated=False, consent=draft.consent)
        if wiser != lead:
            newest = max(lead.last_activity_at, draft.occurred_at)
            facts = _with_whole_phone(wiser.facts)
            self._wiser[lead_id] = wiser.model_copy(update={"facts": facts, "last_activity_at": newest})

    def write(self, now: datetime) -> None:
        """Store what was noted: new leads as they were first told, then their names, then what was learned."""
        leads = self._tx.leads
        # History needs no scoring to find its stage; only leads without one wait for the tick.
        for waits in (True, False):
            new = {one: draft for one, draft in self._new.items() if (draft.stage in _WAITING) is waits}
            leads.add(new, received_at=now, rescore_at=now if waits else None)
        leads.name(self._names)
        changed = [self._wiser[one] for one in sorted(self._wiser) if self._is_wiser(one)]
        leads.save_facts(changed, now)
        moved = {one.id: one.source for one in changed if one.source != self._as_stored(one.id).source}
        self._tx.cycles.set_source(moved)

    def _is_wiser(self, lead_id: int) -> bool:
        """Whether there is anything to store: a list without days that contradicts itself ends where it began."""
        lead, stored = self._wiser[lead_id], self._as_stored(lead_id)
        return lead.facts != stored.facts or (lead != stored and (lead_id in self._new or lead_id in self._dated))


def _with_whole_phone(facts: Facts) -> Facts:
    """Facts whose phone number may have waited for the country it belongs to, or the other way round."""
    if not facts.phone or not facts.country or facts.phone.startswith("+"):
        return facts
    return facts._replace(phone=normal_phone(facts.phone, facts.country))


def _sure_names(draft: Draft, names: list[Name]) -> list[Name]:
    """The names that nobody had to guess: without a guessed id, where there is an address."""
    return names[:-1] if draft.is_guess and draft.external_id is not None and len(names) > 1 else names


_WAITING = (None, Stage.PROSPECT)
"""The stages of drafts whose leads are scored to find where they stand."""


def _bridged(found: list[int]) -> str:
    other = next((lead_id for lead_id in found if lead_id != found[0]), None) if len(found) > 1 else None
    if other is None:
        return ""
    one = found[0]
    return (
        f"By one of its names it is lead {one}, by another lead {other}; both are kept. "
        f"If they are one person: baton lead merge {one} {other}"
    )
