"""Two hundred people click Claim on one card at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from funnel.policy import Policy
from tests.support.databases import Databases
from tests.support.world import CROWD, USERS, open_world


@pytest.mark.both_databases
def test_of_two_hundred_one_owns_the_lead_and_each_other_gets_a_private_answer(
    databases: Databases, kind: str, policy: Policy
) -> None:
    open_to_all = policy.model_copy(update={"roles": policy.roles.model_copy(update={"sdr": [u.id for u in CROWD]})})
    with open_world(databases.fresh(kind), open_to_all, USERS + CROWD) as world:
        world.baton.directory.refresh()
        card = world.posted_card()
        start = Barrier(len(CROWD))

        def click(user: str) -> None:
            start.wait()
            world.people.click(user, card, "claim")

        with ThreadPoolExecutor(len(CROWD)) as crowd:
            list(crowd.map(click, [user.id for user in CROWD]))
        world.deliver()

        with world.store.read() as tx:
            owner = tx.connection.scalar(text("SELECT owner FROM cycle"))
            claims = tx.connection.scalar(text("SELECT count(*) FROM move WHERE new = 'accepted'"))
        assert claims == 1
        told = {user.id: [one.text for one in world.slack.whispers(user.id)] for user in CROWD}
        assert told.pop(owner) == []
        assert len(told) == 199
        sentence = re.compile(
            rf"<@{owner}> claimed Dana Fields, Acme .+ before you\. No other lead is waiting right now\."
        )
        assert {user: texts for user, texts in told.items() if len(texts) != 1} == {}
        assert [texts[0] for texts in told.values() if not sentence.fullmatch(texts[0])] == []
        assert f"Accepted by <@{owner}>" in str(card.blocks)
