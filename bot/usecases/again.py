"""Running a use case again when two transactions met."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from storage.errors import Conflict

P = ParamSpec("P")
R = TypeVar("R")


def again_on_conflict(use_case: Callable[P, R]) -> Callable[P, R]:
    """Decorate a use case: it is run again, up to eight times, when another transaction was in its way."""

    @wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return use_case(*args, **kwargs)  # the usual case pays nothing for the rare one
        except Conflict:
            return _retrying()(use_case, *args, **kwargs)

    return run


def _retrying() -> Retrying:
    return Retrying(
        retry=retry_if_exception_type(Conflict),
        stop=stop_after_attempt(8),
        wait=wait_random_exponential(multiplier=0.01, max=0.5),
        reraise=True,
    )
