"""Refusals of the rules: each is a name and a sentence for the person who asked."""

from typing import NamedTuple


class FunnelError(Exception):
    """The rules refused."""

    @property
    def sentence(self) -> str:
        """One sentence in plain text that says what to do next."""
        return str(self) or (type(self).__doc__ or "").splitlines()[0]


class IllegalMove(FunnelError):
    """A lead cannot go from its stage to the one asked for."""


class Mistake(NamedTuple):
    """A mistake in the policy: where, as keys and places from the top, and a sentence that names the key path."""

    location: tuple[int | str, ...]
    sentence: str


class PolicyError(FunnelError):
    """The policy cannot be used; `mistakes` holds one sentence for each mistake."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("; ".join(mistake.sentence for mistake in mistakes))
        self.mistakes = mistakes


class NotUnderstood(FunnelError):
    """A question or a period could not be read."""


class NotAllowed(FunnelError):
    """This person's role does not include the act."""
