"""Work on very many small things at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep the cycle collector away from a short stretch of work.

    A batch makes a hundred thousand tuples that live for a moment and are in no circle. The collector would look
    through them again and again, which takes as long as the work (docs/benchmarks.md); counting frees them as well.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
