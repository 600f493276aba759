"""What a person does on the page, handed to the bot, and what went wrong in a sentence."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Body, Depends, HTTPException, Request

from bot.playground.attachments import add_file_routes
from bot.playground.attempts import Outcome, attempt, place_of, seen_message
from bot.playground.fake_slack import FakeSlack
from bot.playground.people import People
from bot.playground.typed import encode
from bot.playground.workspace import Workspace
from bot.slack import ids

COMMANDS = (ids.LEAD_COMMAND, ids.FUNNEL_COMMAND)

Values = dict[str, dict[str, dict[str, Any]]]
"""What is filled in, as Slack tells it: by block id, then by action id."""


def _same_origin(request: Request) -> None:
    """Let pass what this page sent: another site in the same browser could reach this port too."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "This page accepts its own requests only.")


def deeds_router(slack: FakeSlack, people: People) -> APIRouter:
    """The routes behind every button and field."""

    def known(user: str) -> None:
        if user not in slack.workspace.users:
            raise HTTPException(404, "Nobody here has this id.")

    router = APIRouter(prefix="/as/{user}", dependencies=[Depends(_same_origin), Depends(known)])
    _conversation(router, slack.workspace, people)
    _shortcuts(router, slack.workspace, people)
    _views(router, slack.workspace, people)
    add_file_routes(router, slack.workspace, people)
    return router


def _conversation(router: APIRouter, workspace: Workspace, people: People) -> None:
    @router.post("/{channel}/say")
    def say(
        user: str, channel: str, text: Annotated[str, Body()], thread_ts: Annotated[str | None, Body()] = None
    ) -> Outcome:
        place_of(workspace, user, channel)
        if not text.strip():
            return Outcome()
        if text.startswith("/"):
            return _command(people, user, channel, text.strip(), in_thread=thread_ts is not None)
        return attempt(lambda: people.say(user, channel, encode(text.strip(), workspace), thread_ts))

    @router.post("/{channel}/click")
    def click(
        user: str,
        channel: str,
        ts: Annotated[str, Body()],
        action_id: Annotated[str, Body()],
        value: Annotated[str | None, Body()] = None,
        option: Annotated[str | None, Body()] = None,
    ) -> Outcome:
        return attempt(lambda: people.click(user, seen_message(workspace, user, channel, ts), action_id, option, value))


def _command(people: People, user: str, channel: str, text: str, *, in_thread: bool) -> Outcome:
    name = text.split()[0]
    if name not in COMMANDS:
        return Outcome(trouble=f"{name} is no command here. Try {' or '.join(COMMANDS)}.")
    if in_thread:
        return Outcome(trouble=f"Slack has no commands in threads. Type {name} in the channel.")
    return attempt(lambda: people.command(user, channel, text))


def _shortcuts(router: APIRouter, workspace: Workspace, people: People) -> None:
    @router.post("/{channel}/shortcut")
    def shortcut(user: str, channel: str, ts: Annotated[str, Body(embed=True)] = "") -> Outcome:
        """The global shortcut, or with `ts` the one of a message."""
        if not ts:
            return attempt(lambda: people.shortcut(user, ids.NEW_LEAD_SHORTCUT))
        message = seen_message(workspace, user, channel, ts)
        return attempt(lambda: people.message_shortcut(user, message, ids.FROM_MESSAGE_SHORTCUT))


def _views(router: APIRouter, workspace: Workspace, people: People) -> None:
    @router.post("/home/open")
    def open_home(user: str) -> Outcome:
        return attempt(lambda: people.open_home(user))

    @router.post("/home/press")
    def press(user: str, action_id: Annotated[str, Body()], value: Annotated[str | None, Body()] = None) -> Outcome:
        return attempt(lambda: people.click_home(user, action_id, value))

    @router.post("/view/close")
    def close(user: str) -> Outcome:
        return attempt(lambda: people.close_view(user))

    @router.post("/view/submit")
    def submit(user: str, view_id: Annotated[str, Body()], values: Annotated[Values, Body()]) -> Outcome:
        _check_own(workspace, user, view_id)
        errors: dict[str, str] = {}
        outcome = attempt(lambda: errors.update(people.submit(user, view_id, values)))
        return outcome.model_copy(update={"errors": errors})

    @router.post("/view/choose")
    def choose(
        user: str,
        view_id: Annotated[str, Body()],
        action_id: Annotated[str, Body()],
        option: Annotated[str, Body()],
        values: Annotated[Values, Body()],
    ) -> Outcome:
        _check_own(workspace, user, view_id)
        return attempt(lambda: people.choose(user, view_id, action_id, option, values))


def _check_own(workspace: Workspace, user: str, view_id: str) -> None:
    if all(view["id"] != view_id for view in workspace.views[user]):
        raise HTTPException(404, "This modal is closed.")
