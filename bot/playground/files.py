"""A file of a workspace, and what Slack tells of it."""

import re
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

WORKSPACE_URL = "https://northwind.slack.com"
LARGEST_FILE = 20 * 1024 * 1024
"""Bytes of a file that a person may drop on the page."""

_SNIPPET_BYTES = 1024 * 1024
_TEXT = ("text/plain", "text", "Plain Text")
_KINDS = {
    ".csv": ("text/csv", "csv", "CSV"),
    ".tsv": ("text/tab-separated-values", "tsv", "TSV"),
    ".txt": _TEXT,
    ".toml": _TEXT,
    ".md": ("text/plain", "markdown", "Markdown (raw)"),
    ".json": ("text/plain", "json", "JSON"),
    ".pdf": ("application/pdf", "pdf", "PDF"),
    ".png": ("image/png", "png", "PNG"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "Excel Spreadsheet"),
}
_BINARY = ("application/octet-stream", "binary", "Binary")


@dataclass
class SharedFile:
    """A file. `shares` lists where it was shared: a channel's id and the timestamp of the message there."""

    id: str
    name: str
    owner: str
    team: str
    made: int
    address: str
    content: bytes = b""
    title: str = ""
    shares: list[tuple[str, str]] = field(default_factory=list)

    @property
    def kind(self) -> tuple[str, str, str]:
        """By the name's ending: the MIME type, Slack's own type, and the type as people read it."""
        return _KINDS.get(PurePath(self.name).suffix.lower(), _BINARY)

    @property
    def is_table(self) -> bool:
        return self.kind[1] in {"csv", "tsv", "xlsx"}

    @property
    def is_snippet(self) -> bool:
        """Whether Slack keeps it as a snippet, as it does with every short text, also one that came as a file."""
        return self.kind[0].startswith("text/") and len(self.content) <= _SNIPPET_BYTES

    def url(self, *steps: str) -> str:
        name = re.sub(r"[^\w.-]+", "_", self.name.lower())
        return "/".join([self.address, "files-pri", f"{self.team}-{self.id}", *steps, quote(name)])


def file_json(file: SharedFile) -> dict[str, Any]:
    """A file as Slack tells it in a message or an event."""
    mimetype, filetype, pretty_type = file.kind
    return {
        "id": file.id,
        "created": file.made,
        "timestamp": file.made,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": mimetype,
        "filetype": filetype,
        "pretty_type": pretty_type,
        "user": file.owner,
        "user_team": file.team,
        "editable": file.is_snippet,
        "size": len(file.content),
        "mode": "snippet" if file.is_snippet else "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": any(channel.startswith("C") for channel, _ in file.shares),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": file.url(),
        "url_private_download": file.url("download"),
        "permalink": f"{WORKSPACE_URL}/files/{file.owner}/{file.id}/{quote(file.name.lower())}",
        "file_access": "visible",
    }


def shares_json(file: SharedFile) -> dict[str, Any]:
    """Where a file is shared, as files.info tells it."""
    shares: dict[str, dict[str, list[dict[str, str]]]] = {}
    for channel, ts in file.shares:
        kind = "public" if channel.startswith("C") else "private"
        shares.setdefault(kind, {}).setdefault(channel, []).append({"ts": ts})
    places = dict.fromkeys(channel for channel, _ in file.shares)
    return {
        "shares": shares,
        "channels": [place for place in places if place.startswith("C")],
        "groups": [],
        "ims": [place for place in places if place.startswith("D")],
    }
