"""Messages about many leads at once: bundles, mornings, weeks."""

from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.policy_in_force import PolicySource
from bot.slack.blocks.bundle import bundle_blocks, bundle_text, given_blocks, given_text
from bot.slack.blocks.digest import digest_blocks, digest_text, week_blocks, week_text
from bot.slack.posting import Dropped, Poster
from bot.usecases.list_leads import some_cards
from bot.usecases.send_digests import digest_of, team_week
from funnel.group_notices import GivenMany, PostBundle, SendDigest, SendTeamWeek
from funnel.home import PAGE
from storage.outbox import Letter
from storage.store import Store

_LOOKED_AT = 10 * PAGE
"""Of many leads so many are looked at for some that still wait."""


class Bundles:
    """Sends the letters about many leads."""

    def __init__(self, store: Store, policy: PolicySource, poster: Poster, clock: Clock) -> None:
        self._store, self._policy, self._poster, self._clock = store, policy, poster, clock

    def post(self, letter: Letter, notice: PostBundle | GivenMany | SendDigest | SendTeamWeek) -> None:
        """Send a letter.

        Raises:
            SlackTrouble: try it again, or never.
            Dropped: there is nothing to say.
        """
        match notice:
            case SendDigest():
                self._digest(letter, notice)
            case SendTeamWeek():
                self._week(letter, notice)
            case _:
                self._bundle(letter, notice)

    def _digest(self, letter: Letter, notice: SendDigest) -> None:
        now = self._clock()
        digest = digest_of(self._store, self._policy(), notice.user, ZoneInfo(notice.zone), now)
        if digest.is_empty:
            raise Dropped
        self._poster.post(letter, notice.user, digest_text(digest), digest_blocks(digest, now))

    def _week(self, letter: Letter, notice: SendTeamWeek) -> None:
        policy = self._policy()
        team = next((team for team in policy.team if team.name == notice.team), None)
        if team is None:
            raise Dropped
        week = team_week(self._store, policy, team, notice.until)
        self._poster.post(letter, notice.channel, week_text(week), week_blocks(week))

    def _bundle(self, letter: Letter, notice: PostBundle | GivenMany) -> None:
        total = len(notice.cycle_ids)
        cards = some_cards(self._store, self._policy(), notice.cycle_ids[:_LOOKED_AT], self._clock())
        if isinstance(notice, GivenMany):
            self._poster.post(letter, notice.user, given_text(total), given_blocks(cards, total))
        else:
            text = bundle_text(notice.channel, total)
            self._poster.post(letter, notice.channel, text, bundle_blocks(notice.channel, cards, total))
