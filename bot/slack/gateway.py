"""The Slack Web API: every call to it is made here, and every error becomes a SlackTrouble."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from pydantic import BaseModel, ConfigDict
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookClient

from bot.clock import Clock, utc_now
from bot.slack.standing import AppStanding
from bot.slack.trouble import APP_REFUSED, LOGIN_PAGE, MISSING_SCOPE, NEEDED_TO_SEND, TOKEN_REFUSED
from bot.slack.trouble import SlackTrouble as SlackTrouble
from bot.slack.words import Block
from funnel.notices import MessageRef
from funnel.upload import LARGEST_FILE
from storage.members import Member

log = logging.getLogger(__name__)

TIMEOUT = 10
"""Seconds Slack may take to answer."""

EVENT_TYPE = "baton_notice"
"""The metadata type under which our posts can be found again; the payload holds the outbox key alone."""

_PASSING = {
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "ratelimited",
    "rate_limited",
}
_MAYBE_DONE = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}


class Workspace(BaseModel):
    """What auth.test says of us: the team, the bot, the granted scopes, the workspace's address."""

    model_config = ConfigDict(frozen=True)

    team_id: str
    bot_id: str
    bot_user_id: str
    url: str
    scopes: frozenset[str]


def message_link(workspace: Workspace, message: MessageRef) -> str:
    """The address of a message; made, not asked for, as Slack makes it."""
    return f"{workspace.url}archives/{message.channel}/p{message.ts.replace('.', '')}"


