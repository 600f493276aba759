"""The leads in somebody's hands, each with what comes next and by when."""

from datetime import datetime

from bot.slack import ids, words
from bot.slack.blocks.board import due_line
from bot.slack.blocks.lists import add_line, card_row
from bot.slack.words import Block
from funnel.cycle import Card
from funnel.home import Page, next_action


def mine_blocks(page: Page, now: datetime) -> list[Block]:
    """A part of somebody's leads."""
    if not page.cards:
        return [words.section("You own no lead right now. Try `/lead open`.")]
    last = page.first + len(page.cards)
    blocks = [words.section(f"*Your leads*: {page.first + 1:,} to {last:,} of {page.total:,}")]
    blocks += [my_row(card, now) for card in page.cards]
    if last < page.total:
        blocks.append({"type": "actions", "elements": [words.button("More →", ids.MINE_ON, str(last))]})
    return blocks


def my_row(card: Card, now: datetime) -> Block:
    """A lead with what comes next, and by when."""
    due = f" · ⏳ {due_line(card, now)}" if card.deadline else ""
    return add_line(card_row(card), f"👉 Next: {next_action(card)}{due}")
