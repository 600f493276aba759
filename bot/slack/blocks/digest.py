"""The morning of a person and the week of a team, as messages."""

from datetime import datetime, timedelta

from bot.slack import words
from bot.slack.blocks.board import late_row, stranded_row
from bot.slack.blocks.lists import card_row
from bot.slack.blocks.mine import my_row
from bot.slack.words import Block
from funnel.digest import Digest, TeamWeek

_SHOWN = 5
"""Leads of each kind: a morning is read with the first coffee."""


def digest_text(digest: Digest) -> str:
    """The morning in one line: the notification."""
    parts = [f"{words.many(digest.held, 'lead')} in your hands"]
    if digest.due:
        parts.append(f"{len(digest.due)} due today")
    if digest.woke:
        parts.append(f"{len(digest.woke)} woke up")
    if digest.waiting:
        parts.append(f"{digest.waiting:,} waiting to be claimed")
    if digest.late:
        parts.append(f"{len(digest.late)} late in your team")
    if digest.stranded:
        parts.append(f"{digest.stranded_total:,} with people who are away")
    return f"Good morning: {', '.join(parts)}"


def digest_blocks(digest: Digest, now: datetime) -> list[Block]:
    """The morning: what is due, else what comes next; what woke up; where the rest is."""
    blocks = [words.section(f"☀️ *{digest_text(digest)}*")]
    if digest.due:
        blocks += [words.section("*Due today or overdue*"), *(my_row(card, now) for card in digest.due[:_SHOWN])]
    elif digest.mine:
        blocks += [words.section("*Next*"), *(my_row(card, now) for card in digest.mine[:_SHOWN])]
    if digest.woke:
        blocks += [words.section("*Back after they were put off*"), *map(card_row, digest.woke[:_SHOWN])]
    if digest.late:
        blocks += [words.section("*Late in your team*"), *(late_row(card, now) for card in digest.late[:_SHOWN])]
    if digest.stranded:
        blocks += [words.section("*With people who are away*"), *map(stranded_row, digest.stranded[:_SHOWN])]
    blocks.append(words.context("All of it is in my Home tab; or: `/lead mine`, `/lead open`"))
    return blocks


def week_text(week: TeamWeek) -> str:
    return f"The week of {words.escape(week.team)}: {words.many(week.opened, 'new MQL')}, {week.promoted:,} became SQLs"


def week_blocks(week: TeamWeek) -> list[Block]:
    """The week of a team in a few numbers, each with its name."""
    to_claim = week.opened - week.given
    lines = [
        f"*{week_text(week)}*",
        *([f"• {week.given:,} were given to people at once"] if week.given else []),
        *([f"• {week.claimed:,} of {to_claim:,} were claimed"] if to_claim else []),
        f"• {week.let_go:,} were let go, {week.waiting:,} still wait",
    ]
    if week.median_wait is not None:
        lines.append(f"• half of the claims came within {words.span(timedelta(seconds=week.median_wait))}")
    if kept := words.promises_kept(week.promises):
        lines.append(f"• {kept}")
    return [words.section("\n".join(lines)), words.context("More: `/funnel this week by owner`")]
