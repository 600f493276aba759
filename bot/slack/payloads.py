"""What Slack may send: checked for its shape before anything works with it.

Only what is used is checked, by us or by Bolt, which trusts what it is given; whatever else there is passes.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import from_json

LONGEST_ID = 255
LARGEST_NUMBER = 2**31 - 1
"""Of a row in the database."""


class Malformed(Exception):
    """Slack sends no such thing; the message says what is wrong and quotes nothing of it."""


Id = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class _Named(_Part):
    id: str | None = None
    team_id: str | None = None
    enterprise_id: str | None = None


class _Common(_Part):
    """What Bolt looks for in every payload, and in the parts of it, to say who and where it is about."""

    type: str | None = None
    enterprise: _Named | str | None = None
    enterprise_id: str | None = None
    team: _Named | str | None = None
    team_id: str | None = None
    user: _Named | str | None = None
    user_id: str | None = None
    channel: _Named | str | None = None
    channel_id: str | None = None
    thread_ts: str | None = None
    authorizations: list["_Common"] | None = None
    event: "_Common | None" = None
    item: "_Common | str | None" = None
    message: "_Common | None" = None
    previous_message: "_Common | None" = None
    assistant_thread: "_Common | None" = None
    function_execution_id: str | None = None
    function_data: dict[str, Any] | None = None
    bot_access_token: str | None = None
    app_installed_team_id: str | None = None
    response_url: str | None = None
    response_urls: list[dict[str, Any]] = []
    subtype: str | None = None


class _Person(_Named):
    id: Id


class _Place(_Named):
    id: Id


class _Option(_Part):
    value: str


class _Action(_Part):
    action_id: str
    block_id: str | None = None
    value: str | None = None
    selected_option: _Option | None = None


class _Element(_Part):
    value: str | None = None
    selected_option: _Option | None = None
    selected_options: list[_Option] | None = None
    selected_date: str | None = None
    selected_time: str | None = None
    selected_user: str | None = None


class _State(_Part):
    values: dict[str, dict[str, _Element]]


class _Block(_Part):
    type: str
    block_id: str


class _View(_Common):
    id: Id
    callback_id: str = ""
    private_metadata: str = ""
    hash: str | None = None
    state: _State | None = None
    blocks: list[_Block] = []


class _Submitted(_View):
    type: Literal["modal"]
    callback_id: str
    state: _State
    blocks: list[_Block]


class _Attachment(_Part):
    text: str | None = None
    fallback: str | None = None


class _Message(_Common):
    ts: Id
    text: str | None = None
    attachments: list[_Attachment] | None = None


class _Interaction(_Common):
    user: _Person
    channel: _Place | None = None
    trigger_id: str = ""


class _BlockActions(_Interaction):
    actions: Annotated[list[_Action], Field(min_length=1)]
    message: _Message | None = None
    view: _View | None = None


class _ViewSubmission(_Interaction):
    view: _Submitted


class _Shortcut(_Interaction):
    callback_id: str
    trigger_id: str


class _MessageAction(_Shortcut):
    channel: _Place
    message: _Message


class _File(_Part):
    id: Id
    name: str | None = None
    title: str | None = None
    filetype: str | None = None
    size: Annotated[int, Field(ge=0)] | None = None
    url_private: str | None = None
    url_private_download: str | None = None
    is_external: bool | None = None


class _Event(_Common):
    type: str
    user: _Named | Id | None = None
    channel: _Named | Id | None = None
    ts: Id | None = None
    text: str | None = None
    tab: str | None = None
    channel_type: str | None = None
    bot_id: str | None = None
    user_team: str | None = None
    files: list[_File] | None = None

    @model_validator(mode="after")
    def _says_who_and_where(self) -> Self:
        if not all(isinstance(getattr(self, name), str) for name in self._needed()):
            raise ValueError("it does not say who did what where")
        return self

    def _needed(self) -> list[str]:
        """What an event that we work with has; what programs and edits do may have less."""
        if self.type == "app_home_opened":
            return ["user"]
        if self.type == "app_mention":
            return ["channel", "ts"] if self.bot_id else ["user", "channel", "ts"]
        is_a_persons = not self.bot_id and (self.files or self.subtype is None)
        return ["user", "channel", "ts"] if self.channel_type == "im" and is_a_persons else []


class _EventCallback(_Common):
    event_id: Id
    event: _Event


class _UrlVerification(_Part):
    challenge: str


class _Command(_Part):
    command: str
    user_id: Id
    channel_id: Id
    trigger_id: str
    team_id: str | None = None
    text: str = ""
    response_url: str | None = None


class _SslCheck(_Part):
    ssl_check: Literal["1"]


_BY_TYPE: dict[str, type[_Part]] = {
    "block_actions": _BlockActions,
    "event_callback": _EventCallback,
    "message_action": _MessageAction,
    "shortcut": _Shortcut,
    "url_verification": _UrlVerification,
    "view_submission": _ViewSubmission,
}


def read_payload(body: str, content_type: str) -> dict[str, Any]:
    """The payload of a request: JSON, a form that holds JSON, or the form of a slash command.

    Raises:
        Malformed: it is none, or not as Slack sends it.
    """
    if content_type == "application/json" or body.startswith("{"):
        return check_payload(_object_in(body))
    form = dict(parse_qsl(body, keep_blank_values=True))
    return check_payload(_object_in(form["payload"]) if "payload" in form else form)


def check_payload(payload: dict[str, Any]) -> dict[str, Any]:
    """Let a payload pass that has the shape of its kind.

    Raises:
        Malformed: it has not.
    """
    if any("\x00" in text for text in _texts(payload)):
        raise Malformed("it holds a NUL character, which no text has")
    try:
        _model_of(payload).model_validate(payload)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in detail["loc"][:8])
        raise Malformed(f"{place[:LONGEST_ID]}: {detail['type']}") from None
    return payload


def number_in(text: str) -> int:
    """The number of a row, as a button carries it.

    Raises:
        Malformed: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST_NUMBER):
        raise Malformed("a value is no number of anything")
    return int(text)


def _object_in(text: str) -> dict[str, Any]:
    try:
        found = from_json(text, allow_inf_nan=False)
    except ValueError:
        raise Malformed("it is no JSON") from None
    if not isinstance(found, dict):
        raise Malformed("it is no JSON object")
    return found


def _model_of(payload: dict[str, Any]) -> type[_Part]:
    if "command" in payload:
        return _Command
    if "ssl_check" in payload:
        return _SslCheck
    kind = payload.get("type")
    if not isinstance(kind, str) or kind not in _BY_TYPE:
        raise Malformed("it is of no kind that is listened to")
    return _BY_TYPE[kind]


def _texts(node: Any) -> Iterator[str]:
    """Every text in a payload, keys included."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
