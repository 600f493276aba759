"""One lead over HTTP: read it, and report what a CRM made of it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.concurrency import run_in_threadpool

from bot.clock import Clock
from bot.intake.access import key_check, read_body, read_json
from bot.intake.problem import Problem, field_problems
from bot.policy_in_force import PolicySource
from bot.usecases.draft import Line, Moment, check_not_future
from bot.usecases.errors import NotFound
from bot.usecases.manage_keys import Caller
from bot.usecases.report_stage import report_stage
from bot.usecases.show_lead import dossier_json, show_lead
from funnel.lifecycle import Stage
from storage.store import Store

LeadId = Annotated[int, Path(ge=1, le=2**31 - 1)]


class StageIn(BaseModel):
    """What a CRM reports; `lost` ends the cycle."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: Literal["opportunity", "customer", "evangelist", "lost"]
    occurred_at: Moment | None = None
    reason: Line = None


_STAGE_BODY = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": StageIn.model_json_schema()}}}
}


def leads_router(store: Store, policy: PolicySource, clock: Clock) -> APIRouter:
    """Doors to single leads."""
    router = APIRouter(prefix="/v1/leads", tags=["leads"])
    caller = key_check(store)

    @router.get("/{lead_id}", summary="A lead with its score, cycles and history")
    def get_lead(lead_id: LeadId, _: Annotated[Caller, Depends(caller)]) -> dict[str, Any]:
        try:
            return dossier_json(show_lead(store, policy(), str(lead_id), clock()))
        except NotFound as error:
            raise Problem(404, f"There is no lead {lead_id}.") from error

    @router.post("/{lead_id}/stage", summary="Report what became of an SQL", openapi_extra=_STAGE_BODY)
    async def post_stage(lead_id: LeadId, request: Request, who: Annotated[Caller, Depends(caller)]) -> dict[str, Any]:
        told = _read_stage(await read_body(request), clock())
        return await run_in_threadpool(_report, lead_id, told, who)

    def _report(lead_id: int, told: StageIn, who: Caller) -> dict[str, Any]:
        now = clock()
        stage = Stage.DISQUALIFIED if told.stage == "lost" else Stage(told.stage)
        at = min(told.occurred_at or now, now)
        reason = told.reason or ("lost" if told.stage == "lost" else "")
        try:
            moved = report_stage(store, policy(), lead_id, stage, at, who.source, now, reason)
        except NotFound as error:
            raise Problem(404, error.sentence) from error
        return {"id": lead_id, "stage": stage.value, "moved": moved}

    return router


def _read_stage(body: bytes, now: datetime) -> StageIn:
    """The report in a body."""
    try:
        told = StageIn.model_validate(read_json(body))
        check_not_future(told.occurred_at, now)
    except ValidationError as error:
        problems = field_problems(error)
        raise Problem(422, problems[0].detail, problems) from error
    except ValueError as error:
        raise Problem(422, f"occurred_at: {error}.") from error
    return told
