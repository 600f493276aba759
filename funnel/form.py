"""The forms of the policy: which answer of a form tool's body is which field of a lead."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from funnel.conditions import known_field
from funnel.lead import FACTS
from funnel.rules import Name, Section

Shape = Literal["typeform", "hubspot", "webflow", "flat"]
"""How a tool lays out what it sends: Typeform, HubSpot, Webflow, or plain labels and values."""

FORM_FIELDS = (*FACTS, "external_id")

Labels = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=300)]],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(min_length=1),
]
"""The label of an answer, or of several that are joined: first and last name."""


class Form(Section):
    """A form. Each submission is a lead, and an engagement of `kind`; `source` is the key's unless said otherwise.

    `consent` is the label of the box in which people agree to be written to: a yes there is their own opt-in, a box
    left empty says nothing.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,80}$")]
    shape: Shape = "flat"
    source: Name | None = None
    kind: Name = "form"
    fields: dict[str, Labels] = Field(min_length=1)
    consent: Annotated[str, Field(min_length=1, max_length=300)] | None = None

    @field_validator("fields")
    @classmethod
    def _tell_of_somebody(cls, fields: dict[str, Any]) -> dict[str, Any]:
        for field in fields:
            known_field(field, FORM_FIELDS)
        if not {"email", "external_id"} & set(fields):
            raise ValueError("say which label is the email or the external_id, so that the person is known again")
        return fields
