"""Have a dropped file imported."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.submission import ViewSubmission, is_new
from bot.usecases.upload_decisions import decide
from funnel.policy import Policy
from funnel.roles import Person
from funnel.upload import UploadState
from storage.store import Store


@again_on_conflict
def start_upload(
    store: Store,
    policy: Policy,
    person: Person,
    upload_id: int,
    source: str | None,
    now: datetime,
    submission: ViewSubmission | None = None,
) -> None:
    """Queue a file; `source` says where its leads are from, if the file does not.

    The same submission again changes nothing.

    Raises:
        NotAllowed, NotYours, TooLate: with the sentence for the person.
    """
    with store.begin() as tx:
        if not is_new(tx, submission, now):
            return
        decide(tx, policy, person, upload_id, UploadState.QUEUED, now, source)
