"""What form tools send, and how the policy's [[form]] makes a lead of it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from bot.intake.csv_refusal import shown
from bot.intake.problem import Problem
from bot.usecases.consent import says_yes
from bot.usecases.damaged import is_damaged
from bot.usecases.draft import LeadIn
from funnel.form import Form, Shape

LONGEST_ID = 500
"""Characters of a submission's id, as of an event id: longer ones fit into no index."""


class Submission(NamedTuple):
    """A form as it was filled in: its answers by label, its id at the tool, and when it was sent, if it says so."""

    answers: dict[str, Any]
    id: Any = None
    sent_at: Any = None


class FormLead(NamedTuple):
    """The lead a form tells of, the engagement that sending it is, and whether its person opts in with it."""

    lead: LeadIn
    kind: str
    submission: str | None
    properties: dict[str, Any]
    opts_in: bool

    @property
    def occurred_at(self) -> datetime | None:
        return self.lead.occurred_at


class LeftAlone(NamedTuple):
    """Why nothing is made of a body, in a sentence: it tells of no form that was sent."""

    why: str


def read_form(form: Form, body: Any, caller: str, received_at: datetime) -> FormLead | LeftAlone:
    """The lead in a body of this form, or why nothing is to be made of it.

    People write into forms what they like: an answer that does not fit its field is kept as an attribute.

    Raises:
        Problem: the body is not of the form's shape, or holds nothing of what the policy asks for.
        ValidationError: what it holds makes no lead.
    """
    if not isinstance(body, dict):
        raise Problem(422, "A form is a JSON object.")
    if why := _not_sent(form, body):
        return LeftAlone(why)
    try:
        sent = _READERS[form.shape](body)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Problem(422, f"This is not what {form.shape} sends; see `shape` of the form {form.name!r}.") from error
    fields: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    for field, labels in form.fields.items():
        value = " ".join(str(sent.answers[one]).strip() for one in labels if sent.answers.get(one) not in (None, ""))
        if value.strip():
            into = attributes if field.startswith("attributes.") else fields
            into[field.removeprefix("attributes.")] = value.strip()
    if not fields and not attributes:
        there = ", ".join(map(str, list(sent.answers)[:20])) or "none"
        raise Problem(422, f"No answer has a label the form {form.name!r} asks for; its labels are: {there}.")
    common = {"source": form.source or caller, "occurred_at": _moment(sent.sent_at, received_at)}
    lead = _lead(common, fields, attributes)
    # What was written stays with the engagement, too: the next submission's answers replace the attributes.
    opts_in = form.consent is not None and says_yes(sent.answers.get(form.consent))
    submission = _submission(form, _at(body, form.submission_field) if form.submission_field else sent.id)
    return FormLead(lead, form.kind, submission, attributes | {"form": form.name}, opts_in)


def _not_sent(form: Form, body: dict[str, Any]) -> str:
    """Why a body tells of no form that was sent; "" when it does, or its type is nobody's business."""
    said = _at(body, form.type_field) if form.type_field else None
    is_asked = form.event_type is not None or said is not None
    if form.types and is_asked and said not in form.types:
        return _left_alone(form, f"{form.type_field} is {' or '.join(form.types)}", said)
    if form.finished is None or _is_finished(_at(body, form.finished), form.finished_values):
        return ""
    values = f"is {' or '.join(form.finished_values)}" if form.finished_values else "says yes"
    return _left_alone(form, f"{form.finished} {values}", _at(body, form.finished))


def _left_alone(form: Form, condition: str, said: Any) -> str:
    says = "has none" if said is None else f"says {shown(str(said))}"
    return f"Nothing was made of this: the form {form.name!r} is taken when {condition}, and this body {says}."


def _is_finished(said: Any, values: list[str] | None) -> bool:
    """Whether a flag is set, has one of these values or, as a `submitted_at` does, tells of a moment."""
    word = str(said).strip().lower()
    if values is not None:
        return said is not None and word in {value.strip().lower() for value in values}
    return word in _FINISHED or (isinstance(said, str) and _moment(said, datetime.max.replace(tzinfo=UTC)) is not None)


_FINISHED = {"true", "yes", "1", "finished", "complete", "completed", "submitted", "final"}


def _at(body: Any, path: str) -> Any:
    """What a body has at a dotted path; None when there is nothing."""
    if isinstance(body, dict) and path in body:
        return body[path]
    first, _, rest = path.partition(".")
    return _at(body[first], rest) if rest and isinstance(body, dict) and first in body else None


