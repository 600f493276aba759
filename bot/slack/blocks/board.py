"""What whoever looks after a team sees, and the button that says who is away."""

from datetime import datetime

from bot.slack import ids, words
from bot.slack.words import Block
from funnel.cycle import Card
from funnel.home import Board, Load, TeamBoard
from funnel.lifecycle import Stage

_PEOPLE = 20
"""People of a team whose load is told, in as many lines of one block."""
_STRANDED = 5
"""Leads of people who are away that are shown."""


def board_blocks(board: Board, now: datetime) -> list[Block]:
    """The board: what is late, what lies, and each team."""
    late = f"{words.many(board.breached, 'lead')} late" if board.breached else "none is late"
    late += " or more" if board.may_be_more else ""
    head = words.context(f"{board.waiting:,} wait for an owner; {late}")
    rows = [late_row(card, now) for card in board.breaches]
    if board.stranded.total:
        rows.append(words.context(f"{words.many(board.stranded.total, 'lead')} with people who are away"))
        rows += map(stranded_row, board.stranded.cards[:_STRANDED])
    teams = [block for team in board.teams for block in _team(team)]
    if not board.may_act:
        for block in (*rows, *teams):
            block.pop("accessory", None)
    title = {"type": "header", "text": words.plain("The board", 150)}
    return [{"type": "divider"}, title, head, *rows, *teams]


def late_row(card: Card, now: datetime) -> Block:
    """A lead that waits for longer than was promised, with the way out."""
    whose = "nobody owns it" if card.cycle.stage is Stage.MQL else f"{words.mention(card.cycle.owner or '')}’s"
    return _row(card, f"🔴 *{_name(card)}* · {whose} · {due_line(card, now)}")


def stranded_row(card: Card) -> Block:
    """A lead whose owner is away, with the way out."""
    return _row(card, f"🏖️ *{_name(card)}* · {words.mention(card.cycle.owner or '')}’s, who is away")


def _row(card: Card, text: str) -> Block:
    row = words.section(text)
    row["accessory"] = words.button("Hand over…", ids.HAND_OVER, str(card.cycle.id))
    return row


def _name(card: Card) -> str:
    return f"Lead {card.lead.id}" if card.is_blind else words.escape(words.short_name(card.lead))


def due_line(card: Card, now: datetime) -> str:
    """Until when a lead may wait, or since when it should not."""
    assert card.deadline
    late = "overdue since" if card.deadline < now else "due"
    return f"{late} {words.when(card.deadline)}"


def _team(team: TeamBoard) -> list[Block]:
    lines = [f"*{words.escape(team.name)}*", *(_load(one) for one in team.people[:_PEOPLE])]
    people = words.section(words.cut("\n".join(lines), 3000))
    people["accessory"] = words.button("Who is away…", ids.AWAY, team.people[0].user)
    facts = [f"{len(team.people) - _PEOPLE} more people" if len(team.people) > _PEOPLE else ""]
    facts.append(f"Last 7 days: {kept}" if (kept := words.promises_kept(team.promises)) else "")
    if team.spread:
        facts.append(f"fairness {team.spread:.2f} (most against least given for their hours)")
    told = " · ".join(fact for fact in facts if fact)
    return [people, *([words.context(told)] if told else [])]


def _load(one: Load) -> str:
    mark = "🟢" if one.on_duty else "⏸️" if one.away_until else "⚪"
    cap = f" of {one.cap}" if one.cap else ""
    share = f", {one.given:,} given in {one.hours:,.0f} h" if one.hours else ""
    back = f", back {words.when(one.away_until)}" if one.away_until and not one.on_duty else ""
    return f"{mark} {words.mention(one.user)}: holds {one.holding}{cap}{share}{back}"
