"""What Slack must be told: rows of the outbox, written with the change and rendered when they are sent."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class MessageRef(BaseModel):
    """A message in Slack: the channel id from the response, and the timestamp as text."""

    model_config = ConfigDict(frozen=True)

    channel: str
    ts: str


class Click(BaseModel):
    """Where a person acted: the message they used, if any, and how to answer them privately."""

    model_config = ConfigDict(frozen=True)

    user: str
    channel: str
    message: MessageRef | None = None
    response_url: str | None = None


class _Notice(BaseModel):
    model_config = ConfigDict(frozen=True)


class PostCard(_Notice):
    """Post the card of a cycle to a channel."""

    kind: Literal["post_card"] = "post_card"
    cycle_id: int
    channel: str


class PostBundle(_Notice):
    """Post one summary to a channel instead of a card for each of many cycles."""

    kind: Literal["post_bundle"] = "post_bundle"
    channel: str
    cycle_ids: list[int]


class ShowOpen(_Notice):
    """Show one person privately which leads of a channel wait, from a place on; of any channel where it is empty."""

    kind: Literal["show_open"] = "show_open"
    click: Click
    channel: str
    first: int = 0


class GivenMany(_Notice):
    """Tell one person by direct message of many leads that were given to them at once."""

    kind: Literal["given_many"] = "given_many"
    user: str
    cycle_ids: list[int]


class SendDigest(_Notice):
    """Tell one person their morning by direct message; `zone` is theirs. Dropped when there is nothing to say."""

    kind: Literal["send_digest"] = "send_digest"
    user: str
    zone: str


class SendTeamWeek(_Notice):
    """Tell a channel what became of a team's leads in the seven days before `until`."""

    kind: Literal["send_team_week"] = "send_team_week"
    team: str
    channel: str
    until: datetime


class RefreshCard(_Notice):
    """Show today's truth on every card of a cycle, and on the homes of the people concerned.

    `clicked` is the card a person just used. One row a click tells it all: a click waits for what it writes.
    """

    kind: Literal["refresh_card"] = "refresh_card"
    cycle_id: int
    clicked: MessageRef | None = None
    homes: list[str] = []


class TellThread(_Notice):
    """Tell a move in the thread of the cycle's card."""

    kind: Literal["tell_thread"] = "tell_thread"
    cycle_id: int
    move_id: int
    channel: str


class TellProgress(_Notice):
    """Tell in the thread that a discovery call was logged without a decision."""

    kind: Literal["tell_progress"] = "tell_progress"
    cycle_id: int
    call_id: int
    channel: str


class HandRaised(_Notice):
    """Tell in the thread of a card that somebody who was let go asks for us again; `because` is the rule's name."""

    kind: Literal["hand_raised"] = "hand_raised"
    cycle_id: int
    because: str
    channel: str


class HandedOver(_Notice):
    """Tell in the thread of a card that the lead changed hands; `how` is reassign, take over, undo, or a mode."""

    kind: Literal["handed_over"] = "handed_over"
    cycle_id: int
    channel: str
    old: str | None
    new: str | None
    actor: str
    how: str


class Remind(_Notice):
    """Tell in the thread of a card that the lead still waits; dropped when it does not."""

    kind: Literal["remind"] = "remind"
    cycle_id: int
    channel: str
    waiting: Literal["claim", "outcome"]
    since: datetime


About = Literal["given", "claim", "outcome", "unposted"]
"""What a person is told of a lead.

It is theirs now, it waits for an owner, it waits for its owner's decision, or its card could not be posted.
"""


class TellPerson(_Notice):
    """Tell one person of a lead by direct message; dropped when it is no longer so."""

    kind: Literal["tell_person"] = "tell_person"
    cycle_id: int
    user: str
    about: About
    owner: str | None
    actor: str = ""
    since: datetime


