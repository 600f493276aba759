"""Work on dropped files: taken up by one process at a time, kept by showing progress, and settled once.

Whoever has taken a file up has it for two minutes from the last progress. If it dies, or is too slow, another takes the
file up; the first then changes nothing more of it, and what both import twice is the same.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.usecases.again import again_on_conflict
from bot.usecases.errors import TakenOver
from funnel.notices import Notice
from funnel.upload import Outlook, Tally, Upload, UploadState
from funnel.upload_notices import HandBackRows, RefreshUpload, TellImported
from storage.store import Store

TAKEN_FOR = timedelta(minutes=2)
"""Longer than a file takes to be downloaded and looked through, when no progress is told yet."""
MOST_TURNS = 20
"""Turns in which a file is taken up before it is given up: with the waits between them more than an hour."""

GAVE_UP = "I tried several times and could not get through this file. Drop it again; if that does not help, in parts."

_WAITING = {UploadState.OFFERED: UploadState.OFFERED, UploadState.IMPORTING: UploadState.QUEUED}
"""Where a file that is worked on goes back to."""


def uploads_wait(store: Store, working: UploadState) -> bool:
    """Whether any file waits to be read (OFFERED) or to be imported (IMPORTING)."""
    with store.read() as tx:
        return tx.uploads.waits(_WAITING[working], working, tx.now())


@again_on_conflict
def take_upload(store: Store, working: UploadState, now: datetime) -> Upload | None:
    """Take up the oldest file that waits to be read (OFFERED) or to be imported (IMPORTING)."""
    with store.begin() as tx:
        at = tx.now()
        taken = tx.uploads.take(_WAITING[working], working, at, at + TAKEN_FOR)
    if taken is None or taken.turn <= MOST_TURNS:
        return taken
    fail_upload(store, taken, GAVE_UP, now)
    return None


@again_on_conflict
def keep_upload(store: Store, upload: Upload, line: int, tally: Tally, now: datetime, *, show: bool = False) -> None:
    """Go on with a file: note how far it came, and `show` it on the card.

    Raises:
        TakenOver: somebody else has it now.
    """
    with store.begin() as tx:
        if not tx.uploads.hold(upload, tx.now() + TAKEN_FOR, line, tally):
            raise TakenOver
        if show:
            tx.outbox.add([RefreshUpload(upload_id=upload.id)], now)


@again_on_conflict
def preview_upload(store: Store, upload: Upload, outlook: Outlook, problem: str, now: datetime) -> None:
    """Keep what would become of a file and show it; with a problem, nobody is asked to decide."""
    state = UploadState.FAILED if problem else UploadState.READY
    values = {"outlook": outlook.model_dump(mode="json"), "rows": outlook.tally.rows, "problem": problem}
    _settle(store, upload, state, [], now, **values)


@again_on_conflict
def finish_upload(store: Store, upload: Upload, tally: Tally, rejects: bytes | None, now: datetime) -> None:
    """Note what became of all rows and tell it; the refused ones are handed back."""
    notices: list[Notice] = [TellImported(upload_id=upload.id, channel=upload.channel)]
    if rejects:
        notices.append(HandBackRows(upload_id=upload.id, channel=upload.channel))
    values = {"tally": tally.model_dump(mode="json"), "rejects": rejects}
    _settle(store, upload, UploadState.DONE, notices, now, **values)


@again_on_conflict
def fail_upload(store: Store, upload: Upload, problem: str, now: datetime) -> None:
    """Give a file up and say why, in plain text; who waits for the import of it is told by mention."""
    told = [TellImported(upload_id=upload.id, channel=upload.channel)] if upload.decided_by else []
    _settle(store, upload, UploadState.FAILED, told, now, problem=problem)


@again_on_conflict
def put_off_upload(store: Store, upload: Upload, wait: timedelta, now: datetime, *, counts: bool = True) -> None:
    """Give a file back, to be taken up again after a `wait`; a turn that does not count is as if never taken."""
    turn = upload.turn if counts else upload.turn - 1
    with store.begin() as tx:
        tx.uploads.move(upload, _WAITING[upload.state], now, taken_until=tx.now() + wait, turn=turn)


def _settle(
    store: Store, upload: Upload, state: UploadState, more: Sequence[Notice], now: datetime, **values: Any
) -> None:
    """End what was taken up, and tell it; nothing when somebody else has it now."""
    with store.begin() as tx:
        if tx.uploads.move(upload, state, now, **values):
            tx.outbox.add([RefreshUpload(upload_id=upload.id), *more], now)
