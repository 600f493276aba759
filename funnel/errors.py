"""Refusals of the rules: each is a name and a sentence for the person who asked."""


class FunnelError(Exception):
    """The rules refused."""

    @property
    def sentence(self) -> str:
        """One sentence in plain text that says what to do next."""
        return str(self) or (type(self).__doc__ or "").splitlines()[0]


class IllegalMove(FunnelError):
    """A lead cannot go from its stage to the one asked for."""


class PolicyError(FunnelError):
    """The policy cannot be used; `problems` holds one sentence for each mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class NotUnderstood(FunnelError):
    """A question or a period could not be read."""


class NotAllowed(FunnelError):
    """This person's role does not include the act."""
