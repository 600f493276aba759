"""The numbers of a score, as they are stored: by the tick, and for all leads when the policy changes."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from funnel.conditions import Lookup
from funnel.decay import instant, moment
from funnel.lead import Lead, Subject
from funnel.lifecycle import Stage
from funnel.parts import Event
from funnel.policy import Policy
from funnel.scorer import Standing, scorer
from storage.scores import Score
from storage.store import Transaction


def subjects_of(tx: Transaction, policy: Policy, leads: Iterable[Lead]) -> dict[int, Subject]:
    """What the policy's conditions are held against, by lead id."""
    found = list(leads)
    customers = customer_accounts(tx, policy, (lead.facts.account for lead in found))
    return {lead.id: Subject(lead.facts, lead.source, lead.facts.account in customers) for lead in found}


def customer_accounts(tx: Transaction, policy: Policy, accounts: Iterable[str | None]) -> set[str]:
    """Those of these companies that are customers; not looked up when no rule asks."""
    if not scorer(policy).asks_account:
        return set()
    return tx.scores.customer_accounts({account for account in accounts if account})


def look_at_colleagues(tx: Transaction, policy: Policy, lead_ids: Iterable[int], now: datetime) -> None:
    """These became customers, which changes what their companies' other people are to the policy, if that asks."""
    if scorer(policy).asks_account:
        found = tx.leads.get_many(lead_ids).values()
        tx.scores.make_accounts_due({lead.facts.account for lead in found if lead.facts.account}, now)


def numbers(
    lead_id: int,
    stage: Stage,
    wake_at: datetime | None,
    lookup: Lookup,
    events: Sequence[Event],
    policy: Policy,
    now: datetime,
) -> tuple[Score, Standing]:
    """A score and where it puts the lead. It is due again when it wakes, or when what counts against it has faded."""
    rules, at = scorer(policy), instant(now)
    parts = rules.sums.of(events, at)
    raised = rules.raised(lookup, events, at) is not None
    standing = rules.standing(lookup, parts.values, at, raised=raised)
    asleep = stage is Stage.RECYCLED and wake_at is not None and wake_at > now
    again = wake_at if asleep else None
    if stage in (Stage.RAW, Stage.PROSPECT) and standing.look_again is not None:
        again = moment(standing.look_again)
    score = Score(
        lead_id,
        standing.fit,
        standing.behaviour,
        list(parts) if events else [],
        now,
        policy.stamp,
        moment(standing.hot_until) if standing.hot_until is not None else None,
        again,
    )
    return score, standing
