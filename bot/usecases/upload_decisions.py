"""Who decides on a dropped file, and that it is decided once."""

from datetime import datetime
from typing import Any

from bot.usecases.errors import NotYours, TooLate
from funnel.policy import Policy
from funnel.roles import Act, Person, Role
from funnel.upload import Upload, UploadState
from funnel.upload_notices import RefreshUpload
from storage.store import Transaction

_TOO_LATE = {
    UploadState.OFFERED: "I am still reading this file; one moment.",
    UploadState.QUEUED: "This file is being imported already.",
    UploadState.IMPORTING: "This file is being imported already.",
    UploadState.DONE: "This file was imported already.",
    UploadState.CANCELLED: "This file was cancelled; drop it again to import it.",
    UploadState.FAILED: "This file could not be used; drop it again when it is mended.",
}
FORGOTTEN = "This file was dropped long ago and is forgotten; drop it again."


def decide(
    tx: Transaction,
    policy: Policy,
    person: Person,
    upload_id: int,
    new: UploadState,
    now: datetime,
    source: str | None = None,
) -> None:
    """Move an upload that waits for a decision, and show it: of two that decide at once, one does.

    Raises:
        NotAllowed, NotYours, TooLate: with the sentence for the person.
    """
    policy.roles.check(person, Act.IMPORT)
    seen = tx.uploads.get(upload_id)
    if seen is None:
        raise TooLate(FORGOTTEN)
    _check_decider(policy, person, seen)
    # What would have become of it is needed no more, and people's data is in it.
    values: dict[str, Any] = {"source": source, "decided_by": person.id, "turn": 0, "outlook": {}}
    if seen.state is not UploadState.READY or not tx.uploads.move(seen, new, now, **values):
        current = tx.uploads.get(upload_id) or seen
        raise TooLate(_TOO_LATE.get(current.state, FORGOTTEN))
    tx.outbox.add([RefreshUpload(upload_id=upload_id)], now)


def _check_decider(policy: Policy, person: Person, upload: Upload) -> None:
    if person.id != upload.user and not policy.roles.of(person) & {Role.MANAGER, Role.ADMIN}:
        raise NotYours("Only who dropped this file, a manager or an admin can decide on it.")
