"""Many leads in one message: a summary for a channel, a list for one person, and the next part of it."""

from bot.slack import ids, words
from bot.slack.blocks.lists import card_row
from bot.slack.words import Block
from funnel.cycle import Card
from funnel.group_notices import TellMany
from funnel.home import Page


def bundle_text(channel: str, count: int) -> str:
    return f"{words.many(count, 'new MQL')} for {words.escape(channel)}"


def bundle_blocks(channel: str, cards: list[Card], total: int, waiting: int) -> list[Block]:
    """How many there are and the best of those that still wait; whoever wants the rest is shown it alone."""
    head = f"📦 *{bundle_text(channel, total)}* came at once"
    if not waiting:
        return [words.section(f"{head}. Each has an owner.")]
    told = f"{head}; {waiting:,} wait to be claimed. Here are the best."
    return [words.section(told), *map(card_row, cards), _show_all(channel)]


def waiting_blocks(text: str, channel: str) -> list[Block]:
    """That many still wait, and the list for whoever wants it."""
    return [words.section(text), _show_all(channel)]


def _show_all(channel: str) -> Block:
    return {"type": "actions", "elements": [words.button("Show all that wait", ids.OPEN_ON, f"0:{channel}")]}


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


_MANY = {
    "given": "🤝 {count} for you",
    "claim": "⏰ {count} still wait to be claimed",
    "outcome": "⏰ {count} wait for a decision",
    "unposted": "⚠️ I cannot post {count} to {channel}: invite me, or mend the route's channel. Claim them here",
}


def many_text(notice: TellMany, count: int) -> str:
    """What somebody is told of many leads, in one line of mrkdwn."""
    return _MANY[notice.about].format(count=words.many(count, "lead"), channel=words.escape(notice.channel))


def many_blocks(text: str, cards: list[Card], total: int) -> list[Block]:
    """What somebody is told of many leads: the first of them, and where the rest is."""
    blocks = [words.section(f"*{text}*"), *map(card_row, cards)]
    if total > len(cards):
        blocks.append(words.context("All of them are in my Home tab; or: `/lead mine`, `/lead open`"))
    return blocks
