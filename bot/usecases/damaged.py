"""Ids and phone numbers that a spreadsheet has rounded: 4.28018E+15 lacks most digits, and many people share it."""

import re
from typing import Any

DAMAGED_ID, DAMAGED_PHONE = "damaged_id", "damaged_phone"
"""The attributes under which they are kept, for whoever wants to look the person up."""

_ROUNDED = re.compile(r"[-+]?\d{1,3}(?:[.,]\d+e[-+]?\d{1,3}|e[-+]\d{1,3})", re.IGNORECASE)

NO_ID = "the id is a number that a spreadsheet has rounded (like 4.28E+15) and names nobody; export that column as text"


def is_damaged(text: str | None) -> bool:
    """Whether this is scientific notation: what a spreadsheet shows of a long number."""
    return text is not None and "e" in text.lower() and _ROUNDED.fullmatch(text.strip()) is not None


def remark_on(attributes: dict[str, Any]) -> str:
    """A sentence on what came damaged and is kept as an attribute alone; "" when nothing did."""
    if DAMAGED_ID not in attributes and DAMAGED_PHONE not in attributes:
        return ""
    told = {"id": attributes.get(DAMAGED_ID), "phone number": attributes.get(DAMAGED_PHONE)}
    names = [f"{what} {text}" for what, text in told.items() if text]
    return (
        f"A spreadsheet has rounded its {' and '.join(names)}, kept as an attribute alone; export that column as text."
    )
