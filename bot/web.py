"""The web app: Slack's door, the intake doors, and what operators look at."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi_swagger import patch_fastapi
from slack_bolt import App, BoltRequest
from slack_sdk.signature import SignatureVerifier
from starlette.concurrency import run_in_threadpool

from bot.clock import Clock
from bot.intake.access import read_body
from bot.intake.answers import Health
from bot.intake.described import DescribedApi, as_json
from bot.intake.doors import Doors
from bot.intake.http import intake_router
from bot.intake.leads_http import leads_router
from bot.intake.problem import Problem, install_problems
from bot.metrics import Metrics, ProcessFigures
from bot.policy_in_force import PolicySource
from bot.slack.payloads import Malformed, read_payload
from bot.write_probe import Readiness
from storage.store import Store

log = logging.getLogger(__name__)

Ready = Callable[[], Awaitable[Readiness]]


def build_web(
    store: Store,
    policy: PolicySource,
    clock: Clock,
    doors: Doors,
    bolt: App | None,
    signing_secret: str,
    ready: Ready,
    lifespan: Callable[[], AbstractAsyncContextManager[None]],
    figures: ProcessFigures | None = None,
) -> FastAPI:
    """The web app. `bolt` is None in Socket Mode: then Slack has no door here."""

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        async with lifespan():
            yield

    web = DescribedApi(
        title="Baton", version="1", docs_url=None, redoc_url=None, swagger_ui_oauth2_redirect_url=None, lifespan=live
    )
    # With its own copy of the page: nothing is fetched from elsewhere.
    patch_fastapi(web, docs_url="/docs", redirect_from_root_to_docs=False)
    install_problems(web)
    if bolt is not None:
        _slack_door(web, bolt, signing_secret)
    web.include_router(intake_router(store, doors, clock))
    web.include_router(leads_router(store, policy, clock))
    _operators_doors(web, Metrics(store, clock, figures), ready)
    return web


def _slack_door(web: FastAPI, bolt: App, signing_secret: str) -> None:
    verifier = SignatureVerifier(signing_secret)

    @web.post("/slack/events", include_in_schema=False)
    async def slack_events(request: Request) -> Response:
        body = await read_body(request)
        _check_signature(verifier, request, body)
        headers: dict[str, str | Sequence[str]] = {name: [value] for name, value in request.headers.items()}
        # Bolt is given the payload and not the body: its own parser fails on some, and misreads a command that says
        # “payload”. UTF-8 is what Slack sends; the signature has shown that Slack sent it.
        payload = _payload(body.decode(), request.headers.get("content-type", ""))
        bolt_request = BoltRequest(body=payload, query=request.url.query, headers=headers, mode="socket_mode")
        answer = await run_in_threadpool(bolt.dispatch, bolt_request)
        plain = {name: value for name, value in answer.first_headers().items() if name != "content-length"}
        return Response(answer.body, answer.status, plain)


def _payload(body: str, content_type: str) -> dict[str, Any]:
    """What a request carries, if it has the shape of what Slack sends."""
    try:
        return read_payload(body, content_type.partition(";")[0].strip().lower())
    except Malformed as refusal:
        log.warning("Slack sent what it never sends: %s", refusal)
        raise Problem(400, f"Slack sends no such thing: {refusal}.") from None


def _check_signature(verifier: SignatureVerifier, request: Request, body: bytes) -> None:
    """Let pass what Slack signed within the last five minutes."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12 and signature.isascii()):
        raise Problem(401, "This request carries no Slack signature; check the app's signing secret.")
    try:
        fits = verifier.is_valid(body.decode(), timestamp, signature)
    except UnicodeDecodeError:
        fits = False
    if not fits:
        raise Problem(
            401,
            "The Slack signature is wrong or older than five minutes; check SLACK_SIGNING_SECRET and the clock.",
        )


def _operators_doors(web: FastAPI, metrics: Metrics, ready: Ready) -> None:
    @web.get("/healthz", tags=["operation"], summary="Whether the process lives")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    whether: dict[int | str, dict[str, Any]] = {status: {"content": as_json(Health)} for status in (200, 503)}

    @web.get("/readyz", tags=["operation"], summary="Whether it can do its work", responses=whether)
    async def readyz() -> JSONResponse:
        state = await ready()  # on the event loop: whatever the threads are at, it is answered
        if state.trouble:
            return JSONResponse({"status": state.trouble}, 503)
        return JSONResponse({"status": "ok"} | ({"late": state.late} if state.late else {}))

    @web.get("/metrics", tags=["operation"], summary="Figures for Prometheus", response_class=PlainTextResponse)
    def read_metrics() -> PlainTextResponse:
        return PlainTextResponse(metrics.text(), media_type=metrics.media_type)
