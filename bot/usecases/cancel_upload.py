"""Have a dropped file left alone."""

from datetime import datetime

from bot.usecases.again import again_on_conflict
from bot.usecases.upload_decisions import decide
from funnel.policy import Policy
from funnel.roles import Person
from funnel.upload import UploadState
from storage.store import Store


@again_on_conflict
def cancel_upload(store: Store, policy: Policy, person: Person, upload_id: int, now: datetime) -> None:
    """End a file that was previewed.

    Raises:
        NotAllowed, NotYours, TooLate: with the sentence for the person.
    """
    with store.begin() as tx:
        decide(tx, policy, person, upload_id, UploadState.CANCELLED, now)
