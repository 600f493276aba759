"""What pydantic found wrong, in sentences for people."""

import difflib
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from funnel.errors import Mistake


def key_path(location: Iterable[int | str]) -> str:
    """A location as people read it: ("route", 0, "channel") is `route[0].channel`."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")


def mistakes(error: ValidationError, model: type[BaseModel]) -> list[Mistake]:
    """Each mistake with a sentence: its key path, what is wrong, and the likely word for an unknown key."""
    return [Mistake(detail["loc"], _sentence(detail, model)) for detail in error.errors(include_url=False)]


def sentences(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """The sentences of the mistakes alone."""
    return [mistake.sentence for mistake in mistakes(error, model)]


def plain_problem(detail: Any) -> str:
    """What is wrong with a value, in words for the person who wrote it; no full stop at its end."""
    context = detail.get("ctx") or {}
    match detail["type"]:
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return "must be a whole number"
        case "greater_than_equal":
            return f"must be at least {context['ge']}"
        case "less_than_equal":
            return f"must be at most {context['le']:,}"
        case "string_too_long":
            return f"is longer than {context['max_length']} characters"
        case "string_type":
            return "must be a text"
        case "enum":
            return f"is none of {context['expected']}"
        case "timezone_aware":
            return "needs a UTC offset, like 2026-11-22T09:30:00+01:00"
    return str(detail["msg"]).removeprefix("Value error, ").rstrip(".")


def _sentence(detail: Any, model: type[BaseModel]) -> str:
    location = detail["loc"]
    path = key_path(location)
    if detail["type"] == "extra_forbidden":
        return f"{path}: no such key{_suggestion(location, model)}"
    if detail["type"] == "missing":
        return f"{path}: is missing"
    message = detail["msg"].removeprefix("Value error, ")
    return f"{path}: {message[:1].lower()}{message[1:]}"


def _suggestion(location: tuple[int | str, ...], model: type[BaseModel]) -> str:
    fields = _fields_at(location[:-1], model)
    close = difflib.get_close_matches(str(location[-1]), fields, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; the keys here are {', '.join(fields)}" if fields else ""


def _fields_at(location: tuple[int | str, ...], model: type[BaseModel]) -> list[str]:
    current: Any = model
    for part in location:
        if isinstance(part, int):
            continue
        field = getattr(current, "model_fields", {}).get(part)
        current = _model_in(field.annotation) if field is not None else None
    return list(getattr(current, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _model_in(arg))), None)
