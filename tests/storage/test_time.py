"""The time of the database."""

from datetime import timedelta

from bot.clock import utc_now
from storage.store import Store
from tests.support.clock import TestClock


def test_the_database_knows_the_time_and_it_goes_on_within_a_transaction(store: Store) -> None:
    before = utc_now()
    with store.begin() as tx:
        first = tx.now()
        while (second := tx.now()) == first:
            pass  # a millisecond
    assert second > first
    assert before - timedelta(minutes=1) < first < utc_now() + timedelta(minutes=1)
    assert first.utcoffset() == timedelta(0)


def test_a_test_tells_the_time_in_its_place(store: Store) -> None:
    store.clock = TestClock()
    with store.read() as tx:
        assert tx.now() == store.clock()