class ClaimLost(_Notice):
    """Tell one person privately that a colleague was faster. `late_by` is in seconds."""

    kind: Literal["claim_lost"] = "claim_lost"
    cycle_id: int
    owner: str
    late_by: float
    click: Click


class Whisper(_Notice):
    """Tell one person privately, where they just clicked; `text` is mrkdwn, escaped by its writer.

    `undo` is the cycle whose change of hands they may take back with a button.
    """

    kind: Literal["whisper"] = "whisper"
    text: str
    undo: int | None = None
    click: Click


class AnswerQuestion(_Notice):
    """Answer a question asked in a direct message or by a mention."""

    kind: Literal["answer_question"] = "answer_question"
    user: str
    channel: str
    thread_ts: str | None = None
    text: str
    asked_at: datetime


class Snoozed(_Notice):
    """Remind one person by direct message of a lead they put off; dropped when it is no longer theirs."""

    kind: Literal["snoozed"] = "snoozed"
    cycle_id: int
    user: str


class AnswerPolicy(_Notice):
    """Tell one person privately what the policy is and did, or would do with another threshold.

    `per_week` is how many MQLs a week they wish for.
    """

    kind: Literal["answer_policy"] = "answer_policy"
    click: Click
    threshold: float | None = None
    per_week: float | None = None
    asked_at: datetime


class PostUpload(_Notice):
    """Post the card of a dropped file in the thread it was dropped in."""

    kind: Literal["post_upload"] = "post_upload"
    upload_id: int
    channel: str


class RefreshUpload(_Notice):
    """Show today's truth on the card of a dropped file."""

    kind: Literal["refresh_upload"] = "refresh_upload"
    upload_id: int


class TellImported(_Notice):
    """Tell whoever dropped a file, by mention in its thread, what became of its rows."""

    kind: Literal["tell_imported"] = "tell_imported"
    upload_id: int
    channel: str


class HandBackRows(_Notice):
    """Hand the refused rows of a file back in its thread, as a file if Slack takes one."""

    kind: Literal["hand_back_rows"] = "hand_back_rows"
    upload_id: int
    channel: str


class RefreshHome(_Notice):
    """Publish one person's App Home, its lists from these places on."""

    kind: Literal["refresh_home"] = "refresh_home"
    user: str
    mine_from: int = 0
    waiting_from: int = 0


Notice = Annotated[
    PostCard
    | PostBundle
    | ShowOpen
    | GivenMany
    | SendDigest
    | SendTeamWeek
    | RefreshCard
    | TellThread
    | TellProgress
    | HandRaised
    | HandedOver
    | Remind
    | TellPerson
    | ClaimLost
    | Whisper
    | AnswerQuestion
    | AnswerPolicy
    | Snoozed
    | PostUpload
    | RefreshUpload
    | TellImported
    | HandBackRows
    | RefreshHome,
    Field(discriminator="kind"),
]

_ADAPTER: TypeAdapter[Notice] = TypeAdapter(Notice)


def read_notice(payload: str) -> Notice:
    """The notice that was written as JSON text."""
    return _ADAPTER.validate_json(payload)


def lane(notice: Notice) -> str:
    """The queue a notice waits in: each lane is sent in order, one at a time.

    `post:CHANNEL` lanes are paced at one message a second, as Slack asks of every channel.
    """
    match notice:
        case PostCard() | TellThread() | TellProgress() | HandRaised() | HandedOver() | Remind() | AnswerQuestion():
            return f"post:{notice.channel}"
        case PostBundle() | SendTeamWeek():
            return f"post:{notice.channel}"
        case PostUpload() | TellImported() | HandBackRows():
            return f"post:{notice.channel}"
        case RefreshUpload():
            return f"upload:{notice.upload_id}"
        case Snoozed() | TellPerson() | GivenMany() | SendDigest():
            return f"post:{notice.user}"
        case RefreshCard():
            return f"card:{notice.cycle_id}"
        case RefreshHome():
            return f"home:{notice.user}"
        case _:
            return f"whisper:{notice.click.user}"
