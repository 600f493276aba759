"""Two hundred claims over fifty leads by forty people, of whom some may hold few: one owner each, no limit passed."""

import subprocess
import sys

from sqlalchemy import func, select

from bot.usecases.announce_mqls import announce_mqls
from bot.usecases.draft import EngagementIn, LeadIn, to_draft, to_seen
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import record_engagements
from funnel.lifecycle import Stage
from storage.store import Store
from storage.tables import cycle, move
from tests.support.claimers import CAPS, LEADS, attempts, capped_policy, claim_all
from tests.support.clock import START
from tests.support.databases import Databases, opened


def _stock(store: Store) -> None:
    policy = capped_policy()
    drafts = [to_draft(LeadIn(source="web", email=f"p{n}@c{n}.example"), START) for n in range(LEADS)]
    received = receive_leads(store, policy, drafts, START, "test")
    seen = [to_seen(EngagementIn(lead_id=one.lead_id, kind="demo_request"), START) for one in received]
    record_engagements(store, policy, seen, "test", START)
    announce_mqls(store, policy, START)


def _check(store: Store, won: int) -> None:
    """Every claimed lead has one owner who was the first, and nobody holds more than they may."""
    with store.read() as tx:
        held = dict(
            tx.connection.execute(
                select(cycle.c.owner, func.count()).where(cycle.c.owner.is_not(None)).group_by(cycle.c.owner)
            ).all()
        )
        claims = tx.connection.scalars(select(move.c.cycle_id).where(move.c.new == Stage.ACCEPTED)).all()
        open_now = tx.connection.scalars(select(cycle.c.id).where(cycle.c.owner.is_(None))).all()
    assert len(claims) == len(set(claims)) == won == sum(held.values())
    assert {user: count for user, count in held.items() if count > CAPS.get(user, LEADS)} == {}
    # Whoever went for a lead that nobody has by now was refused, which only their limit explains.
    for user, cycle_id in attempts():
        if cycle_id in open_now:
            assert held[user] == CAPS[user]
    assert won > LEADS / 2


def test_of_all_who_claim_at_once_one_owns_each_lead_and_nobody_too_many(store: Store) -> None:
    _stock(store)
    _check(store, claim_all(store, attempts()))


def test_four_processes_agree(databases: Databases) -> None:
    url = databases.fresh("postgresql")
    with opened(url) as store:
        _stock(store)
        command = [sys.executable, "-m", "tests.support.claimers", url]
        replicas = [
            subprocess.Popen([*command, str(part), "4"], stdout=subprocess.PIPE, text=True) for part in range(4)
        ]
        won = [int(replica.communicate(timeout=120)[0]) for replica in replicas]
        assert [replica.returncode for replica in replicas] == [0] * 4
        _check(store, sum(won))
