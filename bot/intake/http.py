"""Leads and engagements over HTTP: the key first, then the size, then the words."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json
from starlette.concurrency import run_in_threadpool

from bot.clock import Clock
from bot.intake.problem import FieldProblem, Problem
from bot.policy_in_force import PolicySource
from bot.usecases.draft import EngagementIn, LeadIn, check_not_future, to_draft, to_seen
from bot.usecases.errors import BadKey
from bot.usecases.manage_keys import Caller, check_key
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import record_engagements
from bot.usecases.replies import given_reply, keep_reply
from funnel.problems import plain_problem
from storage.store import Store

LARGEST_BODY = 5_000_000
"""Bytes; a thousand leads with plenty of attributes are about one."""
MOST_ITEMS = 1_000

Outcome = dict[str, Any]


def intake_router(store: Store, policy: PolicySource, clock: Clock) -> APIRouter:
    """The two doors through which leads and engagements come in."""
    router = APIRouter(prefix="/v1", tags=["intake"])
    caller = key_check(store)

    @router.post("/leads", **_documented(LeadIn, "Send a lead, or up to 1,000"))
    async def post_leads(
        request: Request,
        who: Annotated[Caller, Depends(caller)],
        idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
    ) -> Response:
        def take(items: Sequence[LeadIn]) -> list[Outcome]:
            now = clock()
            got = receive_leads(store, policy(), [to_draft(item, now) for item in items], now, who.source)
            return [
                {"status": 201 if one.created else 200, "id": one.lead_id, "created": one.created}
                | ({"remark": one.remark} if one.remark else {})
                for one in got
            ]

        intake = _Intake(store, clock, LeadIn, take, who, idempotency_key)
        return await run_in_threadpool(intake.answer, await read_body(request))

    @router.post("/engagements", **_documented(EngagementIn, "Send an engagement, or up to 1,000"))
    async def post_engagements(
        request: Request,
        who: Annotated[Caller, Depends(caller)],
        idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
    ) -> Response:
        def take(items: Sequence[EngagementIn]) -> list[Outcome]:
            now = clock()
            named = [_named(item, idempotency_key, place) for place, item in enumerate(items)]
            lead_ids = record_engagements(store, policy(), [to_seen(item, now) for item in named], who.source, now)
            return [{"status": 201, "lead_id": lead_id} if lead_id else _stranger() for lead_id in lead_ids]

        intake = _Intake(store, clock, EngagementIn, take, who, idempotency_key)
        return await run_in_threadpool(intake.answer, await read_body(request))

    return router


def key_check(store: Store) -> Callable[..., Caller]:
    """A dependency that lets through who has a key; nothing of the request is read before."""

    def check(authorization: Annotated[str | None, Header()] = None) -> Caller:
        scheme, _, secret = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise Problem(401, "Send your key in the header “Authorization: Bearer KEY”.")
        try:
            return check_key(store, secret.strip())
        except BadKey as error:
            raise Problem(401, error.sentence) from error

    return check


async def read_body(request: Request) -> bytes:
    """The body, unless it is too large."""
    size, chunks = 0, []
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise Problem(413, f"The body is larger than {LARGEST_BODY:,} bytes; send it in parts.")
        chunks.append(chunk)
    return b"".join(chunks)


def read_json(body: bytes) -> Any:
    """The JSON of a body, with none of the values that only Python knows."""
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Problem(400, f"The body is not JSON: {error}.") from error


class _Intake:
    """One request: every item is checked, the good ones are taken, each is answered for."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        model: type[Any],
        take: Callable[[Sequence[Any]], list[Outcome]],
        who: Caller,
        idempotency_key: str | None,
    ) -> None:
        self._store, self._clock, self._model, self._take = store, clock, model, take
        self._who, self._idempotency_key = who, idempotency_key

    def answer(self, body: bytes) -> Response:
        request_hash = hashlib.sha256(body).hexdigest()
        if self._idempotency_key:
            before = given_reply(self._store, self._who, self._idempotency_key, request_hash)
            if before:
                return Response(before[1], before[0], media_type="application/json")
        content = read_json(body)
        single = not isinstance(content, list)
        items = [content] if single else content
        if len(items) > MOST_ITEMS:
            raise Problem(413, f"These are {len(items):,} items; send at most {MOST_ITEMS:,} at once.")
        outcomes = self._take_good(items)
        status, text = _summary(outcomes, single=single)
        if self._idempotency_key:
            keep_reply(self._store, self._who, self._idempotency_key, request_hash, status, text, self._clock())
        return Response(text, status, media_type="application/json")

    def _take_good(self, items: list[Any]) -> list[Outcome]:
        outcomes: list[Outcome] = [{} for _ in items]
        good = []
        for place, item in enumerate(items):
            try:
                checked = self._model.model_validate(item)
                check_not_future(checked.occurred_at, self._clock())
                good.append((place, checked))
            except ValidationError as error:
                outcomes[place] = {"status": 422, "errors": [one.model_dump() for one in field_problems(error)]}
            except ValueError as error:
                outcomes[place] = {"status": 422, "errors": [{"path": "/occurred_at", "detail": str(error)}]}
        if good:
            taken = self._take([checked for _, checked in good])
            for (place, _), outcome in zip(good, taken, strict=True):
                outcomes[place] = outcome
        return outcomes


