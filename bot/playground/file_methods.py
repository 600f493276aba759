"""The Web API methods about files, and the uploads under way."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from bot.playground.files import SharedFile, file_json, shares_json
from bot.playground.strictness import MESSAGE, Refused, check_blocks
from bot.playground.workspace import BOT_USER, Channel, Workspace

Arguments = dict[str, Any]
Answer = dict[str, Any]


@dataclass
class Upload:
    """A file that was announced with its length; it can be shared once its bytes have arrived."""

    file: SharedFile
    length: int
    arrived: bool = False


class FileMethods:
    """An upload has three steps: announce it, send the bytes to the address that was answered, and share it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._uploads: dict[str, Upload] = {}
        self.methods: dict[str, tuple[str | None, Callable[[Arguments], Answer]]] = {
            "files.info": ("files:read", self._info),
            "files.getUploadURLExternal": ("files:write", self._announce),
            "files.completeUploadExternal": ("files:write", self._complete),
        }

    def _info(self, given: Arguments) -> Answer:
        file = self._workspace.file(given.get("file", ""))
        return {"file": file_json(file) | shares_json(file), "comments": [], "response_metadata": {"next_cursor": ""}}

    def _announce(self, given: Arguments) -> Answer:
        name, length = str(given.get("filename") or ""), str(given.get("length") or "")
        if not name or not re.fullmatch(r"\d+", length):
            raise Refused("invalid_arguments", "[ERROR] filename and length are required, length as an integer")
        if int(length) == 0:
            raise Refused("missing_argument", "an empty file has no length")
        ticket = uuid4().hex
        file = self._workspace.new_file(name, BOT_USER)
        self._uploads[ticket] = Upload(file, int(length))
        return {"upload_url": f"{file.address}/upload/v1/{ticket}", "file_id": file.id}

    def receive(self, ticket: str, content: bytes) -> int:
        """Take the bytes of an upload; how many they are.

        Raises:
            Refused: unknown_ticket, or length_mismatch when other than the announced number of bytes comes.
        """
        with self._workspace.lock:
            upload = self._uploads.get(ticket)
            if upload is None:
                raise Refused("unknown_ticket")
            if len(content) != upload.length:
                raise Refused("length_mismatch", f"{upload.length} bytes were announced")
            upload.file.content, upload.arrived = content, True
            return upload.length

    def _complete(self, given: Arguments) -> Answer:
        """Share uploads. Sharing takes a moment in Slack: the answer says nothing of the messages, files.info does."""
        wanted = _listed(given.get("files"))
        uploads = [self._arrived(str(one.get("id"))) for one in wanted]
        places, thread = list(self._places(given)), given.get("thread_ts") or None
        comment, blocks = given.get("initial_comment") or "", _listed(given.get("blocks") or [])
        _check_share(places, thread, blocks)
        for one, (ticket, file) in zip(wanted, uploads, strict=True):
            file.title = one.get("title") or file.name
            self._workspace.files[file.id] = file
            del self._uploads[ticket]
        told = [file_json(file) | shares_json(file) for _, file in uploads]
        files = [file for _, file in uploads]
        for place in places:
            self._workspace.add_message(
                place, BOT_USER, comment, blocks=[] if comment else blocks, thread_ts=thread, files=files
            )
        return {"files": told}

    def _arrived(self, file_id: str) -> tuple[str, SharedFile]:
        for ticket, upload in self._uploads.items():
            if upload.file.id == file_id and upload.arrived:
                return ticket, upload.file
        raise Refused("file_not_found", file_id)

    def _places(self, given: Arguments) -> Iterator[Channel]:
        """Where to share: `channel_id` takes neither names nor people, `channels` takes people too."""
        wanted = str(given.get("channel_id") or "")
        if wanted and not re.fullmatch(r"[CGDZ][A-Z0-9]+", wanted):
            pattern = "^[CGDZ][A-Z0-9]{8,}$"
            raise Refused("invalid_arguments", f"[ERROR] input must match regex pattern: {pattern} [/channel_id]")
        listed = str(given.get("channels") or "").split(",")
        for name in filter(None, [wanted, *listed]):
            if name not in self._workspace.channels and name not in self._workspace.users:
                raise Refused("channel_not_found", name)
            yield self._workspace.channel(name)


def _check_share(places: list[Channel], thread: str | None, blocks: list[Answer]) -> None:
    if thread and len(places) > 1:
        raise Refused("invalid_arguments", "a thread is in one channel")
    for place in places:
        if not place.is_im and not place.has_bot:
            raise Refused("not_in_channel", f"the bot must be invited to #{place.name} to share a file there")
        if place.archived:
            raise Refused("is_archived")
        if thread and thread not in place.messages:
            raise Refused("thread_not_found")
    if blocks:
        check_blocks(blocks, MESSAGE)


def _listed(given: Any) -> list[Answer]:
    """A list of objects, which may come as JSON."""
    try:
        found = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Refused("invalid_arguments", "[ERROR] must be a list of objects")
    return found
