"""The one place where the parts are put together."""

import logging
import os
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout
from starlette.concurrency import run_in_threadpool

from bot.clock import Clock, utc_now
from bot.intake.doors import Doors
from bot.jobs.scheduler import Scheduler
from bot.jobs.table import job_table
from bot.jobs.uploads import Uploads
from bot.metrics import ProcessFigures
from bot.policy_file import load_policy, policy_path
from bot.policy_in_force import PolicyInForce
from bot.settings import BadSetting, Settings
from bot.slack.app import build_app
from bot.slack.delivery import Delivery
from bot.slack.desk import Desk
from bot.slack.directory import Directory
from bot.slack.dispatcher import Dispatcher
from bot.slack.gateway import Gateway, SlackTrouble, Workspace
from bot.slack.socket_mode import CheckedSocketMode
from bot.slack.trouble import refusal_sentence
from bot.web import build_web
from bot.write_probe import WriteProbe
from funnel.policy import Policy
from storage import migrate
from storage.engine import open_engine
from storage.errors import InUse, StorageError
from storage.store import Store

RECONNECT_SECONDS = 5.0

log = logging.getLogger(__name__)


def open_store(settings: Settings) -> Store:
    """The store of the settings, at the version this program needs or not.

    Raises:
        BadAddress: DATABASE_URL is no address.
    """
    return Store(open_engine(settings.database_url))


def open_ready_store(settings: Settings, *, may_make: bool = True) -> Store:
    """The store, migrated: a known database is brought up to date, a new SQLite file made if that `may_make` one.

    Raises:
        StorageError: with the mend.
    """
    store = open_store(settings)
    path = store.engine.url.database
    is_file = store.is_sqlite and path and path != ":memory:" and not path.startswith("file:")
    if is_file and not may_make and not Path(str(path)).exists():
        raise NoDatabase(
            f"There is no database {path}, so there is nothing to read; go where it is, or set DATABASE_URL. "
            "A new one is made by baton import and baton serve."
        )
    migrate.upgrade(store)
    return store


class NoDatabase(StorageError):
    """There is no SQLite file yet, and what was asked for makes none."""


def settings_policy(settings: Settings) -> Policy:
    """The policy of the settings."""
    return load_policy(policy_path(settings.baton_policy), settings.baton_admins)


def policy_now(store: Store, settings: Settings, now: datetime) -> Policy:
    """The policy that a command on this database counts by: the one in force, or the file's when that is newer."""
    source = _opened_policy(store, settings)
    source.begin(store, now)
    return source()


def _opened_policy(store: Store, settings: Settings) -> PolicyInForce:
    return PolicyInForce.opened(store, policy_path(settings.baton_policy), settings.baton_admins)


