"""What Slack must be told: rows of the outbox, written with the change and rendered when they are sent."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from funnel.group_notices import PostBundle, SendDigest, SendTeamWeek, TellMany, WaitInChannel
from funnel.notice_base import BaseNotice
from funnel.upload_notices import HandBackRows, PostUpload, RefreshUpload, TellImported


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


class PostCard(BaseNotice):
    """Post the card of a cycle to a channel."""

    kind: Literal["post_card"] = "post_card"
    cycle_id: int
    channel: str


class ShowOpen(BaseNotice):
    """Show one person privately which leads of a channel wait, from a place on; of any channel where it is empty."""

    kind: Literal["show_open"] = "show_open"
    click: Click
    channel: str
    first: int = 0


class ShowMine(BaseNotice):
    """Show one person privately the leads in their hands, from a place on."""

    kind: Literal["show_mine"] = "show_mine"
    click: Click
    first: int


class RefreshCard(BaseNotice):
    """Show today's truth on every card of a cycle, and on the homes of the people concerned.

    `clicked` is the card a person just used. One row a click tells it all: a click waits for what it writes.
    """

    kind: Literal["refresh_card"] = "refresh_card"
    cycle_id: int
    clicked: MessageRef | None = None
    homes: list[str] = Field(default=[])


class TellThread(BaseNotice):
    """Tell a move in the thread of the cycle's card."""

    kind: Literal["tell_thread"] = "tell_thread"
    cycle_id: int
    move_id: int
    channel: str


class TellProgress(BaseNotice):
    """Tell in the thread that a discovery call was logged without a decision."""

    kind: Literal["tell_progress"] = "tell_progress"
    cycle_id: int
    call_id: int
    channel: str


class HandRaised(BaseNotice):
    """Tell in the thread of a card that somebody who was let go asks for us again; `because` is the rule's name."""

    kind: Literal["hand_raised"] = "hand_raised"
    cycle_id: int
    because: str
    channel: str


class HandedOver(BaseNotice):
    """Tell in the thread of a card that the lead changed hands; `how` is reassign, take over, undo, or a mode."""

    kind: Literal["handed_over"] = "handed_over"
    cycle_id: int
    channel: str
    old: str | None
    new: str | None
    actor: str
    how: str


class Remind(BaseNotice):
    """Tell in the thread of a card that the lead still waits, or in the channel too; dropped when it does not.

    `mention` are those who want to be told there.
    """

    kind: Literal["remind"] = "remind"
    cycle_id: int
    channel: str
    waiting: Literal["claim", "outcome"]
    since: datetime
    mention: list[str] = Field(default=[])
    also_channel: bool = False


About = Literal["given", "lost", "claim", "outcome", "unposted", "orphaned"]
"""What a person is told of a lead.

It is theirs now, theirs no more, it waits for an owner, or for its owner's decision, its card could not be posted, or
its owner left.
"""


class TellPerson(BaseNotice):
    """Tell one person of a lead by direct message; dropped when it is no longer so."""

    kind: Literal["tell_person"] = "tell_person"
    cycle_id: int
    user: str
    about: About
    owner: str | None
    actor: str = ""
    since: datetime


class TellAway(BaseNotice):
    """Tell one person by direct message that a colleague noted them as away in [since, until), or as back."""

    kind: Literal["tell_away"] = "tell_away"
    user: str
    actor: str
    since: datetime
    until: datetime | None = None


class Claimed(BaseNotice):
    """Show one person privately the lead they just claimed from a list, where no card tells them."""

    kind: Literal["claimed"] = "claimed"
    cycle_id: int
    click: Click


class ClaimLost(BaseNotice):
    """Tell one person privately that a colleague was faster. `late_by` is in seconds."""

    kind: Literal["claim_lost"] = "claim_lost"
    cycle_id: int
    owner: str
    late_by: float
    click: Click


class Whisper(BaseNotice):
    """Tell one person privately, where they just clicked; `text` is mrkdwn, escaped by its writer.

    `undo` is the cycle to which they did something that a button takes back: `act`, a line of its history.
    """

    kind: Literal["whisper"] = "whisper"
    text: str
    undo: int | None = None
    act: int = 0
    click: Click


class AnswerQuestion(BaseNotice):
    """Answer a question asked in a direct message or by a mention."""

    kind: Literal["answer_question"] = "answer_question"
    user: str
    channel: str
    thread_ts: str | None = None
    text: str
    asked_at: datetime


class Snoozed(BaseNotice):
    """Remind one person by direct message of a lead they put off; dropped when it is no longer theirs."""

    kind: Literal["snoozed"] = "snoozed"
    cycle_id: int
    user: str


class AnswerPolicy(BaseNotice):
    """Tell one person privately what the policy is and did, or would do with another threshold.

    `per_week` is how many MQLs a week they wish for.
    """

    kind: Literal["answer_policy"] = "answer_policy"
    click: Click
    threshold: float | None = None
    per_week: float | None = None
    asked_at: datetime


class RefreshHome(BaseNotice):
    """Publish one person's App Home, its lists from these places on."""

    kind: Literal["refresh_home"] = "refresh_home"
    user: str
    mine_from: int = 0
    waiting_from: int = 0


Notice = Annotated[
    PostCard
    | PostBundle
    | ShowOpen
    | ShowMine
    | TellMany
    | SendDigest
    | SendTeamWeek
    | RefreshCard
    | TellThread
    | TellProgress
    | HandRaised
    | HandedOver
    | Remind
    | TellPerson
    | TellAway
    | Claimed
    | ClaimLost
    | WaitInChannel
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
        case PostBundle() | SendTeamWeek() | WaitInChannel():
            return f"post:{notice.channel}"
        case PostUpload() | TellImported() | HandBackRows():
            return f"post:{notice.channel}"
        case RefreshUpload():
            return f"upload:{notice.upload_id}"
        case Snoozed() | TellPerson() | TellAway() | TellMany() | SendDigest():
            return f"post:{notice.user}"
        case RefreshCard():
            return f"card:{notice.cycle_id}"
        case RefreshHome():
            return f"home:{notice.user}"
        case _:
            return f"whisper:{notice.click.user}"
