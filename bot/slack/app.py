"""The Bolt app: every listener, registered once, the hot ones first."""

import logging
from typing import Any

from slack_bolt import App, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError

from bot.slack.desk import Desk
from bot.slack.gateway import SlackTrouble
from bot.slack.listeners import (
    alike,
    away,
    bant,
    claim,
    funnel_command,
    hand_over,
    lead_command,
    menu,
    new_lead,
    questions,
    reject,
    release,
    settings,
    snooze,
    uploads,
)
from bot.slack.listening import Listening
from bot.slack.payloads import Malformed
from storage.errors import StorageError

log = logging.getLogger(__name__)

CONVERSATIONS = (
    *(claim, release, bant, reject, menu, hand_over, alike, away, snooze),
    *(new_lead, lead_command, funnel_command, uploads, questions, settings),
)
"""In the order in which Bolt looks through them: what must be fast comes first."""

APOLOGY = "Something went wrong on our side and nothing was changed. Please try again in a minute."


def build_app(desk: Desk) -> App:
    """A Bolt app for one workspace. Requests reach it verified; signatures are checked before anything is parsed."""

    def authorize() -> AuthorizeResult:
        workspace = desk.workspace()
        return AuthorizeResult(
            enterprise_id=None,
            team_id=workspace.team_id,
            bot_id=workspace.bot_id,
            bot_user_id=workspace.bot_user_id,
            bot_token=desk.gateway.token,
        )

    app = App(
        client=desk.gateway.anonymous(),
        authorize=authorize,
        request_verification_enabled=False,
        token_verification_enabled=False,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
    )
    listening = Listening(app, desk)
    for conversation in CONVERSATIONS:
        conversation.register(listening)
    app.error(_apologise(desk))
    return app


def _apologise(desk: Desk) -> Any:
    """Where all ends up that no listener answered: a line for what cannot be, else a traceback and a sentence."""

    def handle(error: Exception, body: dict[str, Any]) -> BoltResponse:
        match error:
            case Malformed():
                log.warning("Slack sent what it never sends: %s", error)
                return BoltResponse(status=400, body="")
            case BoltUnhandledRequestError():
                log.warning("nobody listens to this %s", body.get("type") or "command")
                return BoltResponse(status=404, body="")
            case SlackTrouble():  # of an event, which Slack delivers again
                log.warning("Slack did not do it: %s", error.code)
                return BoltResponse(status=503 if error.passing else 400, body="")
        log.error("a listener failed", exc_info=error)
        response_url = body.get("response_url")
        if response_url and isinstance(error, StorageError):
            try:
                desk.gateway.respond(response_url, APOLOGY)
            except SlackTrouble as trouble:
                log.warning("could not apologise: %s", trouble.code)
        return BoltResponse(status=500, body="")

    return handle