class Baton:
    """Everything that serves, wired. Nothing runs before `start`."""

    def __init__(self, settings: Settings, clock: Clock = utc_now, policy: Policy | None = None) -> None:
        self.settings, self.clock = settings, clock
        token, self._signing_secret = settings.slack_credentials()
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.store = open_ready_store(settings)
        self.policy = PolicyInForce(policy, None, []) if policy else _opened_policy(self.store, settings)
        self.gateway = Gateway(token, settings.slack_api_url, clock)
        self.directory = Directory(self.store, self.gateway, clock)
        self.desk = Desk(
            self.store,
            self.policy,
            self.gateway,
            self.directory,
            clock,
            settings.zone,
            lambda: self.workspace,
        )
        self.bolt = build_app(self.desk)
        self.doors = Doors(self.store, self.policy, clock)
        standing = self.gateway.standing
        figures = ProcessFigures(lambda: bool(standing.refusal))
        delivery = Delivery(self.store, self.policy, self.gateway, lambda: self.workspace, clock, settings.zone)
        self.dispatcher = Dispatcher(self.store, delivery, clock, self.holder, figures.count_failure)
        self.uploads = Uploads(self.store, self.policy, self.gateway, clock, settings.zone)
        jobs = job_table(self.store, self.policy, clock, self.directory, self.doors, self.uploads, standing, figures)
        self.scheduler = Scheduler(self.store, jobs, clock, self.holder, figures.count_failure)
        self.web = build_web(
            self.store,
            self.policy,
            clock,
            self.doors,
            None if settings.slack_app_token else self.bolt,
            self._signing_secret,
            self.readiness,
            self._lifespan,
            figures,
        )
        self.write_probe = WriteProbe(self.store, self.holder, clock)
        self._socket: CheckedSocketMode | None = None
        self._socket_timer: threading.Timer | None = None
        self._file_lock: FileLock | None = None

    @cached_property
    def workspace(self) -> Workspace:
        """Who the token belongs to; asked once.

        Raises:
            SlackTrouble: Slack refused the token or did not answer.
        """
        return self.gateway.workspace()

    def start(self) -> None:
        """Begin to work: alone on a SQLite file, under leases on PostgreSQL.

        Raises:
            InUse: another process serves this SQLite file.
            BadSetting: Slack refused the token.
        """
        self.take_over()
        self._connect_socket()
        self.store.on_outbox = self.dispatcher.wake
        self.dispatcher.start()
        self.scheduler.start()

    def take_over(self) -> None:
        """Make sure that we may serve, and take up what an earlier process left half done.

        Raises:
            InUse: another process serves this SQLite file.
            BadSetting: Slack refused the token.
        """
        self._lock_file()
        self._check_token()
        with self.store.begin() as tx:
            if self.store.is_sqlite:
                tx.leases.clear()  # the file is ours alone, so whoever held a lease is gone
                tx.outbox.recover_all()
                tx.uploads.free_all()
        self.policy.begin(self.store, self.clock())

    def stop(self) -> None:
        """Finish what is being done, and stop."""
        if self._socket_timer:
            self._socket_timer.cancel()
        if self._socket:
            self._socket.close()  # type: ignore[no-untyped-call]
        self.write_probe.close()
        self.uploads.stop()
        self.scheduler.stop()
        self.dispatcher.stop()
        with self.store.begin() as tx:
            tx.leases.release(self.holder)
        self.store.close()
        if self._file_lock:
            self._file_lock.release()

    async def readiness(self) -> str:
        """Why it cannot do its work, in a sentence; "" when it can."""
        return await self.write_probe.trouble() or self._trouble()

    def _trouble(self) -> str:
        """What stands in the way but the database; nothing is waited for."""
        if not self.dispatcher.is_alive:
            return "the dispatcher has stopped: restart this process"
        if self.gateway.standing.refusal:
            return refusal_sentence(self.gateway.standing.refusal)
        connected = self._socket is not None and self._socket.client.is_connected()
        if self.settings.slack_app_token and not connected:
            return "the Socket Mode connection to Slack is down"
        return ""

    def _lock_file(self) -> None:
        path = self.store.engine.url.database
        if not self.store.is_sqlite or not path or path == ":memory:":
            return
        self._file_lock = FileLock(f"{path}.lock")
        try:
            self._file_lock.acquire(timeout=0)
        except Timeout as error:
            raise InUse(
                f"Another Baton serves {path}. SQLite has room for one; stop the other, or move to PostgreSQL "
                "(DATABASE_URL=postgresql://…) to run several."
            ) from error

    def _check_token(self) -> None:
        """Fail now on a wrong token; when Slack is merely out of reach, leads can still come in."""
        try:
            _ = self.workspace
        except SlackTrouble as trouble:
            if trouble.passing and not trouble.refuses_app:
                return
            raise BadSetting(
                f"SLACK_BOT_TOKEN: Slack refused it ({trouble.code}); copy the Bot User OAuth Token again from your "
                "Slack app's page “OAuth & Permissions”."
            ) from trouble

    def _connect_socket(self) -> None:
        """Open the Socket Mode connection; while Slack is out of reach, try again in the background.

        Raises:
            BadSetting: Slack refused the app-level token.
        """
        token = self.settings.slack_app_token
        if token is None:
            return
        try:
            self._open_socket(token.get_secret_value())
        except SlackTrouble as trouble:
            if trouble.refuses_app or not trouble.passing:
                raise BadSetting(
                    f"SLACK_APP_TOKEN: Slack refused it ({trouble.code}); make one with the scope connections:write."
                ) from trouble
            log.warning("Slack is out of reach (%s); trying again", trouble.code)
            self._socket_timer = threading.Timer(RECONNECT_SECONDS, self._connect_socket)
            self._socket_timer.daemon = True
            self._socket_timer.start()

    def _open_socket(self, token: str) -> None:
        self.gateway.check_app_token(token)
        self._socket = CheckedSocketMode(self.bolt, token, web_client=self.gateway.client)
        self._socket.connect()  # type: ignore[no-untyped-call]

    @asynccontextmanager
    async def _lifespan(self) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(self.stop)
