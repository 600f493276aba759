"""Where Slack keeps the bytes of files: uploads arrive here, and the bot downloads here."""

from urllib.parse import quote

from fastapi import Response
from fastapi.responses import HTMLResponse

from bot.playground.strictness import Refused
from bot.playground.web_api import WebApi
from bot.playground.workspace import Workspace

LOGIN_PAGE = """<!DOCTYPE html>
<html lang="en-US"><head><meta charset="utf-8"><title>Sign in to Northwind | Slack</title></head>
<body><h1>Sign in to Northwind</h1><p>northwind.slack.com</p></body></html>
"""


class Hosting:
    """The files behind their addresses."""

    def __init__(self, workspace: Workspace, api: WebApi, token: str) -> None:
        self._workspace, self._api, self._token = workspace, api, token

    def take_upload(self, ticket: str, content: bytes) -> Response:
        """Receive the bytes of an upload: 200, or a status that says it failed."""
        try:
            return Response(f"OK - {self._api.files.receive(ticket, content)}")
        except Refused as refused:
            return Response(f"{refused.code} {refused.detail}", 404 if refused.code == "unknown_ticket" else 400)

    def hand_out(self, name: str, authorization: str, *, download: bool) -> Response:
        """The bytes of a file, by its team and id, for the bot that may read files.

        Everybody else gets what a browser would: a page to sign in, and 200.
        """
        if authorization != f"Bearer {self._token}" or "files:read" not in self._api.scopes:
            return HTMLResponse(LOGIN_PAGE)
        try:
            file = self._workspace.file(name.rpartition("-")[2])
        except Refused:
            return HTMLResponse("<!DOCTYPE html><title>File not found</title>", 404)
        headers = {"Content-Disposition": attachment(file.name)} if download else {}
        return Response(file.content, media_type=file.kind[0], headers=headers)


def attachment(name: str) -> str:
    """The header that makes a browser save a file, under its name in any script."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
