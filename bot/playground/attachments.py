"""Files on the page: a person drops one into a conversation, and saves those that were shared there."""

from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from bot.playground.attempts import Outcome, attempt, place_of
from bot.playground.files import LARGEST_FILE, SharedFile
from bot.playground.hosting import attachment
from bot.playground.people import People
from bot.playground.timeline import visible
from bot.playground.typed import encode
from bot.playground.workspace import Workspace

TOO_LARGE = f"That file is too large: at most {LARGEST_FILE // 1024**2} MB."


def add_file_routes(router: APIRouter, workspace: Workspace, people: People) -> None:
    """The routes behind the paperclip and the tiles, on a router of one person."""

    @router.post("/{channel}/files")
    async def drop(
        request: Request,
        user: str,
        channel: str,
        name: Annotated[str, Query(min_length=1, max_length=255)],
        text: str = "",
        thread_ts: str | None = None,
    ) -> Outcome:
        """The body is the file."""
        place_of(workspace, user, channel)
        content = await _read(request)
        if content is None:
            return Outcome(trouble=TOO_LARGE)
        said, known_as = encode(text.strip(), workspace), PurePath(name).name
        return await run_in_threadpool(
            attempt, lambda: people.drop_file(user, channel, known_as, content, said, thread_ts)
        )

    @router.get("/{channel}/files/{file_id}")
    def save(user: str, channel: str, file_id: str) -> Response:
        file = _shared(workspace, user, channel, file_id)
        kind = "text/csv" if file.kind[0] == "text/csv" else "text/plain"
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": attachment(file.name),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(file.content, media_type=kind, headers=headers)


async def _read(request: Request) -> bytes | None:
    """The body of a request, or None when it is too large: then it is read to its end all the same, and forgotten."""
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size <= LARGEST_FILE:
            pieces.append(piece)
    return b"".join(pieces) if size <= LARGEST_FILE else None


def _shared(workspace: Workspace, user: str, channel: str, file_id: str) -> SharedFile:
    """A file in a conversation that a person can see."""
    for message in visible(place_of(workspace, user, channel), user):
        for file in message.files:
            if file.id == file_id:
                return file
    raise HTTPException(404, "There is no such file.")
