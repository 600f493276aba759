"""Whether Slack takes the calls of this app at all; while it does not, nothing is sent and nothing is lost."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from bot.clock import Clock
from bot.slack.trouble import MISSING_SCOPE, NEEDED_TO_SEND, SlackTrouble, refusal_sentence

LONGEST_WAIT = timedelta(minutes=1)
"""Between two questions whether Slack takes our calls again."""

log = logging.getLogger(__name__)


class AppStanding:
    """What Slack makes of the app, as its latest answers showed it. Each process finds it out by itself."""

    def __init__(self, granted: Callable[[], frozenset[str]], clock: Clock) -> None:
        """`granted` asks Slack which scopes we have, and raises what it answers instead."""
        self._granted, self._clock = granted, clock
        self._lock = threading.Lock()
        self._refusals = 0
        self.refusal = ""
        """The code with which Slack refuses the app; "" while it does not."""
        self.ask_at = clock()
        """When it is asked again, while it refuses."""

    def refused(self, code: str) -> None:
        """Note that Slack refused the app: wait, 2 s at first and twice as long each time, up to a minute."""
        now = self._clock()
        with self._lock:
            if self.refusal and now < self.ask_at:
                return  # several calls were under way at once
            if not self.refusal:
                log.error("%s; nothing is sent meanwhile", refusal_sentence(code))
            self._refusals = min(self._refusals + 1, 10)
            self.refusal = code
            self.ask_at = now + min(timedelta(seconds=2**self._refusals), LONGEST_WAIT)

    def accepted(self) -> None:
        """Note that Slack did something for us: the next refusal is a new one."""
        with self._lock:
            if not self.refusal:
                self._refusals = 0

    def may_send(self) -> bool:
        """Whether it is worth calling Slack. While it refuses, auth.test is asked first, when its time has come."""
        if not self.refusal:
            return True
        return self._clock() >= self.ask_at and self.check()

    def check(self) -> bool:
        """Ask Slack whether it takes our calls; what is known stays so while it cannot be reached."""
        try:
            scopes = self._granted()
        except SlackTrouble as trouble:
            if not trouble.refuses_app and self.refusal:
                self.refused(self.refusal)
            return not self.refusal
        if scopes and NEEDED_TO_SEND not in scopes:
            self.refused(MISSING_SCOPE)
            return False
        with self._lock:
            if self.refusal:
                log.warning("Slack takes our calls again")
            self.refusal = ""
        return True
