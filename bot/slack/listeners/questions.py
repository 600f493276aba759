"""Questions by mention and by direct message; and the App Home."""

import re

from bot.slack import ids
from bot.slack.desk import Desk, Press
from bot.slack.listening import Event, Listening
from bot.slack.payloads import number_in
from bot.usecases.open_home import open_home
from bot.usecases.tell import tell, tell_once
from funnel.notices import AnswerQuestion, RefreshHome, ShowMine, ShowOpen


def register(listening: Listening) -> None:
    listening.event("app_mention", mentioned)
    listening.event("message", messaged)
    listening.event("app_home_opened", home_opened)
    listening.button(ids.OPEN_ON, show_open)
    listening.button(ids.MINE_ON, show_mine)
    for list_of in (ids.HOME_MINE, ids.HOME_WAITING):
        listening.button(f"{list_of}_back", turn_page)
        listening.button(f"{list_of}_on", turn_page)


def mentioned(desk: Desk, event: Event) -> None:
    """Answer in the thread of the question."""
    if event.body.get("user"):  # else it is a program's
        _answer(desk, event, event.body.get("thread_ts") or event.body["ts"])


def messaged(desk: Desk, event: Event) -> None:
    """Answer a person's direct message; edits, joins and bots are no questions."""
    body = event.body
    if body.get("channel_type") == "im" and not body.get("subtype") and not body.get("bot_id"):
        _answer(desk, event, body.get("thread_ts"))


def _answer(desk: Desk, event: Event, thread_ts: str | None) -> None:
    """Have the question answered once, however often Slack delivers it."""
    text = re.sub(r"<@\w+(\|[^>]*)?>", " ", event.body.get("text") or "").strip()
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
        desk.directory.member(event.body["user"])  # who is not known yet is asked for, so that the mark has its row
        open_home(desk.store, event.body["user"], event.at)


def show_open(desk: Desk, press: Press) -> None:
    """Show another part of the leads that wait, to this person alone."""
    first, _, channel = press.value.partition(":")
    tell(desk.store, ShowOpen(click=press.click, channel=channel, first=number_in(first)), press.at)


def show_mine(desk: Desk, press: Press) -> None:
    """Show somebody another part of the leads in their hands."""
    tell(desk.store, ShowMine(click=press.click, first=number_in(press.value)), press.at)


def turn_page(desk: Desk, press: Press) -> None:
    """Show another part of a list."""
    mine, waiting = map(number_in, press.parts(2))
    tell(desk.store, RefreshHome(user=press.user, mine_from=mine, waiting_from=waiting), press.at)
