"""The forms of the policy: which answer of a form tool's body is which field of a lead."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from funnel.conditions import known_field
from funnel.lead import FACTS
from funnel.rules import Name, Section

Shape = Literal["typeform", "hubspot", "webflow", "flat"]
"""How a tool lays out what it sends: Typeform, HubSpot, Webflow, or plain labels and values."""

FORM_FIELDS = (*FACTS, "external_id")

_USUAL_EVENTS: dict[Shape, tuple[str, str]] = {
    "typeform": ("event_type", "form_response"),
    "webflow": ("triggerType", "form_submission"),
}
"""Where a tool's body has its type, and the type of a form that was sent: not of one begun (form_response_partial)."""

Label = Annotated[str, Field(min_length=1, max_length=300)]

Labels = Annotated[
    list[Label],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(min_length=1),
]
"""The label of an answer, or of several that are joined: first and last name."""


class Form(Section):
    """A form. Each submission is a lead, and an engagement of `kind`; `source` is the key's unless said otherwise.

    Only bodies of an `event_type`, as `event_field` has it, are taken, and only what `finished` calls finished; a path
    like `form_response.token` leads into a body. Bodies of one submission, by `submission_field`, count once.
    `consent` is the label of the box in which people agree to be written to: a yes there is their own opt-in, a box
    left empty says nothing.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,80}$")]
    shape: Shape = "flat"
    source: Name | None = None
    kind: Name = "form"
    fields: dict[str, Labels] = Field(min_length=1)
    event_type: Labels | None = None
    event_field: Label | None = None
    finished: Label | None = None
    finished_values: Labels | None = None
    submission_field: Label | None = None
    consent: Label | None = None

    @field_validator("fields")
    @classmethod
    def _tell_of_somebody(cls, fields: dict[str, Any]) -> dict[str, Any]:
        for field in fields:
            known_field(field, FORM_FIELDS)
        if not {"email", "external_id"} & set(fields):
            raise ValueError("say which label is the email or the external_id, so that the person is known again")
        return fields

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if self.event_type and not self.type_field:
            raise ValueError("has an event_type; say in event_field where a body has its own")
        if self.event_field and not self.event_type:
            raise ValueError("has an event_field; say in event_type which of them are taken")
        if self.finished_values and not self.finished:
            raise ValueError("has finished_values; say in finished where a body has its own")
        return self

    @property
    def type_field(self) -> str | None:
        """Where a body has its type; None when nobody knows."""
        return self.event_field or _USUAL_EVENTS.get(self.shape, (None, ""))[0]

    @property
    def types(self) -> list[str]:
        """The types of bodies that are taken; empty when all are."""
        usual = [_USUAL_EVENTS[self.shape][1]] if self.shape in _USUAL_EVENTS else []
        return self.event_type or usual
