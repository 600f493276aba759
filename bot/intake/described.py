"""What the OpenAPI page says of the doors that read and write their bodies by hand."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from bot.intake import answers
from bot.intake.access import SIGNED, STAMPED
from bot.intake.answers import ProblemTold
from bot.intake.items import MOST_ITEMS, NDJSON
from bot.usecases.draft import EngagementIn, LeadIn, StageIn

Schema = dict[str, Any]

_TAKEN: tuple[type[BaseModel], ...] = (LeadIn, EngagementIn, StageIn)
_TOLD: tuple[type[BaseModel], ...] = (
    answers.LeadTaken,
    answers.ManyLeads,
    answers.LeftAloneTold,
    answers.ManyForms,
    answers.EngagementTaken,
    answers.ManyEngagements,
    answers.StageTaken,
    answers.LeadShown,
    answers.Health,
    ProblemTold,
)
_SECURITY = {
    "key": {"type": "http", "scheme": "bearer", "description": "`baton key create --source NAME` makes one."},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": SIGNED,
        "description": "HMAC-SHA256 of the body, in hex, with a key from `baton key create --signing --source NAME`. "
        f"With {STAMPED} (seconds since 1970, at most five minutes old) it is of “timestamp:body”; without, the same "
        "body again is answered as before for 30 days, and makes nothing new.",
    },
}
_REFUSALS = {
    400: "It cannot be read",
    401: "Nobody known sent it",
    403: "The key was not made for this",
    404: "There is no such thing",
    408: "It did not arrive in time",
    409: "It cannot be done as things are",
    413: f"It is too large, or more than {MOST_ITEMS:,} at once",
    422: "What is wrong with it, field by field",
    503: "The database cannot be reached; nothing was stored",
}


class DescribedApi(FastAPI):
    """A web app whose page knows the bodies and answers that are described here."""

    def openapi(self) -> Schema:
        found = super().openapi()
        found["components"] = _components()
        return found


def described(
    summary: str,
    taken: dict[int, Schema],
    refused: Sequence[int],
    body: Schema | None = None,
    *,
    signed: bool = False,
) -> dict[str, Any]:
    """How FastAPI is to describe a door: what it takes and answers, and whether a signature is enough to come in.

    The first status of `taken` is the usual one.
    """
    extra: Schema = {"security": [{"key": []}, {"signature": []}] if signed else [{"key": []}]}
    if body is not None:
        extra["requestBody"] = {"required": True, "content": body}
    return {
        "summary": summary,
        "status_code": next(iter(taken)),
        "response_model": None,
        "responses": _refusals(refused) | {status: {"content": content} for status, content in taken.items()},
        "openapi_extra": extra,
    }


def leads_described(summary: str) -> dict[str, Any]:
    """The same for a door that takes one lead or many; one that is known already is a 200."""
    one, many = answers.LeadTaken, answers.ManyLeads
    taken = {201: as_json(one), 200: as_json(one, many), 207: as_json(many)}
    return _many_described(summary, taken, (), one_or_many(LeadIn))


def forms_described(summary: str) -> dict[str, Any]:
    """The same for the door of a form; a body that tells of no form that was sent is a 202."""
    one, many, left_alone = answers.LeadTaken, answers.ManyForms, answers.LeftAloneTold
    taken = {201: as_json(one), 200: as_json(one, many), 202: as_json(left_alone), 207: as_json(many)}
    return _many_described(summary, taken, (404,), form_body())


def engagements_described(summary: str) -> dict[str, Any]:
    """The same for the door that takes one engagement or many; a duplicate is a 200, one of nobody known a 404."""
    one, many = answers.EngagementTaken, answers.ManyEngagements
    taken = {201: as_json(one), 200: as_json(one, many), 207: as_json(many)}
    return _many_described(summary, taken, (404,), one_or_many(EngagementIn))


def _many_described(summary: str, taken: dict[int, Schema], refused: Sequence[int], body: Schema) -> dict[str, Any]:
    found = described(summary, taken, (400, 401, 403, *refused, 408, 409, 413, 422, 503), body, signed=True)
    found["responses"][422]["content"] |= taken[207]  # when all of many were refused
    return found


def as_json(*models: type[BaseModel]) -> Schema:
    """The content of an answer or a body that is one of these."""
    refs = [_ref(model) for model in models]
    return {"application/json": {"schema": refs[0] if len(refs) == 1 else {"anyOf": refs}}}


def one_or_many(one: type[BaseModel] | None) -> Schema:
    """The content of a body that is an item, a list of them, or a line of JSON for each; None stands for any object."""
    item = _ref(one) if one else {"type": "object"}
    many = {"type": "array", "items": item, "maxItems": MOST_ITEMS}
    lines = {"type": "string", "description": f"A line of JSON for each, at most {MOST_ITEMS:,}."}
    return {"application/json": {"schema": {"oneOf": [item, many]}}, NDJSON[0]: {"schema": lines}}


def form_body() -> Schema:
    """The content of a form's body: the form tools' own. Of a file in it the name alone is taken."""
    fields = {"type": "object", "additionalProperties": {"type": "string"}}
    return one_or_many(None) | {
        "application/x-www-form-urlencoded": {"schema": fields},
        "multipart/form-data": {"schema": fields},
    }


def _ref(model: type[BaseModel]) -> Schema:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _refusals(statuses: Sequence[int]) -> dict[int, Schema]:
    told = {"application/problem+json": {"schema": _ref(ProblemTold)}}
    return {status: {"description": _REFUSALS[status], "content": dict(told)} for status in statuses}


def _components() -> Schema:
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "validation") for model in _TAKEN]
    modes += [(model, "serialization") for model in _TOLD]
    _, found = models_json_schema(modes, ref_template="#/components/schemas/{model}")
    return {"schemas": found["$defs"], "securitySchemes": _SECURITY}
