"""Running a use case again when two transactions met."""

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from storage.errors import Conflict

again_on_conflict = retry(
    retry=retry_if_exception_type(Conflict),
    stop=stop_after_attempt(8),
    wait=wait_random_exponential(multiplier=0.01, max=0.5),
    reraise=True,
)
"""Decorates a use case: run again, up to eight times, when another transaction was in its way."""
