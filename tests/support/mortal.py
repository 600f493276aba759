"""A Baton in a process of its own that can be killed between any two statements."""

import multiprocessing
import os
import signal
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bot.playground.serving import BackgroundServer
from bot.slack.gateway import Gateway
from bot.wiring import Baton
from funnel.policy import Policy, parse_policy
from storage.store import Store
from tests.support.clock import TestClock
from tests.support.world import settings_for

# The fork server preloads this module; it finds it by the path alone.
os.environ["PYTHONPATH"] = str(Path(__file__).parent.parent.parent)
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.support.mortal"])


class Died(Exception):
    """The process was killed."""


class MortalBot:
    """The parent's hand on the process."""

    def __init__(self, database_url: str, slack_url: str, policy_text: str, now: datetime, kill_at: int | None) -> None:
        self._pipe, theirs = _context.Pipe()
        arguments = (theirs, database_url, slack_url, policy_text, now, kill_at)
        self.process = _context.Process(target=_live, args=arguments, daemon=True)
        self.process.start()
        theirs.close()
        self.url = self._receive()

    def do(self, what: str) -> Any:
        """Have the bot run its "jobs", "drain" its outbox, or tell how many "points" it passed.

        Raises:
            Died: it was killed on the way.
        """
        try:
            self._pipe.send(what)
        except OSError as error:
            raise Died from error
        return self._receive()

    def _receive(self) -> Any:
        try:
            return self._pipe.recv()
        except (EOFError, OSError) as error:
            raise Died from error

    @property
    def is_alive(self) -> bool:
        return self.process.is_alive()

    def close(self) -> None:
        self.process.kill()
        self.process.join()
        self._pipe.close()


def _live(
    pipe: Connection, database_url: str, slack_url: str, policy_text: str, now: datetime, kill_at: int | None
) -> None:
    policy: Policy = parse_policy(policy_text)
    clock = TestClock(now)
    baton = Baton(settings_for(database_url, slack_url), clock, policy, clock.monotonic)
    baton.take_over()
    baton.directory.refresh()
    server = BackgroundServer(baton.web)
    server.start()
    fate = _Fate(kill_at)
    fate.watch(baton.store, baton.gateway)
    pipe.send(server.url)
    while True:
        match pipe.recv():
            case "jobs":
                pipe.send(baton.scheduler.run_all())
            case "drain":
                pipe.send(baton.dispatcher.drain(wait=clock.advance))
            case "points":
                pipe.send(fate.passed)


class _Fate:
    """Counts the points at which a process can die: before and after every statement, commit and Slack call."""

    def __init__(self, kill_at: int | None) -> None:
        self.passed, self._kill_at = 0, kill_at

    def point(self, *_: Any) -> None:
        if self.passed == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1

    def watch(self, store: Store, gateway: Gateway) -> None:
        event.listen(store.engine, "before_cursor_execute", self.point)
        event.listen(store.engine, "commit", self.point)
        dialect, commit = store.engine.dialect, store.engine.dialect.do_commit

        def committed(connection: Any) -> None:
            commit(connection)
            self.point()

        dialect.do_commit = committed  # type: ignore[method-assign]
        guard = gateway._guard

        def guarded(*args: Any, **kwargs: Any) -> Any:
            self.point()
            answer = guard(*args, **kwargs)
            self.point()
            return answer

        gateway._guard = guarded  # type: ignore[method-assign]
