"""Consent: whether somebody may be written to, since which day, and who says so."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

State = Literal["opted_out", "opted_in"]

UNSUBSCRIBED = "unsubscribed"
"""The attribute in which policies read the state: true for who has opted out, false for who has opted in."""


class Consent(NamedTuple):
    """A statement: an opt-out, whoever reports it, or an opt-in of the person itself; `at` is its day (UTC).

    Nobody else's “not unsubscribed” is a statement: a list is silent of most who opted out elsewhere.
    """

    state: State
    at: datetime
    source: str

    @property
    def is_out(self) -> bool:
        return self.state == "opted_out"


def strictest(statements: Iterable[Consent | None]) -> Consent | None:
    """The statement that counts: the youngest, of those of one moment an opt-out; None when there is none.

    It is the same whatever the order in which they come, so that lists, events and merges may come in any.
    """
    return max(filter(None, statements), key=_weight, default=None)


def _weight(consent: Consent) -> tuple[datetime, bool, str]:
    return consent.at, consent.is_out, consent.source


_OPT_INS = ("optin", "optedin", "doubleoptin", "subscribe", "subscribed", "resubscribe", "resubscribed", "consentgiven")
_OPT_OUTS = (
    *("optout", "optedout", "unsubscribe", "unsubscribed", "emailunsubscribe", "emailunsubscribed"),
    *("consentwithdrawn", "withdrawconsent", "spamcomplaint"),
)

OPT_IN = "opt_in"
"""The kind of engagement by which a person consents."""


def state_of_kind(kind: str) -> State | None:
    """The state that an engagement of this kind puts a person in; None when it says nothing of consent."""
    word = "".join(letter for letter in kind.casefold() if letter.isalnum())
    if word in _OPT_OUTS:
        return "opted_out"
    return "opted_in" if word in _OPT_INS else None
