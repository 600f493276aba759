"""Somebody drops files on the bot: each is remembered once, and answered in the thread it came in."""

from collections.abc import Sequence
from datetime import datetime

from bot.usecases.again import again_on_conflict
from funnel.errors import NotAllowed
from funnel.policy import Policy
from funnel.roles import Act, Person
from funnel.upload import DroppedFile, problem_of
from funnel.upload_notices import PostUpload
from storage.store import Store


@again_on_conflict
def offer_uploads(store: Store, policy: Policy, person: Person, files: Sequence[DroppedFile], now: datetime) -> int:
    """Remember the files of one message and have them answered; how many were new.

    What is in the way of reading a file, or of the person, is kept with it: it is the answer. Who may not import at
    all is told so once, however many files there are.
    """
    refusal = _refusal(policy, person)
    with store.begin() as tx:
        new = [tx.uploads.offer(file, person.id, refusal or problem_of(file), now) for file in files]
        known = [(upload_id, file) for upload_id, file in zip(new, files, strict=True) if upload_id is not None]
        answered = known[:1] if refusal else known
        tx.outbox.add([PostUpload(upload_id=upload_id, channel=file.channel) for upload_id, file in answered], now)
    return len(known)


def _refusal(policy: Policy, person: Person) -> str:
    try:
        policy.roles.check(person, Act.IMPORT)
    except NotAllowed as refusal:
        return refusal.sentence
    return ""
