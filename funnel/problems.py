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
    found = [
        Mistake(detail["loc"], _sentence(detail, model)) for detail in map(_whole, error.errors(include_url=False))
    ]
    return list(dict.fromkeys(found))


_KINDS_OF_VALUE = ("str", "int", "float", "bool")


def _whole(detail: Any) -> Any:
    """A value that is none of the kinds it may be is one mistake, not one for each kind."""
    location = detail["loc"]
    if location[-1:] and location[-1] in _KINDS_OF_VALUE and location[-2:-1] == ("equals",):
        return detail | {"loc": location[:-1], "type": "value_error", "msg": _ONE_VALUE}
    return detail


_ONE_VALUE = "must be one text, one number, true or false; several texts go into one_of"


def sentences(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """The sentences of the mistakes alone."""
    return [mistake.sentence for mistake in mistakes(error, model)]


_FORMS = {
    "channel": "is no channel: write its id (C…, from “Copy link”), or its name with # in front and no blanks",
    **dict.fromkeys(
        ("members", "managers", "to", "person", "id"),
        "is no Slack user id: a profile shows it under “⋮”, “Copy member ID” (U…)",
    ),
    "currencies": "is no currency: write the three capitals of ISO 4217, like EUR",
    "ignore_dots_at": "is no domain: write it in small letters without an @, like gmail.com",
    "country": "is no country's code: write the capitals of ISO 3166, like DE, or DE-BY for a part of one",
    "name": "has other characters than small letters, digits, - and _",
}
"""What a text is not that has another form than its key asks for."""


def plain_problem(detail: Any) -> str:
    """What is wrong with a value, in words for the person who wrote it; no full stop at its end."""
    context = detail.get("ctx") or {}
    match detail["type"]:
        case "string_pattern_mismatch":
            key = next((part for part in reversed(detail["loc"]) if isinstance(part, str)), "")
            return _FORMS.get(key, "is not written as it has to be")
        case "too_short":
            return "needs at least one" if context["min_length"] == 1 else f"needs at least {context['min_length']}"
        case "too_long":
            return f"has more than {context['max_length']:,}"
        case "string_too_short":
            return "is empty" if context["min_length"] == 1 else f"is shorter than {context['min_length']} characters"
        case "literal_error":
            return f"is none of {context['expected']}"
        case "list_type":
            return "must be a list, in [ ]"
        case "dict_type" | "model_type" | "model_attributes_type":
            return "must be a table of keys and values"
        case "float_type" | "float_parsing":
            return "must be a number"
        case "finite_number":
            return "must be a finite number"
        case "bool_type" | "bool_parsing":
            return "must be true or false"
        case "greater_than":
            return f"must be more than {context['gt']:,.10g}"
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return "must be a whole number"
        case "greater_than_equal":
            return f"must be at least {context['ge']:,.15g}"
        case "less_than_equal":
            return f"must be at most {context['le']:,.15g}"
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
    problem, value = plain_problem(detail), detail.get("input")
    if detail["type"] in _QUOTED and isinstance(value, str | int | float):
        return f"{path}: “{value}” {problem}"
    return f"{path}: {problem[:1].lower()}{problem[1:]}"


_QUOTED = frozenset({"string_pattern_mismatch", "literal_error", "enum"})
"""Mistakes of which the sentence says what the value is not."""


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
