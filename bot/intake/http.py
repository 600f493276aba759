"""Leads, engagements and forms over HTTP: who it is first, then the body is kept, then it is worked through."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from bot.clock import Clock
from bot.intake.access import Admitted, admission
from bot.intake.described import engagements_described, forms_described, leads_described
from bot.intake.doors import Answer, Doors, hash_of
from bot.intake.items import ENGAGEMENTS, FORM, LEADS
from bot.intake.multipart import MULTIPART, URLENCODED, as_urlencoded, read_parts
from bot.intake.problem import Problem
from bot.usecases.keep_body import keep_body
from bot.usecases.replies import given_reply
from storage.store import Store

IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]
FormName = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9_-]{0,80}$", description="As the policy names it")]


def intake_router(store: Store, doors: Doors, clock: Clock) -> APIRouter:
    """The doors through which leads, engagements and forms come in."""
    router = APIRouter(prefix="/v1", tags=["intake"])
    intake = _Intake(store, doors, clock)
    admit = admission(store, clock)

    @router.post("/leads", **leads_described("Send a lead, or up to 1,000"))
    async def post_leads(
        request: Request, sent: Annotated[Admitted, Depends(admit)], idempotency_key: IdempotencyKey = ""
    ) -> Response:
        return await intake.take(request, sent, LEADS, idempotency_key)

    @router.post("/engagements", **engagements_described("Send an engagement, or up to 1,000"))
    async def post_engagements(
        request: Request, sent: Annotated[Admitted, Depends(admit)], idempotency_key: IdempotencyKey = ""
    ) -> Response:
        return await intake.take(request, sent, ENGAGEMENTS, idempotency_key)

    @router.post("/forms/{name}", **forms_described(_FORM_SUMMARY))
    async def post_form(
        name: FormName,
        request: Request,
        sent: Annotated[Admitted, Depends(admit)],
        idempotency_key: IdempotencyKey = "",
    ) -> Response:
        return await intake.take(request, sent, FORM + name, idempotency_key)

    return router


_FORM_SUMMARY = "Send a form as Typeform, HubSpot, Webflow or a plain page sends it; see [[form]] in the policy"


class _Intake:
    """One request: who it is, whether it was answered before, and what its body makes."""

    def __init__(self, store: Store, doors: Doors, clock: Clock) -> None:
        self._store, self._doors, self._clock = store, doors, clock

    async def take(self, request: Request, sent: Admitted, door: str, idempotency_key: str) -> Response:
        content_type = request.headers.get("content-type", "")
        answer = await run_in_threadpool(self._answer, sent, door, content_type, idempotency_key or None)
        return Response(answer.text, answer.status, media_type="application/json")

    def _answer(self, sent: Admitted, door: str, content_type: str, idempotency_key: str | None) -> Answer:
        media_type, content = _kept(door, content_type, sent.body)
        for key in filter(None, (idempotency_key, sent.signed)):
            if before := given_reply(self._store, sent.who, key, hash_of(door, content)):
                return Answer(*before)
        body = keep_body(self._store, sent.who, door, media_type, idempotency_key, content, sent.signed)
        return self._doors.work(body)


def _kept(door: str, content_type: str, raw: bytes) -> tuple[str, str]:
    """The media type and the text of a body as it is kept: of a form with files, its answers and the files' names."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == MULTIPART and door.startswith(FORM):
        try:
            return URLENCODED, as_urlencoded(read_parts(content_type, raw))
        except Problem:  # kept as far as it is text, and refused when it is worked through
            return media_type, raw.decode(errors="replace").replace("\x00", "\ufffd")
    try:
        content = raw.decode()
    except UnicodeDecodeError as error:
        raise Problem(400, "The body is not JSON: it is not UTF-8.") from error
    if "\x00" in content:
        raise Problem(400, "The body holds a NUL character, which no text has.")
    return media_type, content
