"""The stores a command opens; they are closed when it ends."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

from bot import wiring
from bot.settings import Settings
from storage.store import Store

_opened: ContextVar[ExitStack] = ContextVar("stores of the command that runs")


@contextmanager
def closing_stores() -> Iterator[None]:
    """Close, at the end of the block, every store that was opened in it."""
    with ExitStack() as stores:
        token = _opened.set(stores)
        try:
            yield
        finally:
            _opened.reset(token)


def open_ready_store(settings: Settings, *, may_make: bool = True) -> Store:
    """The store of the settings, migrated.

    Raises:
        NoDatabase: there is none, and this command may not make one.
        StorageError: with the mend.
    """
    return closed_in_the_end(wiring.open_ready_store(settings, may_make=may_make))


def open_store(settings: Settings) -> Store:
    """The store of the settings, at whatever version it is.

    Raises:
        BadAddress: DATABASE_URL is no address.
    """
    return closed_in_the_end(wiring.open_store(settings))


def closed_in_the_end(store: Store) -> Store:
    """A store that is closed when the command ends."""
    _opened.get().callback(store.close)
    return store
