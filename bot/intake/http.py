"""Leads, engagements and forms over HTTP: who it is first, then the body is kept, then it is worked through."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from bot.clock import Clock
from bot.intake.access import Admitted, admission
from bot.intake.described import engagements_described, form_body, leads_described, one_or_many
from bot.intake.doors import Answer, Doors, hash_of
from bot.intake.items import ENGAGEMENTS, FORM, LEADS
from bot.intake.problem import Problem
from bot.usecases.draft import LeadIn
from bot.usecases.keep_body import keep_body
from bot.usecases.manage_keys import Caller
from bot.usecases.replies import given_reply
from storage.store import Store

IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]
FormName = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9_-]{0,80}$", description="As the policy names it")]


def intake_router(store: Store, doors: Doors, clock: Clock) -> APIRouter:
    """The doors through which leads, engagements and forms come in."""
    router = APIRouter(prefix="/v1", tags=["intake"])
    intake = _Intake(store, doors, clock)
    admit = admission(store)

    @router.post("/leads", **leads_described("Send a lead, or up to 1,000", one_or_many(LeadIn)))
    async def post_leads(
        request: Request, sent: Annotated[Admitted, Depends(admit)], idempotency_key: IdempotencyKey = ""
    ) -> Response:
        return await intake.take(request, sent, LEADS, idempotency_key)

    @router.post("/engagements", **engagements_described("Send an engagement, or up to 1,000"))
    async def post_engagements(
        request: Request, sent: Annotated[Admitted, Depends(admit)], idempotency_key: IdempotencyKey = ""
    ) -> Response:
        return await intake.take(request, sent, ENGAGEMENTS, idempotency_key)

    @router.post("/forms/{name}", **leads_described(_FORM_SUMMARY, form_body(), 404))
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
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        answer = await run_in_threadpool(self._answer, *sent, door, media_type, idempotency_key or None)
        return Response(answer.text, answer.status, media_type="application/json")

    def _answer(self, who: Caller, raw: bytes, door: str, media_type: str, idempotency_key: str | None) -> Answer:
        try:
            content = raw.decode()
        except UnicodeDecodeError as error:
            raise Problem(400, "The body is not JSON: it is not UTF-8.") from error
        if "\x00" in content:
            raise Problem(400, "The body holds a NUL character, which no text has.")
        if idempotency_key and (before := given_reply(self._store, who, idempotency_key, hash_of(door, content))):
            return Answer(*before)
        body = keep_body(self._store, who, door, media_type, idempotency_key, content)
        return self._doors.work(body)
