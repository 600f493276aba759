"""A person's App Home."""

from bot.slack import ids, words
from bot.slack.blocks.lists import card_list
from bot.slack.words import Block
from funnel.cycle import Card

SHOWN = 20
"""Leads a list shows: two lists stay well below Slack's 100 blocks a view."""


def home_view(mine: list[Card], waiting: list[Card], *, may_claim: bool) -> Block:
    """My leads, and those that wait; with their buttons for who may claim."""
    offered = card_list(_count(waiting, "waiting"), waiting[:SHOWN], "Nobody waits. Well done.")
    none = "You own no lead right now." + (" Claim one below." if may_claim else "")
    blocks: list[Block] = [
        {"type": "header", "text": words.plain("Your leads", 150)},
        *card_list(
            _count(mine, "in your hands"),
            mine[:SHOWN],
            none,
        ),
        {"type": "divider"},
        {"type": "header", "text": words.plain("Waiting to be claimed", 150)},
        *[block if may_claim else without_button(block) for block in offered],
        {"type": "divider"},
        {"type": "actions", "elements": [words.button("New lead", ids.NEW_LEAD, "home")]},
    ]
    return {"type": "home", "blocks": blocks}


def without_button(block: Block) -> Block:
    return {name: value for name, value in block.items() if name != "accessory"}


def _count(cards: list[Card], what: str) -> str:
    more = f" (the first {SHOWN} are shown)" if len(cards) > SHOWN else ""
    return f"{min(len(cards), SHOWN)}{'+' if len(cards) > SHOWN else ''} {what}{more}"
