"""Refusals of the use cases: expected, named, and said in a sentence."""

from funnel.bant import Criterion
from funnel.errors import FunnelError


class NotFound(FunnelError):
    """There is no such lead any more."""


class SameLead(FunnelError):
    """These two are one lead already."""


class NotYours(FunnelError):
    """Only the owner can do this."""


class PutOffTooOften(FunnelError):
    """This lead was put off as often as it may be."""


class TooFar(FunnelError):
    """This lead cannot be put off for so long."""


class Full(FunnelError):
    """They hold as many leads as they may; decide on one first."""


class Incomplete(FunnelError):
    """The four criteria do not make an SQL yet; `missing` says why, criterion by criterion."""

    def __init__(self, missing: dict[Criterion, str]) -> None:
        super().__init__(" ".join(missing.values()))
        self.missing = missing


class BadKey(FunnelError):
    """The API key is unknown or revoked; make one with `baton key create --source NAME`."""


class KeyReused(FunnelError):
    """This Idempotency-Key was used for another request; use a new one for each request."""


class SignedElsewhere(FunnelError):
    """This signed body was handed in at another door before; let the tool sign what it sends to each."""


class TooLate(FunnelError):
    """Nobody waits for a decision on this file any more."""


class TakenOver(FunnelError):
    """Somebody else works on this now."""
