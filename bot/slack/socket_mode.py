"""Socket Mode: payloads come in envelopes over a connection that we opened."""

import logging

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.slack.payloads import Malformed, check_payload

log = logging.getLogger(__name__)


class CheckedSocketMode(SocketModeHandler):
    """Hands on what has the shape of its kind; what has not is acknowledged, or Slack would send it again."""

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as Bolt has it
        try:
            check_payload(req.payload)
        except Malformed as refusal:
            log.warning("Slack sent what it never sends: %s", refusal)
            client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
        else:
            super().handle(client, req)
