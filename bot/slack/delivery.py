"""One letter of the outbox: rendered with today's truth, sent, and settled."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from bot.clock import Clock
from bot.policy_in_force import PolicySource
from bot.slack import words
from bot.slack.answers import answer_blocks
from bot.slack.blocks.bundle import open_blocks
from bot.slack.blocks.card import card_blocks, card_text, double_blocks
from bot.slack.blocks.hand_over import undo_blocks
from bot.slack.blocks.home import home_view
from bot.slack.blocks.mine import mine_blocks
from bot.slack.bundles import Bundles
from bot.slack.forms import zone_or
from bot.slack.gateway import Gateway, SlackTrouble, Workspace, message_link
from bot.slack.policy_answer import policy_answer
from bot.slack.posting import Dropped, Poster
from bot.slack.telling import GONE, Teller, check_standing
from bot.slack.upload_delivery import UploadDelivery
from bot.slack.words import Block
from bot.usecases.list_leads import my_page, open_page
from bot.usecases.lost_cards import forget_card, tell_unposted
from bot.usecases.show_home import show_home
from bot.usecases.show_lead import show_card
from funnel.group_notices import PostBundle, SendDigest, SendTeamWeek, TellMany, WaitInChannel
from funnel.notices import (
    AnswerPolicy,
    AnswerQuestion,
    Claimed,
    ClaimLost,
    Click,
    HandedOver,
    HandRaised,
    MessageRef,
    PostCard,
    RefreshCard,
    RefreshHome,
    Remind,
    ShowMine,
    ShowOpen,
    Snoozed,
    TellAway,
    TellPerson,
    TellProgress,
    TellThread,
    Whisper,
)
from funnel.roles import Person
from funnel.upload_notices import HandBackRows, PostUpload, RefreshUpload, TellImported
from storage.outbox import Letter
from storage.store import Store

MAX_ATTEMPTS = 300
"""Tries before a letter is given up: with the waits between them about a day of Slack being away."""
MAX_BROKEN = 5
"""Tries of a letter that breaks the program itself: it will break it every time."""

log = logging.getLogger(__name__)


class Delivery:
    """Sends letters. Settling is a transaction of its own after each call; what happens between is found out."""

    def __init__(
        self,
        store: Store,
        policy: PolicySource,
        gateway: Gateway,
        workspace: Callable[[], Workspace],
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._store, self._policy, self._gateway = store, policy, gateway
        self._workspace, self._clock, self._zone = workspace, clock, zone
        self._held_up: tuple[int, str] | None = None
        self._poster = Poster(store, gateway)
        self._teller = Teller(store, policy, self._poster, clock)
        self._bundles = Bundles(store, policy, self._poster, clock)
        self._uploads = UploadDelivery(store, gateway, self._poster, clock)

    def may_send(self) -> bool:
        """Whether Slack takes our calls at all, as far as is known; while it does not, it is asked now and then."""
        return self._gateway.standing.may_send()

    def hold_up(self, letter_id: int) -> None:
        """Note on a letter that Slack refuses the app, for whoever looks from another process."""
        noted = (letter_id, self._gateway.standing.refusal)
        if noted != self._held_up:
            with self._store.begin() as tx:
                tx.outbox.note_error(*noted)
            self._held_up = noted

    def deliver(self, letter: Letter) -> datetime | None:
        """Send a letter and note what became of it; until when its lane must wait, if Slack said so."""
        try:
            self._send(letter)
        except Dropped:
            self._settle(letter, "dropped")
        except SlackTrouble as trouble:
            return self._put_back(letter, trouble) if trouble.refuses_app else self._troubled(letter, trouble)
        else:
            self._gateway.standing.accepted()
        return None

    def _put_back(self, letter: Letter, trouble: SlackTrouble) -> datetime:
        """Keep a letter as it was, at the head of its lane, until Slack takes our calls again."""
        with self._store.begin() as tx:
            tx.outbox.put_back(letter.id, trouble.code)
        return self._gateway.standing.ask_at

    def broke(self, letter: Letter, error: BaseException) -> None:
        """Note that a letter could not even be tried: later again, and given up after a few times."""
        log.error("notice %s (%s) broke", letter.id, letter.notice.kind, exc_info=error)
        reason = f"it broke: {type(error).__name__}"
        if letter.attempts >= MAX_BROKEN:
            return self._settle(letter, "failed", reason)
        with self._store.begin() as tx:
            tx.outbox.postpone(letter.id, tx.now() + backoff(letter.attempts), reason, uncertain=True)
        return None

    def _settle(self, letter: Letter, state: str, error: str | None = None) -> None:
        with self._store.begin() as tx:
            tx.outbox.settle(letter.id, state, self._clock(), error)

    def _troubled(self, letter: Letter, trouble: SlackTrouble) -> datetime | None:
        """Try later, or give up: nothing is tried again that Slack will never accept."""
        now = self._clock()
        asked = trouble.retry_after is not None
        if not trouble.passing or (letter.attempts >= MAX_ATTEMPTS and not asked):
            log.error("gave up notice %s (%s): %s", letter.id, letter.notice.kind, trouble.code)
            self._settle(letter, "failed", trouble.code)
            if isinstance(letter.notice, PostCard | PostBundle):
                tell_unposted(self._store, self._policy(), letter.notice, now)
            return None
        wait = timedelta(seconds=trouble.retry_after or 0) if asked else backoff(letter.attempts)
        uncertain = letter.uncertain or trouble.uncertain
        with self._store.begin() as tx:
            tx.outbox.postpone(letter.id, tx.now() + wait, trouble.code, uncertain=uncertain, counts=not asked)
        return now + wait if asked else None

    def _send(self, letter: Letter) -> None:
        notice = letter.notice
        match notice:
            case PostCard():
                self._post_card(letter, notice)
            case RefreshCard():
                self._refresh_card(notice)
            case TellThread() | TellProgress() | HandRaised() | HandedOver() | Remind():
                self._teller.tell_thread(letter, notice)
            case AnswerQuestion():
                blocks = answer_blocks(self._store, notice.text, notice.asked_at, self._zone)
                self._poster.post(letter, notice.channel, blocks.text, blocks.blocks, notice.thread_ts)
            case AnswerPolicy():
                answer = policy_answer(self._store, self._policy(), notice)
                self._private(letter, notice.click, answer.text, answer.blocks)
            case PostUpload() | RefreshUpload() | TellImported() | HandBackRows():
                self._uploads.send(letter, notice)
            case Snoozed():
                self._teller.remind(letter, notice)
            case TellAway():
                self._teller.tell_away(letter, notice)
            case TellPerson():
                self._teller.tell_person(letter, notice)
            case ClaimLost():
                self._private(letter, notice.click, self._lost_words(notice))
            case Claimed():
                self._private(letter, notice.click, "It is yours", self._teller.claimed_blocks(notice))
            case Whisper():
                self._private(letter, notice.click, notice.text, undo_blocks(notice.text, notice.undo, notice.act))
            case RefreshHome():
                self._publish_home(notice)
            case PostBundle() | TellMany() | SendDigest() | SendTeamWeek() | WaitInChannel():
                self._bundles.post(letter, notice)
            case ShowOpen():
                page = open_page(self._store, self._policy(), notice.channel, notice.first, self._clock())
                self._private(letter, notice.click, "Waiting to be claimed", open_blocks(page, notice.channel))
            case ShowMine():
                now = self._clock()
                page = my_page(self._store, self._policy(), notice.click.user, notice.first, now)
                self._private(letter, notice.click, "Your leads", mine_blocks(page, now))
        if not isinstance(notice, PostCard):
            self._settle(letter, "sent")

    def _publish_home(self, notice: RefreshHome) -> None:
        with self._store.read() as tx:
            if not tx.members.has_home(notice.user):
                raise Dropped
            known = tx.members.all().get(notice.user)
        person = Person(id=notice.user, outsider=known is not None and known.outsider)
        zone = zone_or(known.timezone if known else None, self._zone)
        now = self._clock()
        home = show_home(self._store, self._policy(), person, zone, now, notice.mine_from, notice.waiting_from)
        self._gateway.publish_home(notice.user, home_view(home, now))

    def _post_card(self, letter: Letter, notice: PostCard) -> None:
        card = self._teller.card(notice.cycle_id)
        blocks = card_blocks(card, self._clock())
        message = self._poster.post(letter, notice.channel, card_text(card), blocks)
        now = self._clock()
        with self._store.begin() as tx:
            tx.posts.add(notice.cycle_id, message, now)
            tx.outbox.settle(letter.id, "sent", now)
            changed = show_card(tx, self._policy(), notice.cycle_id, now)
            if changed is not None and changed != card:  # it moved on while Slack was being told
                tx.outbox.add([RefreshCard(cycle_id=notice.cycle_id)], now)

    def _refresh_card(self, notice: RefreshCard) -> None:
        card = self._teller.card(notice.cycle_id)
        with self._store.begin() as tx:
            if notice.clicked:
                tx.posts.add(notice.cycle_id, notice.clicked, self._clock())
            tx.outbox.add([RefreshHome(user=user) for user in notice.homes], self._clock())
            posts = tx.posts.of_cycle(notice.cycle_id)
            waiting = tx.outbox.is_waiting(f"card:{notice.cycle_id}")
        check_standing(posts, waiting=waiting)
        for older in posts[1:]:
            self._gateway.update(older, "This lead was posted twice.", double_blocks(self._link(posts[0])))
        try:
            self._gateway.update(posts[0], card_text(card), card_blocks(card, self._clock()))
        except SlackTrouble as trouble:
            if trouble.code not in GONE:
                raise
            forget_card(self._store, notice.cycle_id, posts[0], self._clock())

    def _link(self, message: MessageRef) -> str:
        return message_link(self._workspace(), message)

    def _lost_words(self, notice: ClaimLost) -> str:
        card = self._teller.card(notice.cycle_id)
        with self._store.read() as tx:
            others = len(tx.cycles.waiting(limit=50))
        late = words.span(timedelta(seconds=notice.late_by))
        text = f"{words.mention(notice.owner)} claimed {words.escape(words.short_name(card.lead))} {late} before you."
        return f"{text} {_others(others)}"

    def _private(self, letter: Letter, click: Click, text: str, blocks: list[Block] | None = None) -> None:
        """Answer a click where it was made: by its response URL, else in the channel, else by direct message."""
        if click.response_url:
            try:
                return self._gateway.respond(click.response_url, text, blocks)
            except SlackTrouble as trouble:
                if trouble.passing:
                    raise
        if click.channel != click.user:
            try:
                return self._gateway.whisper(click.channel, click.user, text, blocks)
            except SlackTrouble as trouble:
                if trouble.passing:
                    raise
        self._poster.post(letter, click.user, text, blocks)
        return None


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failed tries: 2 s, doubled each time, at most 5 minutes."""
    return timedelta(seconds=min(2.0 ** min(attempts, 10), 300.0))


def _others(count: int) -> str:
    if count == 0:
        return "No other lead is waiting right now."
    more = "50 or more others are" if count >= 50 else f"{count} others are" if count > 1 else "One other is"
    return f"{more} waiting: `/lead open`."
