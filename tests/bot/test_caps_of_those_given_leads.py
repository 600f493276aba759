"""The most leads somebody may hold is kept by all ways leads are given but the end of a ladder, also many at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from bot.usecases.announce_mqls import announce_mqls
from bot.usecases.hand_over import check_room
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import Seen, record_engagements
from funnel.lead import Draft, Engagement, Facts
from funnel.policy import Policy, parse_policy
from storage.members import Member
from storage.store import Store
from tests.support.clock import START
from tests.support.databases import Databases, opened


def policy(routes: str, cap: int = 2) -> Policy:
    return parse_policy(f"""
version = "caps"
[mql]
threshold = 1000
[[mql.hand_raise]]
name = "Asked for a demo"
kind = "demo_request"
[[team]]
name = "North"
members = ["UANA"]
[[team]]
name = "South"
members = ["UANA", "UBEN"]
hours = ["Mon-Sun 00:00-24:00"]
[[person]]
id = "UANA"
cap = {cap}
{routes}
""")


def route(name: str, team: str, assign: str, more: str = "") -> str:
    when = f'when = [{{ field = "source", equals = "{name}" }}]'
    return f'[[route]]\nname = "{name}"\nchannel = "#c"\nteam = "{team}"\nassign = {assign}\n{when}\n{more}'


def given(store: Store, rules: Policy, *leads: tuple[str, str]) -> dict[str | None, int]:
    """How many of these leads, each a source and a company, were given to whom when they all come at once."""
    received = _receive(store, rules, *leads)
    announce_mqls(store, rules, START)
    with store.read() as tx:
        return dict(Counter(tx.cycles.of_lead(lead_id)[0].owner for lead_id in received))


def _receive(store: Store, rules: Policy, *leads: tuple[str, str]) -> list[int]:
    drafts = [
        Draft(source=source, system="t", occurred_at=START, facts=Facts(email=f"{n}@{company}", account=company))
        for n, (source, company) in enumerate(leads)
    ]
    received = receive_leads(store, rules, drafts, START, "test")
    seen = [Seen(event=Engagement(kind="demo_request", occurred_at=START), lead_id=one.lead_id) for one in received]
    record_engagements(store, rules, seen, "test", START)
    return [one.lead_id for one in received]


def test_who_is_of_two_teams_holds_no_more_than_they_may_in_both_together(store: Store) -> None:
    rules = policy(route("north", "North", '["round robin"]') + route("south", "South", '["round robin"]'))
    leads = [("north", "a.example"), ("south", "b.example"), ("north", "c.example"), ("south", "d.example")]
    assert given(store, rules, *leads)["UANA"] == 2


def test_what_comes_by_the_account_counts_for_turns_at_once(store: Store) -> None:
    rules = policy(route("south", "South", '["account owner", "round robin"]'))
    leads = [("south", "a.example")] * 4 + [("south", "b.example")] * 4
    assert given(store, rules, *leads)["UANA"] == 2


def test_the_owner_of_an_account_who_is_of_another_team_is_not_given_more_than_they_may_hold(store: Store) -> None:
    rules = policy(
        route("north", "North", '["round robin"]')
        + route("elsewhere", "East", '["account owner", "open"]')
        + '[[team]]\nname = "East"\nmembers = ["UCAI"]\n'
    )
    leads = [("north", "a.example"), *[("elsewhere", "a.example")] * 3]
    assert given(store, rules, *leads) == {"UANA": 2, None: 2}


@pytest.mark.parametrize("way", ['["person"]', '["person", "open"]'])
def test_who_is_named_and_left_is_given_nothing_though_of_no_team(store: Store, way: str) -> None:
    with store.begin() as tx:
        tx.members.save([Member(id="UDAN", name="Dan", timezone=None, outsider=True)], START)
    rules = policy(route("named", "South", way, 'person = "UDAN"'))
    assert given(store, rules, ("named", "a.example")) == {None: 1}


def test_who_claims_while_turns_are_given_holds_no_more_than_they_may(databases: Databases) -> None:
    """On PostgreSQL, where both happen at once, the turns wait until the claim is counted."""
    rules = policy(route("open", "North", '["open"]') + route("north", "North", '["round robin"]'), cap=1)
    with opened(databases.fresh("postgresql")) as store, ThreadPoolExecutor(1) as others:
        _receive(store, rules, ("open", "a.example"))
        announce_mqls(store, rules, START)
        _receive(store, rules, ("north", "b.example"))
        with store.begin() as tx:
            check_room(tx, rules, "UANA", themselves=True)
            tx.cycles.claim(1, "UANA", START)
            turns = others.submit(announce_mqls, store, rules, START)
            while not turns.done() and not tx.connection.scalar(_SOMEBODY_WAITS):
                pass
        turns.result()
        with store.read() as tx:
            assert [tx.cycles.of_lead(lead_id)[0].owner for lead_id in (1, 2)] == ["UANA", None]


_SOMEBODY_WAITS = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
