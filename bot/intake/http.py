"""Leads, engagements and forms over HTTP: who it is first, then the body is kept, then it is worked through."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from bot.clock import Clock
from bot.intake.access import SIGNED, admit
from bot.intake.doors import ENGAGEMENTS, FORM, LEADS, MOST_ITEMS, NDJSON, Answer, Doors, hash_of, read_items
from bot.intake.problem import Problem
from bot.usecases.draft import EngagementIn, LeadIn
from bot.usecases.keep_body import keep_body
from bot.usecases.manage_keys import Caller
from bot.usecases.replies import given_reply
from storage.store import Store

IdempotencyKey = Annotated[str | None, Header(max_length=200)]
FormName = Annotated[str, Path(max_length=100)]


def intake_router(store: Store, doors: Doors, clock: Clock) -> APIRouter:
    """The doors through which leads, engagements and forms come in."""
    router = APIRouter(prefix="/v1", tags=["intake"])
    intake = _Intake(store, doors, clock)

    @router.post("/leads", **_documented(LeadIn, "Send a lead, or up to 1,000"))
    async def post_leads(request: Request, idempotency_key: IdempotencyKey = None) -> Response:
        return await intake.take(request, LEADS, idempotency_key)

    @router.post("/engagements", **_documented(EngagementIn, "Send an engagement, or up to 1,000"))
    async def post_engagements(request: Request, idempotency_key: IdempotencyKey = None) -> Response:
        return await intake.take(request, ENGAGEMENTS, idempotency_key)

    @router.post("/forms/{name}", **_form_documented())
    async def post_form(name: FormName, request: Request, idempotency_key: IdempotencyKey = None) -> Response:
        return await intake.take(request, FORM + name, idempotency_key)

    return router


class _Intake:
    """One request: who it is, whether it was answered before, and what its body makes."""

    def __init__(self, store: Store, doors: Doors, clock: Clock) -> None:
        self._store, self._doors, self._clock = store, doors, clock

    async def take(self, request: Request, door: str, idempotency_key: str | None) -> Response:
        who, raw = await admit(self._store, request)
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        answer = await run_in_threadpool(self._answer, who, raw, door, media_type, idempotency_key)
        return Response(answer.text, answer.status, media_type="application/json")

    def _answer(self, who: Caller, raw: bytes, door: str, media_type: str, idempotency_key: str | None) -> Answer:
        try:
            content = raw.decode()
        except UnicodeDecodeError as error:
            raise Problem(400, "The body is not JSON: it is not UTF-8.") from error
        if "\x00" in content:
            raise Problem(400, "The body holds a NUL character, which no text has.")
        if idempotency_key and (before := given_reply(self._store, who, idempotency_key, hash_of(content))):
            return Answer(*before)
        read_items(door, media_type, content)  # what cannot be read at all is refused, not kept
        body = keep_body(self._store, who, door, media_type, idempotency_key, content, self._clock())
        return self._doors.work(body)


def _documented(model: type[BaseModel], summary: str) -> dict[str, Any]:
    """What the OpenAPI page says of a door whose body is read by hand."""
    one = model.model_json_schema(ref_template="#/components/schemas/{model}")
    one.pop("$defs", None)
    for field in one["properties"].values():
        if field.get("$ref") or any("$ref" in option for option in field.get("anyOf", [])):
            field.clear()
            field["type"] = "string"
    many = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_ITEMS}
    content = {"application/json": {"schema": {"oneOf": [one, many]}}, NDJSON[0]: {"schema": {"type": "string"}}}
    body = {"required": True, "content": content}
    return _answers() | {"summary": summary, "openapi_extra": {"requestBody": body}}


def _answers() -> dict[str, Any]:
    """The answers all doors have in common."""
    problem = {
        "description": f"One sentence and the fields it is about; a bearer or {SIGNED} says who you are",
        "content": {"application/problem+json": {}},
    }
    refusals = dict.fromkeys((400, 401, 404, 409, 413, 422), problem)
    return {"status_code": 201, "responses": {200: {}, 207: {}} | refusals}


def _form_documented() -> dict[str, Any]:
    """What the OpenAPI page says of the forms' door: the bodies are the form tools' own."""
    anything = {"application/json": {"schema": {"type": "object"}}}
    return _answers() | {
        "summary": "Send a form as Typeform, HubSpot, Webflow or a plain page sends it; see [[form]] in the policy",
        "openapi_extra": {"requestBody": {"required": True, "content": anything}},
    }
