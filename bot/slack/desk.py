"""What every listener has at hand, and what a person just did."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from bot.clock import Clock
from bot.policy_in_force import PolicySource
from bot.slack import ids, words
from bot.slack.directory import Directory
from bot.slack.forms import zone_or
from bot.slack.gateway import Gateway, Workspace, message_link
from bot.slack.payloads import LARGEST_NUMBER, Id, Malformed, number_in
from bot.usecases.submission import ViewSubmission
from bot.usecases.tell import tell
from funnel.errors import FunnelError
from funnel.notices import Click, MessageRef, Notice, RefreshHome, Whisper
from funnel.policy import Policy
from funnel.roles import Person
from storage.store import Store

Memory = TypeVar("Memory", bound=BaseModel)


class CycleInModal(BaseModel):
    """What the modal about a cycle remembers: the cycle, and where it was opened."""

    cycle: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
    channel: Id


@dataclass
class Desk:
    """The parts a conversation needs. `zone` is the reporting zone."""

    store: Store
    policy_source: PolicySource
    gateway: Gateway
    directory: Directory
    clock: Clock
    zone: tzinfo
    workspace: Callable[[], Workspace]

    @property
    def policy(self) -> Policy:
        """The policy that counts now."""
        return self.policy_source()

    def person(self, user: str, team: str | None) -> Person:
        return self.directory.person(user, team, self.workspace().team_id)

    def zone_of(self, user: str) -> tzinfo:
        """The time zone of a person: the policy's word, else Slack's, else the reporting zone."""
        rule = next((one for one in self.policy.person if one.id == user), None)
        if rule is not None and rule.zone:
            return zone_or(rule.zone, self.zone)
        return zone_or(self.directory.member(user).timezone, self.zone)

    def link(self, message: MessageRef) -> str:
        """The address of a message, for people who can see it."""
        return message_link(self.workspace(), message)

    def whisper(self, click: Click, text: str) -> None:
        """Tell the person who clicked something privately; `text` is mrkdwn."""
        tell(self.store, Whisper(text=text, click=click), self.clock())

    def whisper_refusal(self, click: Click, refusal: FunnelError) -> None:
        self.whisper(click, words.escape(refusal.sentence))


@dataclass
class Press:
    """A button, menu, shortcut or submission: who did it, where, with which value. `at` is when it reached us."""

    user: str
    team: str | None
    at: datetime
    click: Click
    trigger_id: str = ""
    value: str = ""
    view: dict[str, Any] = field(default_factory=dict)

    @property
    def cycle_id(self) -> int:
        """The cycle the pressed thing is about.

        Raises:
            Malformed: it is about none.
        """
        return number_in(self.value.rpartition(":")[2])

    def submission(self, notice: Notice | None = None) -> ViewSubmission:
        """The modal that is handed in; when it is taken, its notice is told, or else their home is shown anew."""
        return ViewSubmission(view_id=self.view["id"], notice=notice or RefreshHome(user=self.user))

    def parts(self, count: int) -> list[str]:
        """What the value of a button is made of.

        Raises:
            Malformed: it is made of more or fewer.
        """
        parts = self.value.split(":")
        if len(parts) != count:
            raise Malformed("a value is not made of its parts")
        return parts

    def remembered(self, model: type[Memory]) -> Memory:
        """What the modal remembers.

        Raises:
            Malformed: it is something else.
        """
        try:
            return model.model_validate_json(self.view.get("private_metadata") or "")
        except ValidationError:
            raise Malformed("a modal remembers something else") from None


def read_press(body: dict[str, Any], now: datetime) -> Press:
    """The press in an interaction's body."""
    user = body["user"]
    action = (body.get("actions") or [{}])[0]
    chosen = action.get("selected_option") or {}
    return Press(
        user=user["id"],
        team=user.get("team_id") or (body.get("team") or {}).get("id"),
        at=now,
        click=_click(body, action),
        trigger_id=body.get("trigger_id", ""),
        value=action.get("value") or chosen.get("value") or "",
        view=body.get("view") or {},
    )


def _click(body: dict[str, Any], action: dict[str, Any]) -> Click:
    user, channel = body["user"]["id"], (body.get("channel") or {}).get("id")
    message = None
    if channel and ids.is_card_block(action.get("block_id") or "") and "message" in body:
        message = MessageRef(channel=channel, ts=body["message"]["ts"])
    return Click(user=user, channel=channel or user, message=message, response_url=body.get("response_url"))


def pack(cycle_id: int, click: Click) -> str:
    """What a modal must remember: what it is about, and where its person is answered."""
    return json.dumps({"cycle": cycle_id, "channel": click.channel})


def unpack(press: Press) -> tuple[int, Click]:
    """What a modal remembered; the click is in the channel where the modal was opened."""
    remembered = press.remembered(CycleInModal)
    return remembered.cycle, Click(user=press.user, channel=remembered.channel)
