"""Dropped files in the database: taken up by one, changed by who has them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from funnel.lead import Draft, Facts
from funnel.lifecycle import Stage
from funnel.upload import DroppedFile, Outlook, Tally, Upload, UploadState
from storage.store import Store
from tests.support.clock import START

SOON = START + timedelta(minutes=1)
FILE = DroppedFile(
    file_id="F1",
    name="fair.csv",
    kind="csv",
    size=9,
    url="https://files.slack.com/x",
    channel="D1",
    ts="1",
    thread_ts="1",
)


def _offered(store: Store, file: DroppedFile = FILE) -> int | None:
    with store.begin() as tx:
        upload_id: int | None = tx.uploads.offer(file, "UMAYA", "", START)
        return upload_id


def _got(store: Store, upload_id: int = 1) -> Upload:
    with store.read() as tx:
        found = tx.uploads.get(upload_id)
    assert found is not None
    return found


def _take(store: Store) -> Upload | None:
    with store.begin() as tx:
        return tx.uploads.take(UploadState.OFFERED, UploadState.OFFERED, START, SOON)


def _queued(store: Store) -> Upload:
    _offered(store)
    with store.begin() as tx:
        assert tx.uploads.move(_got(store), UploadState.QUEUED, START)
    return _got(store)


def test_a_file_is_remembered_once_a_message(store: Store) -> None:
    assert [_offered(store), _offered(store)] == [1, None]
    assert _offered(store, FILE.model_copy(update={"ts": "2"})) is not None


def test_what_is_kept_comes_back_as_it_was(store: Store) -> None:
    _offered(store)
    outlook = Outlook(fields={"email": "E-Mail"}, tally=Tally(rows=3, refused=1))
    with store.begin() as tx:
        values = {"outlook": outlook.model_dump(mode="json"), "rows": 3, "rejects": b"\x00\xff"}
        assert tx.uploads.move(_got(store), UploadState.READY, START, **values)
    assert (_got(store).outlook, _got(store).rows, _got(store).tally) == (outlook, 3, Tally())
    with store.begin() as tx:
        assert tx.uploads.rejects(1) == b"\x00\xff"
        tx.uploads.drop_rejects(1)
        assert tx.uploads.rejects(1) is None


def test_of_many_that_take_at_once_each_file_goes_to_one(store: Store) -> None:
    for number in range(5):
        _offered(store, FILE.model_copy(update={"file_id": f"F{number}"}))
    with ThreadPoolExecutor(8) as pool:
        taken = [upload for upload in pool.map(lambda _: _take(store), range(20)) if upload]
    assert len({upload.id for upload in taken}) == len(taken) <= 5
    while upload := _take(store):  # on PostgreSQL, those that met went away with nothing
        taken.append(upload)
    assert sorted(upload.id for upload in taken) == [1, 2, 3, 4, 5]


def test_of_many_that_decide_at_once_one_does(store: Store) -> None:
    _offered(store)
    seen = _got(store)

    def decide(_: int) -> bool:
        with store.begin() as tx:
            return tx.uploads.move(seen, UploadState.QUEUED, START)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(decide, range(16))) == 1


@pytest.mark.parametrize("after", [timedelta(seconds=59), timedelta(seconds=61)])
def test_what_is_taken_is_taken_again_when_its_time_is_over(store: Store, after: timedelta) -> None:
    _queued(store)
    is_over = after > timedelta(minutes=1)
    with store.begin() as tx:
        first = tx.uploads.take(UploadState.QUEUED, UploadState.IMPORTING, START, SOON)
        assert first is not None
        assert tx.uploads.waits(UploadState.QUEUED, UploadState.IMPORTING, START + after) is is_over
        second = tx.uploads.take(UploadState.QUEUED, UploadState.IMPORTING, START + after, SOON)
    assert (second is not None) is is_over
    with store.begin() as tx:  # the first comes back
        assert tx.uploads.hold(first, SOON, 10, Tally(rows=9)) is not is_over
        assert tx.uploads.move(first, UploadState.DONE, SOON) is not is_over


def test_what_was_settled_long_ago_is_forgotten_but_nothing_that_is_worked_on(store: Store) -> None:
    _queued(store)
    settled = _offered(store, FILE.model_copy(update={"ts": "2"}))
    assert settled is not None
    with store.begin() as tx:
        assert tx.uploads.move(_got(store, settled), UploadState.CANCELLED, START)
        assert tx.uploads.forget(START) == 0
        assert tx.uploads.forget(SOON) == 1
        assert tx.uploads.get(settled) is None


def test_the_first_leads_of_a_list_are_kept_by_the_names_of_what_is_known() -> None:
    draft = Draft("fair", "fair", Facts(name="Ann", attributes={"plan": "free"}), START, "7", Stage.MQL)
    outlook = Outlook(fields={}, tally=Tally(), first=[draft])
    kept = outlook.model_dump(mode="json")
    assert (kept["first"][0]["facts"]["name"], kept["first"][0]["stage"]) == ("Ann", "mql")
    assert Outlook.model_validate(kept) == outlook
    older = {key: value for key, value in kept["first"][0].items() if not key.startswith("is_")}
    assert Outlook.model_validate(kept | {"first": [older]}) == outlook
