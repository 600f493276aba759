"""A person's App Home: their day; the board for who looks after others; the set-up for admins."""

from datetime import datetime

from bot.slack import ids, words
from bot.slack.blocks.board import board_blocks, due_line
from bot.slack.blocks.lists import add_line, card_row
from bot.slack.blocks.mine import my_row
from bot.slack.words import Block
from funnel.cycle import Card
from funnel.home import PAGE, Home, SetUp

MOST_BLOCKS = 100
"""Slack refuses a view with more."""


def home_view(home: Home, now: datetime) -> Block:
    """The home as it is now. Where Slack has no room for all, the board of many teams is cut."""
    mine, waiting = _mine(home, now), _waiting(home, now)
    set_up = _set_up(home.set_up) if home.set_up else []
    room = MOST_BLOCKS - len(mine) - len(waiting) - len(set_up) - 1
    board = _cut(board_blocks(home.board, now), room) if home.board else []
    return {"type": "home", "blocks": [*mine, *board, *waiting, *set_up, _actions()]}


def _cut(blocks: list[Block], room: int) -> list[Block]:
    """As many as there is room for; that there are more is said in the last one."""
    return blocks if len(blocks) <= room else [*blocks[: room - 1], words.context("… more teams than fit here")]


def _header(text: str) -> Block:
    return {"type": "header", "text": words.plain(text, 150)}


def _mine(home: Home, now: datetime) -> list[Block]:
    none = "You own no lead right now." + (" Claim one below." if home.may_claim else "")
    rows = [my_row(card, now) for card in home.mine.cards] or [words.section(none)]
    return [
        _header(f"Your leads ({home.mine.total:,})"),
        words.context(_week(home), *_drafts(home)),
        *rows,
        *_pages(home, ids.HOME_MINE),
    ]


def _week(home: Home) -> str:
    week = home.week
    return f"Your week: {week.claimed:,} taken, {week.promoted:,} promoted to SQL, {week.let_go:,} let go"


def _drafts(home: Home) -> list[str]:
    """Whose call is logged and waits for a decision."""
    if not home.drafts.cards:
        return []
    names = [words.escape(words.short_name(card.lead)) for card in home.drafts.cards]
    more = [f"{home.drafts.total - len(names):,} more"] if home.drafts.total > len(names) else []
    return [f"📝 Drafts, calls without a decision: {'; '.join([*names, *more])}"]


def _waiting(home: Home, now: datetime) -> list[Block]:
    rows = [_open_row(card, now, may_claim=home.may_claim) for card in home.waiting.cards]
    none = [words.section("Nobody waits. Well done.")]
    head = _header(f"Waiting to be claimed ({home.waiting.total:,})")
    return [{"type": "divider"}, head, *(rows or none), *_pages(home, ids.HOME_WAITING)]


def _open_row(card: Card, now: datetime, *, may_claim: bool) -> Block:
    row = card_row(card)
    if card.deadline:
        add_line(row, f"⏳ {due_line(card, now)}")
    if not may_claim:
        row.pop("accessory", None)
    return row


def _pages(home: Home, action: str) -> list[Block]:
    """Buttons to the leads before and after those shown; nothing where all are. The other list stays where it is."""
    is_mine = action == ids.HOME_MINE
    page = home.mine if is_mine else home.waiting
    last = page.first + len(page.cards)

    def place(first: int) -> str:
        return f"{first}:{home.waiting.first}" if is_mine else f"{home.mine.first}:{first}"

    buttons = []
    if page.first:
        buttons.append(words.button("← Back", f"{action}_back", place(max(page.first - PAGE, 0))))
    if last < page.total:
        buttons.append(words.button("More →", f"{action}_on", place(last)))
    if not buttons:
        return []
    return [
        words.context(f"{page.first + 1:,} to {last:,} of {page.total:,}"),
        {"type": "actions", "elements": buttons},
    ]


def _set_up(set_up: SetUp) -> list[Block]:
    since = f" since {words.when(set_up.since)}" if set_up.since else ""
    author = f" by {words.escape(set_up.author)}" if set_up.author else ""
    lines = [
        f"*Policy* {words.escape(set_up.policy)}{since}{author}",
        *(f"• {words.escape(one)}" for one in (*set_up.routes, *set_up.teams)),
    ]
    health = f"{words.many(set_up.unsent, 'message')} to be sent · {words.many(set_up.failed_bodies, 'failed request')}"
    return [
        {"type": "divider"},
        _header("Set-up"),
        words.section(words.cut("\n".join(lines), 3000)),
        words.context(health),
    ]


def _actions() -> Block:
    return {"type": "actions", "elements": [words.button("New lead", ids.NEW_LEAD, "home")]}