def _summary(outcomes: list[Outcome], *, single: bool) -> tuple[int, bytes]:
    """Status and body: of one item its own; of many 200, 207 when some were refused, 422 when all were."""
    if single:
        outcome = outcomes[0]
        status = outcome.pop("status")
        if "errors" in outcome:
            raise Problem(status, outcome["errors"][0]["detail"], [FieldProblem(**one) for one in outcome["errors"]])
        return status, to_json(outcome)
    refused = sum("errors" in outcome for outcome in outcomes)
    results = [{"index": place} | outcome for place, outcome in enumerate(outcomes)]
    status = 200 if not refused else 207 if refused < len(outcomes) else 422
    return status, to_json({"accepted": len(outcomes) - refused, "refused": refused, "results": results})


def field_problems(error: ValidationError) -> list[FieldProblem]:
    """What pydantic found wrong, a sentence a field."""
    return [
        FieldProblem(
            path="".join(f"/{part}" for part in detail["loc"]) or "/",
            detail=_plain(detail),
        )
        for detail in error.errors(include_url=False, include_input=False)
    ]


def _plain(detail: Any) -> str:
    name = ".".join(str(part) for part in detail["loc"])
    match detail["type"]:
        case "missing":
            return f"{name} is missing."
        case "extra_forbidden":
            return f"{name} is no field of this; put what is your own under attributes or properties."
        case "model_type" | "model_attributes_type":
            return "This is not a JSON object."
    return f"{name}: {plain_problem(detail)}." if name else f"It {plain_problem(detail)}."


def _stranger() -> Outcome:
    sentence = "Nobody is known by this; send the lead first, then what they did."
    return {"status": 404, "errors": [{"path": "/", "detail": sentence}]}


def _named(item: EngagementIn, idempotency_key: str | None, place: int) -> EngagementIn:
    """An engagement without an event id takes one from the Idempotency-Key, so that a retry counts once."""
    if item.event_id or not idempotency_key:
        return item
    return item.model_copy(update={"event_id": f"{idempotency_key}:{place}"})


def _documented(model: type[BaseModel], summary: str) -> dict[str, Any]:
    """What the OpenAPI page says of a door whose body is read by hand."""
    one = model.model_json_schema(ref_template="#/components/schemas/{model}")
    one.pop("$defs", None)
    for field in one["properties"].values():
        if field.get("$ref") or any("$ref" in option for option in field.get("anyOf", [])):
            field.clear()
            field["type"] = "string"
    many = {"type": "array", "items": one, "maxItems": MOST_ITEMS}
    body = {"required": True, "content": {"application/json": {"schema": {"oneOf": [one, many]}}}}
    problem = {
        "description": "One sentence and the fields it is about",
        "content": {"application/problem+json": {}},
    }
    return {
        "summary": summary,
        "openapi_extra": {"requestBody": body},
        "status_code": 201,
        "responses": {200: {}, 207: {}} | dict.fromkeys((400, 401, 404, 409, 413, 422), problem),
    }
