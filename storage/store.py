"""The door to the memory: one transaction a use case, repositories inside it."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.bodies import Bodies
from storage.calls import Calls
from storage.cycles import Cycles
from storage.duty import Duty
from storage.engagements import Engagements
from storage.errors import Conflict, RowRefused, StorageError, Unreachable
from storage.history import History
from storage.job_runs import JobRuns
from storage.keys import Keys
from storage.leads import Leads
from storage.leases import Leases
from storage.lookalikes import Lookalikes
from storage.members import Members
from storage.merging import Merging
from storage.outbox import Outbox
from storage.past import Past
from storage.policies import Policies
from storage.posts import Posts
from storage.preferences import Preferences
from storage.rebuilding import check_keys, keys_unchecked, marks_kept
from storage.report import Report
from storage.scores import Scores
from storage.stage_reports import StageReports
from storage.uploads import Uploads

Clock = Callable[[], datetime]
_NOW = select(func.clock_timestamp())
_NOW_IN_SQLITE = select(func.strftime("%Y-%m-%d %H:%M:%f", "now"))  # that of the one process, in milliseconds

_RETRY_CODES = {"40001", "40P01"}  # serialization failure, deadlock
_UNIQUE_CODES = {
    "23505",
    "SQLITE_CONSTRAINT_UNIQUE",
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    "SQLITE_CONSTRAINT_ROWID",
}
_BROKEN_RULES = {
    **dict.fromkeys(("23503", "SQLITE_CONSTRAINT_FOREIGNKEY"), "refers to a row that is not there, or is referred to"),
    **dict.fromkeys(("23502", "SQLITE_CONSTRAINT_NOTNULL"), "lacks a value"),
    **dict.fromkeys(("23514", "SQLITE_CONSTRAINT_CHECK"), "has a value that cannot be"),
}


class Transaction:
    """One open transaction and the repositories that work in it."""

    def __init__(self, connection: Connection, clock: Clock | None = None) -> None:
        self.connection, self._clock = connection, clock

    def now(self) -> datetime:
        """The time that leases, takings and letters count by, UTC: that of the database, which all replicas share."""
        if self._clock:
            return self._clock()
        if self.connection.dialect.name == "sqlite":
            return datetime.fromisoformat(self.connection.execute(_NOW_IN_SQLITE).scalar_one()).replace(tzinfo=UTC)
        now: datetime = self.connection.execute(_NOW).scalar_one()
        return now.astimezone(UTC)

    @cached_property
    def leads(self) -> Leads:
        return Leads(self.connection)

    @cached_property
    def bodies(self) -> Bodies:
        return Bodies(self.connection)

    @cached_property
    def engagements(self) -> Engagements:
        return Engagements(self.connection)

    @cached_property
    def scores(self) -> Scores:
        return Scores(self.connection)

    @cached_property
    def lookalikes(self) -> Lookalikes:
        return Lookalikes(self.connection)

    @cached_property
    def merging(self) -> Merging:
        return Merging(self.connection)

    @cached_property
    def cycles(self) -> Cycles:
        return Cycles(self.connection)

    @cached_property
    def duty(self) -> Duty:
        return Duty(self.connection)

    @cached_property
    def history(self) -> History:
        return History(self.connection)

    @cached_property
    def stage_reports(self) -> StageReports:
        return StageReports(self.connection)

    @cached_property
    def calls(self) -> Calls:
        return Calls(self.connection)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.connection)

    @cached_property
    def posts(self) -> Posts:
        return Posts(self.connection)

    @cached_property
    def leases(self) -> Leases:
        return Leases(self.connection)

    @cached_property
    def job_runs(self) -> JobRuns:
        return JobRuns(self.connection)

    @cached_property
    def keys(self) -> Keys:
        return Keys(self.connection)

    @cached_property
    def members(self) -> Members:
        return Members(self.connection)

    @cached_property
    def policies(self) -> Policies:
        return Policies(self.connection)

    @cached_property
    def past(self) -> Past:
        return Past(self.connection)

    @cached_property
    def uploads(self) -> Uploads:
        return Uploads(self.connection)

    @cached_property
    def preferences(self) -> Preferences:
        return Preferences(self.connection)

    @cached_property
    def report(self) -> Report:
        return Report(self.connection)


class Store:
    """Opens transactions on one database. `on_outbox` is called after a commit that wrote to the outbox.

    `clock` tells the time in the place of the database, for a test or the demo.
    """

    def __init__(self, engine: Engine, clock: Clock | None = None) -> None:
        self.engine, self.clock = engine, clock
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.on_outbox: Callable[[], None] = lambda: None
        # SQLite has one writer. Waiting threads queue on this lock instead of sleeping on the file's.
        self._writer = threading.Lock() if self.is_sqlite else nullcontext()
        self._writing = engine.execution_options(sqlite_begin="IMMEDIATE")

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction that may write; committed when the block ends, rolled back when it raises.

        Raises:
            Conflict: another transaction was in the way; run the use case again.
            Unreachable: the database did not answer.
            RowRefused: a row breaks a rule of its table; it would again.
            StorageError: it answered with another error.
        """
        with _translated(), self._writer, self._writing.begin() as connection:
            transaction = Transaction(connection, self.clock)
            yield transaction
        if transaction.__dict__.get("outbox") and transaction.outbox.written:
            self.on_outbox()

    @contextmanager
    def rebuild(self) -> Iterator[Transaction]:
        """A transaction that may make tables anew: SQLite looks at foreign keys in its end alone, and keeps its marks.

        Raises:
            BrokenKeys: rows refer to others that are not there; nothing was changed.
            StorageError: as `begin` does.
        """
        with (
            _translated(),
            self._writer,
            self._writing.connect() as connection,
            keys_unchecked(connection),
            connection.begin(),
            marks_kept(connection),
        ):
            yield Transaction(connection, self.clock)
            check_keys(connection)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that only reads; on SQLite it waits for nobody."""
        with _translated(), self.engine.connect() as connection:
            yield Transaction(connection, self.clock)

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the drivers raise into storage's own errors."""
    try:
        yield
    except IntegrityError as error:
        # The driver's text quotes the row, which is people's data: it must not reach a log.
        raise _refusal(_code(error)) from None
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        if getattr(error, "connection_invalidated", False):
            # The pool drops all its connections at the first that is lost; the next try gets a new one.
            raise Conflict("the connection to the database was lost") from error
        if _code(error) in _RETRY_CODES:
            raise Conflict(f"two transactions met ({_code(error)})") from error
        raise Unreachable(_first_line(error)) from error
    except sqlite3.Error as error:  # of a statement that the engine's own listeners execute: nobody has wrapped it
        raise Unreachable(_first_line(error)) from error
    except DBAPIError as error:
        raise StorageError(f"the database refused a statement ({_code(error)})") from None


def _refusal(code: str) -> StorageError:
    """Of the rules a row can break, only a unique key is a matter of who came first, and worth another try."""
    if code in _UNIQUE_CODES:
        return Conflict(f"unique values met ({code})")
    return RowRefused(f"a row was refused: it {_BROKEN_RULES.get(code, 'breaks a rule of its table')} ({code})")


def _code(error: Exception) -> str:
    """The database's own code of an error."""
    cause = getattr(error, "orig", None)
    return str(getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", "unknown"))


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0]
