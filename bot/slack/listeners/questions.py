"""Questions by mention and by direct message; and the App Home."""

import re

from bot.slack.desk import Desk
from bot.slack.listening import Event, Listening
from bot.usecases.tell import tell, tell_once
from funnel.notices import AnswerQuestion, RefreshHome


def register(listening: Listening) -> None:
    listening.event("app_mention", mentioned)
    listening.event("message", messaged)
    listening.event("app_home_opened", home_opened)


def mentioned(desk: Desk, event: Event) -> None:
    """Answer in the thread of the question."""
    _answer(desk, event, event.body.get("thread_ts") or event.body["ts"])


def messaged(desk: Desk, event: Event) -> None:
    """Answer a person's direct message; edits, joins and bots are no questions."""
    body = event.body
    if body.get("channel_type") == "im" and not body.get("subtype") and not body.get("bot_id"):
        _answer(desk, event, body.get("thread_ts"))


def _answer(desk: Desk, event: Event, thread_ts: str | None) -> None:
    """Have the question answered once, however often Slack delivers it."""
    text = re.sub(r"<@\w+(\|[^>]*)?>", " ", event.body.get("text", "")).strip()
    notice = AnswerQuestion(
        user=event.body["user"],
        channel=event.body["channel"],
        thread_ts=thread_ts,
        text=text,
        asked_at=event.at,
    )
    tell_once(desk.store, f"event:{event.id}", notice, event.at)


def home_opened(desk: Desk, event: Event) -> None:
    if event.body.get("tab") == "home":
        tell(desk.store, RefreshHome(user=event.body["user"]), event.at)
