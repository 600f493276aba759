"""The playground's page: a small Slack in the browser, one address for each person and conversation."""

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response, StreamingResponse

from bot.playground.deeds import deeds_router
from bot.playground.fake_slack import FakeSlack
from bot.playground.feed import news_for
from bot.playground.people import People
from bot.playground.reads import Reads
from bot.playground.render import PARTS, page_html, part_html
from bot.playground.scene import Scene
from bot.playground.workspace import Workspace

_STATIC = Path(__file__).parent / "static"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page_router(slack: FakeSlack, people: People) -> APIRouter:
    """All routes of the page. Announce `feed.CLOSING` to the workspace before the server stops: open pages listen."""
    router = APIRouter(include_in_schema=False)
    _files(router)
    _pages(router, slack.workspace, Reads(slack.workspace))
    router.include_router(deeds_router(slack, people))
    return router


def _files(router: APIRouter) -> None:
    known = {path.name: path for path in _STATIC.iterdir() if path.is_file()}

    @router.get("/static/{name}")
    def static(name: str) -> FileResponse:
        if name not in known:
            raise HTTPException(404)
        return FileResponse(known[name], headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})

    @router.get("/favicon.ico")
    def favicon() -> FileResponse:
        return FileResponse(known["baton.svg"])


def _pages(router: APIRouter, workspace: Workspace, reads: Reads) -> None:
    @router.get("/")
    def start() -> RedirectResponse:
        return RedirectResponse(_first_page(workspace), 303)

    @router.get("/as/{user}/stream")
    async def stream(user: str) -> StreamingResponse:
        if user not in workspace.users:
            raise HTTPException(404)
        return news_for(workspace, user)

    @router.get("/as/{user}/{channel}")
    def page(user: str, channel: str, thread: str = "", tab: str = "") -> Response:
        scene = _scene(workspace, reads, user, channel, thread, tab)
        if scene is None:
            return RedirectResponse(_first_page(workspace), 303)
        with workspace.lock:
            return HTMLResponse(page_html(scene), headers=_HEADERS)

    @router.get("/as/{user}/{channel}/part/{name}")
    def part(user: str, channel: str, name: str, thread: str = "", tab: str = "") -> HTMLResponse:
        scene = _scene(workspace, reads, user, channel, thread, tab)
        if scene is None or name not in PARTS:
            raise HTTPException(404)
        with workspace.lock:
            return HTMLResponse(part_html(scene, name), headers=_HEADERS)


def _scene(workspace: Workspace, reads: Reads, user: str, channel: str, thread: str, tab: str) -> Scene | None:
    """What is to be shown; None for people and conversations that do not exist, or are somebody else's."""
    person, place = workspace.users.get(user), workspace.channels.get(channel)
    if person is None or place is None or (place.is_im and place.member != user):
        return None
    return Scene(workspace, reads, person, place, thread, tab)


def _first_page(workspace: Workspace) -> str:
    return f"/as/{next(iter(workspace.users))}/{next(iter(workspace.channels))}"
