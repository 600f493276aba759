"""What is told about a lead: in the thread of its card, and to single people."""

from bot.clock import Clock
from bot.policy_in_force import PolicySource
from bot.slack import words
from bot.slack.blocks.card import card_blocks
from bot.slack.gateway import SlackTrouble
from bot.slack.posting import Dropped, Poster
from bot.slack.words import Block
from bot.usecases.lost_cards import forget_card
from bot.usecases.show_lead import show_card
from funnel.cycle import Card
from funnel.lifecycle import Stage
from funnel.notices import (
    Claimed,
    HandedOver,
    HandRaised,
    MessageRef,
    Remind,
    Snoozed,
    TellAway,
    TellPerson,
    TellProgress,
    TellThread,
)
from storage.outbox import Letter
from storage.store import Store

GONE = frozenset({"message_not_found", "thread_not_found"})
"""What Slack says of a message that somebody deleted."""

InThread = TellThread | TellProgress | HandRaised | HandedOver | Remind


class Teller:
    """Sends the letters that tell of a lead."""

    def __init__(self, store: Store, policy: PolicySource, poster: Poster, clock: Clock) -> None:
        self._store, self._policy, self._poster, self._clock = store, policy, poster, clock

    def card(self, cycle_id: int) -> Card:
        """The card of a cycle as it is now.

        Raises:
            Dropped: there is none.
        """
        with self._store.read() as tx:
            card = show_card(tx, self._policy(), cycle_id, self._clock())
        if card is None:
            raise Dropped
        return card

    def tell_thread(self, letter: Letter, notice: InThread) -> None:
        card = self.card(notice.cycle_id)
        with self._store.read() as tx:
            posts = tx.posts.of_cycle(notice.cycle_id)
            waiting = tx.outbox.is_waiting(f"card:{notice.cycle_id}")
            if isinstance(notice, TellThread):
                move = tx.history.get(notice.move_id)
                text = words.decision_sentence(card, move.new, move.actor, move.reason) if move else ""
                note = move.note if move else ""
            elif isinstance(notice, TellProgress):
                actor, note = tx.calls.actor_and_note(notice.call_id) or ("", "")
                text = f"📞 {words.mention(actor)} logged a call."
            else:
                text, note = _thread_words(card, notice), ""
        check_standing(posts, waiting=waiting)
        lines = [text, f"> {words.escape(note)}" if note else ""]
        body = "\n".join(line for line in lines if line)
        try:
            wide = isinstance(notice, Remind) and notice.also_channel
            message = posts[0]
            blocks = [words.section(body)]
            self._poster.post(letter, message.channel, body, blocks, message.ts, also_channel=wide)
        except SlackTrouble as trouble:
            if trouble.code not in GONE:
                raise
            forget_card(self._store, notice.cycle_id, posts[0], self._clock())
            raise Dropped from trouble

    def remind(self, letter: Letter, notice: Snoozed) -> None:
        card = self.card(notice.cycle_id)
        if card.cycle.owner != notice.user or card.cycle.stage not in {Stage.ACCEPTED, Stage.SQL}:
            raise Dropped
        self._with_card(
            letter, notice.user, f"⏰ You put this lead off: {words.escape(words.short_name(card.lead))}", card
        )

    def tell_person(self, letter: Letter, notice: TellPerson) -> None:
        card = self.card(notice.cycle_id)
        stage = {"claim": Stage.MQL, "outcome": Stage.ACCEPTED}.get(notice.about, card.cycle.stage)
        if card.cycle.owner != notice.owner or card.cycle.stage is not stage:
            raise Dropped
        text = words.about_person(notice.about, card, notice.owner, notice.actor, notice.since)
        self._with_card(letter, notice.user, text, card)

    def tell_away(self, letter: Letter, notice: TellAway) -> None:
        self._poster.post(letter, notice.user, words.noted_away(notice.actor, notice.since, notice.until), None)

    def claimed_blocks(self, notice: Claimed) -> list[Block]:
        """What somebody sees who claimed from a list."""
        card = self.card(notice.cycle_id)
        return [words.section("🤝 *It is yours*"), *card_blocks(card, self._clock())]

    def _with_card(self, letter: Letter, user: str, text: str, card: Card) -> None:
        blocks = [words.section(text), *card_blocks(card, self._clock())]
        for block in blocks:
            block.pop("block_id", None)  # a reminder is no card: pressing its buttons must not make it one
        self._poster.post(letter, user, text, blocks)


def _thread_words(card: Card, notice: HandRaised | HandedOver | Remind) -> str:
    """What is told in a thread.

    Raises:
        Dropped: the lead does not wait any more.
    """
    if isinstance(notice, HandRaised):
        return words.raised_again(card, notice.because)
    if isinstance(notice, HandedOver):
        return words.handed_over(notice.old, notice.new, notice.actor, notice.how)
    if card.cycle.stage is not (Stage.MQL if notice.waiting == "claim" else Stage.ACCEPTED):
        raise Dropped
    named = " ".join(words.mention(user) for user in notice.mention)
    return f"{words.still_waiting(notice.waiting, notice.since, card.cycle.owner)} {named}".rstrip()


def check_standing(posts: list[MessageRef], *, waiting: bool) -> None:
    """Let pass a card that stands; one on its way may carry yesterday's truth and is waited for.

    Raises:
        SlackTrouble: it is on its way.
        Dropped: there is none, and there will be none.
    """
    if posts:
        return
    if waiting:
        raise SlackTrouble("the card is not posted yet", passing=True)
    raise Dropped
