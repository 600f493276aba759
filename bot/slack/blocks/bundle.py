"""Many leads in one message: a summary for a channel, a list for one person, and the next part of it."""

from bot.slack import ids, words
from bot.slack.blocks.lists import card_row
from bot.slack.words import Block
from funnel.cycle import Card
from funnel.home import PAGE, Page
from funnel.lifecycle import Stage


def bundle_text(channel: str, count: int) -> str:
    return f"{words.many(count, 'new MQL')} for {words.escape(channel)}"


def bundle_blocks(channel: str, cards: list[Card], total: int) -> list[Block]:
    """How many there are and the best of those that still wait; whoever wants the rest is shown it alone."""
    waiting = [card for card in cards if card.cycle.stage is Stage.MQL]
    head = f"📦 *{bundle_text(channel, total)}* came at once; here are the best of those that wait."
    if not waiting:
        head = f"📦 *{bundle_text(channel, total)}* came at once. Each has an owner."
    more = words.button("Show all that wait", ids.OPEN_ON, f"0:{channel}")
    return [words.section(head), *map(card_row, waiting[:PAGE]), {"type": "actions", "elements": [more]}]


def open_blocks(page: Page, channel: str) -> list[Block]:
    """A part of the leads that wait, for one person."""
    if not page.cards:
        return [words.section("Nobody waits any more. Well done.")]
    last = page.first + len(page.cards)
    head = f"*Waiting to be claimed*: {page.first + 1:,} to {last:,} of {page.total:,}"
    blocks = [words.section(head), *map(card_row, page.cards)]
    if last < page.total:
        blocks.append({"type": "actions", "elements": [words.button("More →", ids.OPEN_ON, f"{last}:{channel}")]})
    return blocks


def given_text(count: int) -> str:
    return f"🤝 {words.many(count, 'lead')} for you"


def given_blocks(cards: list[Card], total: int) -> list[Block]:
    """What somebody was given at once: the best of it, and where the rest is."""
    blocks = [words.section(f"*{given_text(total)}*, given to you at once"), *map(card_row, cards[:PAGE])]
    if total > PAGE:
        blocks.append(words.context("All of them are in my Home tab, by what is due first; or: `/lead mine`"))
    return blocks
