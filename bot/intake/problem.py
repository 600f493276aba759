"""Errors over HTTP: problem+json (RFC 9457), one sentence, and the fields it is about."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from funnel.errors import FunnelError
from funnel.problems import plain_problem
from storage.errors import Conflict, StorageError, Unreachable

log = logging.getLogger(__name__)


class FieldProblem(BaseModel):
    """What is wrong with one field; `path` is a JSON pointer."""

    path: str
    detail: str


class Problem(Exception):
    """A refusal with its HTTP status and one sentence."""

    def __init__(self, status: int, detail: str, errors: list[FieldProblem] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, errors or []


def problem_response(
    status: int,
    detail: str,
    errors: list[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer that tells a problem."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        content["errors"] = [error.model_dump() for error in errors]
    if status == 401:
        headers = {"WWW-Authenticate": "Bearer"}
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def install_problems(web: FastAPI) -> None:
    """Answer every error of a web app with a problem."""

    @web.exception_handler(Problem)
    def _refused(_: Request, problem: Problem) -> JSONResponse:
        return problem_response(problem.status, problem.detail, problem.errors)

    @web.exception_handler(FunnelError)
    def _against_the_rules(_: Request, refusal: FunnelError) -> JSONResponse:
        return problem_response(409, refusal.sentence)

    @web.exception_handler(StorageError)
    def _no_memory(_: Request, error: StorageError) -> JSONResponse:
        log.error("the database failed: %s", error)
        if isinstance(error, Unreachable | Conflict):
            return problem_response(503, "The database cannot be reached; nothing was stored. Send it again later.")
        return problem_response(500, "The database refused this; nothing was stored. Sending it again will not help.")

    @web.exception_handler(RequestValidationError)
    def _malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return problem_response(422, f"{place}: {first['msg']}.")

    @web.exception_handler(HTTPException)
    def _plain(request: Request, error: HTTPException) -> JSONResponse:
        sentences = {
            404: f"There is nothing at {request.url.path}; see /docs.",
            405: "This door is for another method; see /docs.",
        }
        sentence = sentences.get(error.status_code, str(error.detail))
        return problem_response(error.status_code, sentence, headers=error.headers)  # Allow, at the wrong method

    @web.exception_handler(Exception)
    def _broken(_: Request, error: Exception) -> JSONResponse:
        log.error("a request failed", exc_info=error)
        return problem_response(500, "Something broke on our side; nothing was stored. Send it again later.")


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