def _lead(common: dict[str, Any], fields: dict[str, Any], attributes: dict[str, Any]) -> LeadIn:
    read = fields | {name: _number(fields[name]) for name in _NUMBERS & set(fields)}
    try:
        return LeadIn(attributes=attributes, **common, **read)
    except ValidationError as error:
        unfit = {str(one["loc"][0]) for one in error.errors() if one["loc"]} & (set(fields) - _WHO)
        if not unfit:
            raise
    kept = {name: value for name, value in read.items() if name not in unfit}
    return LeadIn(attributes=attributes | {name: fields[name] for name in unfit}, **common, **kept)


_NUMBERS = {"employees", "revenue"}
_WHO = {"email", "external_id", "source", "system"}
"""Without these nobody is known; what is wrong with them is told the sender."""


def _number(text: str) -> int | str:
    """The number in a text like 51-200 or 1.2M; the text itself when there is none."""
    from bot.intake.csv_numbers import read_number  # with its library, which a server without forms need not hold

    try:
        return read_number(text, None)
    except ValueError:
        return text


def _submission(form: Form, value: Any) -> str | None:
    """The id of a form's submission as an event id; None when it is no short text or number."""
    text = str(value).replace("\x00", "").strip() if isinstance(value, str | int) else ""
    event_id = f"{form.name}:{text}"  # two forms may both number their submissions from 1 on
    return event_id if text and len(event_id) <= LONGEST_ID and not is_damaged(text) else None


_MOMENT: TypeAdapter[datetime] = TypeAdapter(datetime)


def _moment(value: Any, received_at: datetime) -> datetime | None:
    """The moment in an ISO text, or in seconds or milliseconds since 1970; None when it is none of these.

    One that does not say its zone may be hours off, but is not after the form came.
    """
    try:
        at = _MOMENT.validate_python(value)
    except ValidationError:
        return None
    return at if at.tzinfo else min(at.replace(tzinfo=UTC), received_at)


def _typeform(body: dict[str, Any]) -> Submission:
    """`form_response` with typed answers; a label is the field's ref, its id, or its title. Hidden fields are too."""
    response = body["form_response"]
    titles = {field["id"]: field.get("title") for field in (response.get("definition") or {}).get("fields") or []}
    answers = dict(response.get("hidden") or {})
    for one in response["answers"]:
        value = _typed(one)
        field = one["field"]
        for label in (titles.get(field["id"]), field["id"], field.get("ref")):
            if label:
                answers[label] = value
    return Submission(answers, response.get("token"), response.get("submitted_at"))


def _typed(answer: dict[str, Any]) -> Any:
    """The value of a Typeform answer, which stands under the name of its type."""
    value = answer[answer["type"]]
    if answer["type"] == "choice":
        return value.get("label") or value.get("other")
    if answer["type"] == "choices":
        return ", ".join(value.get("labels") or [])
    return value


def _hubspot(body: dict[str, Any]) -> Submission:
    """`fields` of name and value, as HubSpot's form API has them; or a contact's `properties` from a workflow."""
    if "fields" in body:
        answers = {one["name"]: one.get("value") for one in body["fields"]}
        return Submission(answers, body.get("submissionId"), body.get("submittedAt"))
    answers = {name: _plain(value) for name, value in body["properties"].items()}
    return Submission(answers, body.get("submissionId"), body.get("submittedAt") or body.get("occurredAt"))


def _plain(value: Any) -> Any:
    return value.get("value") if isinstance(value, dict) else value


def _webflow(body: dict[str, Any]) -> Submission:
    """`payload.data` by label; the older kind has `data` at the top."""
    payload = body.get("payload") or body
    sent_at = payload.get("submittedAt") or body.get("d")
    return Submission(dict(payload["data"]), payload.get("id") or body.get("_id"), sent_at)


def _flat(body: dict[str, Any]) -> Submission:
    """The answers at the top, objects in them by dotted labels."""
    return Submission(dict(_dotted(body, "")), None, body.get("submitted_at"))


def _dotted(value: Any, label: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and label.count(".") < 5:
        for name, inner in value.items():
            yield from _dotted(inner, f"{label}.{name}" if label else str(name))
    elif not isinstance(value, dict | list):
        yield label, value


_READERS: dict[Shape, Callable[[dict[str, Any]], Submission]] = {
    "typeform": _typeform,
    "hubspot": _hubspot,
    "webflow": _webflow,
    "flat": _flat,
}
