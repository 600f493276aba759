"""Messages about many leads at once: bundles, mornings, weeks."""

from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.policy_in_force import PolicySource
from bot.slack import words
from bot.slack.blocks.bundle import bundle_blocks, bundle_text, many_blocks, many_text, waiting_blocks
from bot.slack.blocks.digest import digest_blocks, digest_text, week_blocks, week_text
from bot.slack.posting import Dropped, Poster
from bot.usecases.list_leads import some_cards
from bot.usecases.send_digests import digest_of
from bot.usecases.team_week import team_week
from funnel.cycle import Cycle
from funnel.group_notices import PostBundle, SendDigest, SendTeamWeek, TellMany, WaitInChannel
from funnel.home import PAGE
from funnel.lifecycle import Stage
from storage.outbox import Letter
from storage.store import Store

OfMany = PostBundle | TellMany | WaitInChannel | SendDigest | SendTeamWeek


class Bundles:
    """Sends the letters about many leads."""

    def __init__(self, store: Store, policy: PolicySource, poster: Poster, clock: Clock) -> None:
        self._store, self._policy, self._poster, self._clock = store, policy, poster, clock

    def post(self, letter: Letter, notice: OfMany) -> None:
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
        team = policy.team_named(notice.team)
        if team is None:
            raise Dropped
        week = team_week(self._store, policy, team, notice.until)
        self._poster.post(letter, notice.channel, week_text(week), week_blocks(week))

    def _bundle(self, letter: Letter, notice: PostBundle | TellMany | WaitInChannel) -> None:
        with self._store.read() as tx:
            found = tx.cycles.get_many(notice.cycle_ids)
        still = {cycle.id for cycle in found if _is_still(cycle, notice)}
        ids = [one for one in notice.cycle_ids if one in still]
        if not ids and not isinstance(notice, PostBundle):
            raise Dropped
        cards = some_cards(self._store, self._policy(), ids[:PAGE], self._clock())
        match notice:
            case TellMany():
                text = many_text(notice, len(ids))
                self._poster.post(letter, notice.user, text, many_blocks(text, cards, len(ids)))
            case WaitInChannel():
                text = f"⏰ {words.many(len(ids), 'lead')} still wait to be claimed"
                self._poster.post(letter, notice.channel, text, waiting_blocks(text, notice.channel))
            case PostBundle():
                text = bundle_text(notice.channel, len(notice.cycle_ids))
                blocks = bundle_blocks(notice.channel, cards, len(notice.cycle_ids), len(ids))
                self._poster.post(letter, notice.channel, text, blocks)


def _is_still(cycle: Cycle, notice: PostBundle | TellMany | WaitInChannel) -> bool:
    """Whether what is told of a cycle is so when it is told."""
    if isinstance(notice, TellMany) and notice.about in ("given", "outcome"):
        return cycle.stage is Stage.ACCEPTED and (notice.about == "outcome" or cycle.owner == notice.user)
    return cycle.stage is Stage.MQL
