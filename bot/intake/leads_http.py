"""One lead over HTTP: read it, and report what a CRM made of it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from bot.clock import Clock
from bot.intake.access import key_check, read_body, read_json
from bot.intake.answers import LeadShown, StageTaken
from bot.intake.described import as_json, described
from bot.intake.problem import Problem, field_problems
from bot.policy_in_force import PolicySource
from bot.usecases.draft import LARGEST_ID, StageIn, check_not_future
from bot.usecases.errors import NotFound
from bot.usecases.manage_keys import Caller
from bot.usecases.report_stage import report_stage
from bot.usecases.show_lead import dossier_json, show_lead
from funnel.lifecycle import Stage
from storage.store import Store

LeadId = Annotated[int, Path(ge=1, le=LARGEST_ID)]

_LEAD = described("A lead with its score, cycles and history", {200: as_json(LeadShown)}, (401, 403, 404, 422, 503))
_STAGE = described(
    "Report what became of an SQL",
    {200: as_json(StageTaken)},
    (400, 401, 403, 404, 408, 409, 413, 422, 503),
    as_json(StageIn),
)


def leads_router(store: Store, policy: PolicySource, clock: Clock) -> APIRouter:
    """Doors to single leads."""
    router = APIRouter(prefix="/v1/leads", tags=["leads"])
    Reader = Annotated[Caller, Depends(key_check(store, _may_read))]  # noqa: N806  types
    Reporter = Annotated[Caller, Depends(key_check(store, _may_report))]  # noqa: N806

    @router.get("/{lead_id}", **_LEAD)
    def get_lead(lead_id: LeadId, _: Reader) -> dict[str, Any]:
        if not _is_there(lead_id):
            raise Problem(404, f"There is no lead {lead_id}.")
        return dossier_json(show_lead(store, policy(), str(lead_id), clock()))

    @router.post("/{lead_id}/stage", **_STAGE)
    async def post_stage(lead_id: LeadId, request: Request, who: Reporter) -> dict[str, Any]:
        told = _read_stage(await read_body(request), clock())
        return await run_in_threadpool(_report, lead_id, told, who)

    def _is_there(lead_id: int) -> bool:
        """Whether a lead has or had this id; `show_lead` would look for the digits in names and addresses too."""
        with store.read() as tx:
            return lead_id in tx.leads.now_known_as([lead_id])

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


def _may_read(who: Caller) -> None:
    if not who.rights.reads:
        raise Problem(403, "This key reads nothing; use one made with baton key create --read.")


def _may_report(who: Caller) -> None:
    """A stage is said of whatever lead there is: only a key that speaks for any source may say it."""
    if not who.rights.any_source:
        raise Problem(
            403,
            f"This key writes for “{who.source}” alone; to report stages use one made with "
            "baton key create --any-source.",
        )


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
