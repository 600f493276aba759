"""A modal is handed in once, however often its submission arrives: the answer to the first may have been lost."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from funnel.notices import Notice
from storage.store import Store, Transaction


class ViewSubmission(BaseModel):
    """A modal as it is handed in: the id of its view, and what Slack is told when it is taken."""

    model_config = ConfigDict(frozen=True)

    view_id: str
    notice: Notice

    @property
    def key(self) -> str:
        """Under which the notice is written, once."""
        return f"view:{self.view_id}"


def is_new(tx: Transaction, submission: ViewSubmission | None, now: datetime) -> bool:
    """Whether there is anything to do: True without a modal, and when one is handed in for the first time.

    Of what is refused afterwards nothing stays, this mark included.
    """
    # Two deliveries of one submission end here: one INSERT finds the key free.
    return submission is None or tx.outbox.add_once(submission.key, submission.notice, now)


def was_taken(store: Store, submission: ViewSubmission) -> bool:
    """Whether a modal was handed in before; for what is done in several transactions, each of which bears it twice."""
    with store.read() as tx:
        return bool(tx.outbox.known([submission.key]))
