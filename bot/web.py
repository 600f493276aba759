"""The web app: Slack's door, the intake doors, and what operators look at."""

from collections.abc import AsyncIterator, Callable, Sequence
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
from bot.lateness import late_messages
from bot.metrics import Metrics
from bot.policy_in_force import PolicySource
from storage.store import Store

Ready = Callable[[], str]
"""Returns "" when all is well, else what is not, in a sentence."""


def build_web(
    store: Store,
    policy: PolicySource,
    clock: Clock,
    doors: Doors,
    bolt: App | None,
    signing_secret: str,
    ready: Ready,
    lifespan: Callable[[], AbstractAsyncContextManager[None]],
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
    _operators_doors(web, store, clock, ready)
    return web


def _slack_door(web: FastAPI, bolt: App, signing_secret: str) -> None:
    verifier = SignatureVerifier(signing_secret)

    @web.post("/slack/events", include_in_schema=False)
    async def slack_events(request: Request) -> Response:
        body = await read_body(request)
        _check_signature(verifier, request, body)
        headers: dict[str, str | Sequence[str]] = {name: [value] for name, value in request.headers.items()}
        # UTF-8 is what Slack sends; the signature has shown that Slack sent it.
        bolt_request = BoltRequest(body=body.decode(), query=request.url.query, headers=headers)
        answer = await run_in_threadpool(bolt.dispatch, bolt_request)
        plain = {name: value for name, value in answer.first_headers().items() if name != "content-length"}
        return Response(answer.body, answer.status, plain)


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


def _late(store: Store) -> dict[str, str]:
    """What waits for too long: Slack may be away, and the doors stay open all the same."""
    with store.read() as tx:
        late = late_messages(tx)
    return {"late": late} if late else {}


def _operators_doors(web: FastAPI, store: Store, clock: Clock, ready: Ready) -> None:
    metrics = Metrics(store, clock)

    @web.get("/healthz", tags=["operation"], summary="Whether the process lives")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    whether: dict[int | str, dict[str, Any]] = {status: {"content": as_json(Health)} for status in (200, 503)}

    @web.get("/readyz", tags=["operation"], summary="Whether it can do its work", responses=whether)
    def readyz() -> JSONResponse:
        if trouble := ready():
            return JSONResponse({"status": trouble}, 503)
        return JSONResponse({"status": "ok"} | _late(store))

    @web.get("/metrics", tags=["operation"], summary="Figures for Prometheus", response_class=PlainTextResponse)
    def read_metrics() -> PlainTextResponse:
        return PlainTextResponse(metrics.text(), media_type=metrics.media_type)
