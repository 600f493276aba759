"""Work on very many small things at once."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLD = 100_000
"""Objects more than before that make the collector look; 700 by default."""

_lock = threading.Lock()
_usual: list[tuple[int, int, int]] = []
"""The thresholds that stretches of work, running at this moment, found; all but the first found the raised one."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Have the cycle collector look less often during a short stretch of work.

    A batch makes a hundred thousand tuples that live for a moment and are in no circle. The collector would look
    through them again and again, which takes a quarter of the time of the work; counting frees them as well. It goes
    on all the same, for other threads make circles, and several stretches may overlap.
    """
    with _lock:
        _usual.append(gc.get_threshold())
        gc.set_threshold(_THRESHOLD, *_usual[0][1:])
    try:
        yield
    finally:
        with _lock:
            if len(_usual) == 1:
                gc.set_threshold(*_usual[0])
            _usual.pop()