class Gateway:
    """Slack, as the rest of Baton sees it; `standing` tells whether it takes our calls at all."""

    def __init__(self, token: str, api_url: str, clock: Clock = utc_now) -> None:
        # No retries of the SDK's own: it would post twice after a dropped connection.
        self.client = WebClient(token=token, base_url=api_url, timeout=TIMEOUT, retry_handlers=[])
        self.token, self._api_url = token, api_url
        self.standing = AppStanding(lambda: self.workspace().scopes, clock)

    def anonymous(self) -> WebClient:
        """A client for Bolt, which sets the token of each request by itself."""
        return WebClient(base_url=self._api_url, timeout=TIMEOUT, retry_handlers=[])

    def workspace(self) -> Workspace:
        """Who the token belongs to."""
        answer = self._call(self.client.auth_test)
        scopes = str(answer.headers.get("x-oauth-scopes") or answer.headers.get("X-OAuth-Scopes") or "")
        return Workspace(
            team_id=answer["team_id"],
            bot_id=answer["bot_id"],
            bot_user_id=answer["user_id"],
            url=answer["url"],
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
        )

    def post(
        self,
        channel: str,
        text: str,
        blocks: list[Block] | None,
        key: str,
        thread_ts: str | None = None,
        *,
        also_channel: bool = False,
    ) -> MessageRef:
        """Post a message that can be found again by `key`; where it stands. A reply may show in the channel, too."""
        answer = self._call(
            self.client.chat_postMessage,
            channel=channel,
            text=text,
            blocks=blocks,
            thread_ts=thread_ts,
            **({"reply_broadcast": True} if also_channel else {}),
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
        )
        return MessageRef(channel=answer["channel"], ts=answer["ts"])

    def update(self, message: MessageRef, text: str, blocks: list[Block]) -> None:
        self._call(self.client.chat_update, channel=message.channel, ts=message.ts, text=text, blocks=blocks)

    def find_post(self, channel: str, key: str, since: datetime, thread_ts: str | None = None) -> MessageRef | None:
        """The message that was posted with `key` since a time, or None.

        Raises:
            SlackTrouble: with the code missing_scope where history may not be read.
        """
        oldest = f"{since.timestamp() - 60:.6f}"
        read = self.client.conversations_replies if thread_ts else self.client.conversations_history
        place = {"channel": channel, "oldest": oldest, "include_all_metadata": True, "limit": 200}
        if thread_ts:
            place["ts"] = thread_ts
        for page in self._pages(read, **place):
            messages: list[dict[str, Any]] = page.get("messages") or []
            for message in messages:
                metadata = message.get("metadata") or {}
                if metadata.get("event_type") == EVENT_TYPE and metadata["event_payload"].get("key") == key:
                    return MessageRef(channel=channel, ts=message["ts"])
        return None

    def direct_channel(self, user: str) -> str:
        """The id of the conversation with a person, by which history is read; a message is posted to either.

        Raises:
            SlackTrouble: with the code missing_scope where conversations may not be opened.
        """
        return str(self._call(self.client.conversations_open, users=user)["channel"]["id"])

    def whisper(self, channel: str, user: str, text: str, blocks: list[Block] | None = None) -> None:
        """Show a message to one person in a channel they are in."""
        self._call(self.client.chat_postEphemeral, channel=channel, user=user, text=text, blocks=blocks)

    def respond(self, response_url: str, text: str, blocks: list[Block] | None = None) -> None:
        """Answer an interaction privately; the URL works five times within 30 minutes.

        Raises:
            SlackTrouble: also for hosts that are not Slack's, which are not called.
        """
        from bot.slack.file_host import check_host  # here, as few answers go this way

        try:
            check_host(response_url, self._api_url)
        except SlackTrouble:
            log.warning("a response_url that is not Slack's is not called")
            raise
        hook = WebhookClient(response_url, timeout=TIMEOUT, retry_handlers=[])
        answer = self._guard(hook.send, text=text, blocks=blocks, response_type="ephemeral", replace_original=False)
        if answer.status_code == 429:
            wait = float(answer.headers.get("Retry-After") or answer.headers.get("retry-after") or 1)
            raise SlackTrouble("ratelimited", passing=True, retry_after=wait)
        if answer.status_code >= 500:
            raise SlackTrouble(f"http_{answer.status_code}", passing=True, uncertain=True)
        if answer.status_code != 200:
            raise SlackTrouble(f"response_url_{answer.body or answer.status_code}", passing=False)

    def open_view(self, trigger_id: str, view: Block) -> str:
        """Open a modal; its id."""
        return str(self._call(self.client.views_open, trigger_id=trigger_id, view=view)["view"]["id"])

    def update_view(self, view_id: str, view: Block, view_hash: str | None = None) -> None:
        self._call(self.client.views_update, view_id=view_id, view=view, hash=view_hash)

    def publish_home(self, user: str, view: Block) -> None:
        self._call(self.client.views_publish, user_id=user, view=view)

    def download(self, url: str) -> bytes:
        """The bytes of a file that somebody shared with us, at most LARGEST_FILE.

        Raises:
            SlackTrouble: also where Slack shows a page to sign in instead, and for hosts that are not Slack's.
        """
        from bot.slack.file_host import fetch  # here, as few processes ever read a file

        try:
            return fetch(url, self.token, self._api_url, TIMEOUT, LARGEST_FILE)
        except SlackTrouble as trouble:
            if trouble.code == LOGIN_PAGE:
                self.workspace()  # who is to sign in may lack a permission, or have a token that is good for nothing
            raise

    def upload_file(self, channel: str, thread_ts: str, name: str, content: bytes, text: str) -> None:
        """Share a file in a thread, with a text; `channel` is an id."""
        self._call(
            self.client.files_upload_v2,
            channel=channel,
            thread_ts=thread_ts,
            filename=name,
            content=content,
            initial_comment=text,
        )

    def members(self) -> Iterator[Member]:
        """Everybody in the workspace."""
        for page in self._pages(self.client.users_list, limit=200):
            yield from (_member(user) for user in page["members"])

    def member(self, user: str) -> Member:
        return _member(self._call(self.client.users_info, user=user)["user"])

    def check_app_token(self, token: str) -> None:
        """Ask Slack for a Socket Mode address, to see whether the app-level token is good."""
        self._guard(self.client.apps_connections_open, app_token=token)

    def _pages(self, method: Callable[..., SlackResponse], **arguments: Any) -> Iterator[SlackResponse]:
        cursor = ""
        while True:
            page = self._call(method, **arguments, cursor=cursor or None)
            yield page
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def _call(self, method: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            answer: SlackResponse = self._guard(method, **given)
        except SlackTrouble as trouble:
            if trouble.refuses_app:
                self.standing.refused(trouble.code)
            raise
        return answer

    def _guard(self, method: Callable[..., Any], **arguments: Any) -> Any:
        try:
            return method(**arguments)
        except SlackApiError as error:
            raise _trouble(error) from error
        except URLError as error:
            refused = isinstance(error.reason, ConnectionRefusedError)
            raise SlackTrouble(f"unreachable: {error.reason}", passing=True, uncertain=not refused) from error
        except (OSError, HTTPException, SlackClientError) as error:
            raise SlackTrouble(f"broken answer: {error!r}", passing=True, uncertain=True) from error


def _trouble(error: SlackApiError) -> SlackTrouble:
    answer = error.response
    status, code = answer.status_code, str(answer.get("error") or answer.status_code)
    if status == 429:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return SlackTrouble("ratelimited", passing=True, retry_after=float(headers.get("retry-after", 1)))
    if status >= 500:
        return SlackTrouble(f"http_{status}", passing=True, uncertain=True)
    if _refuses_app(code, str(answer.get("needed") or "")):
        return SlackTrouble(code, passing=True, refuses_app=True)
    detail = (answer.get("response_metadata") or {}).get("messages") or []
    return SlackTrouble("; ".join([code, *map(str, detail)]), passing=code in _PASSING, uncertain=code in _MAYBE_DONE)


def _refuses_app(code: str, needed: str) -> bool:
    """Whether an error says that nothing can be done at all; `needed` are the scopes that are missing."""
    if code == MISSING_SCOPE:
        return bool({NEEDED_TO_SEND, f"{NEEDED_TO_SEND}:bot"} & set(needed.split(",")))
    return code in TOKEN_REFUSED | APP_REFUSED


def _member(user: dict[str, Any]) -> Member:
    profile = user.get("profile") or {}
    flags = ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot", "deleted")
    return Member(
        id=user["id"],
        name=profile.get("display_name") or user.get("real_name") or user.get("name") or user["id"],
        timezone=user.get("tz"),
        outsider=any(user.get(flag) for flag in flags),
    )
