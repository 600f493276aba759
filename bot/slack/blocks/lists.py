"""Lists of leads, and one lead in full."""

from bot.slack import ids, words
from bot.slack.words import Block
from funnel.cycle import Card, Cycle, Move
from funnel.lead import Lead
from funnel.lifecycle import Stage

_ACTIONS = {
    Stage.MQL: ("Claim", ids.CLAIM),
    Stage.ACCEPTED: ("Log BANT", ids.LOG_BANT),
    Stage.SQL: ("Log BANT", ids.LOG_BANT),
}


def card_list(title: str, cards: list[Card], empty: str) -> list[Block]:
    """A title and one line a lead, each with the button that comes next; `empty` is said when there are none."""
    if not cards:
        return [words.section(f"*{title}*\n{empty}")]
    return [words.section(f"*{title}*"), *(card_row(card) for card in cards)]


def card_row(card: Card) -> Block:
    """One lead in one line, with the button that comes next."""
    cycle = card.cycle
    line = f"{words.score_line(cycle)} · {words.stage_line(cycle)}"
    row = words.section(f"{words.person_line(card.lead)}\n{line}{_reach(card.lead)}")
    if cycle.stage in _ACTIONS:
        label, action = _ACTIONS[cycle.stage]
        row["accessory"] = words.button(label, action, str(cycle.id))
    return row


def add_line(row: Block, line: str) -> Block:
    """A row with a further line; what Slack would not take is cut."""
    row["text"]["text"] = words.cut(f"{row['text']['text']}\n{line}", 3000)
    return row


def _reach(lead: Lead) -> str:
    """How to reach somebody, on a line of its own."""
    known = [words.escape(way) for way in (lead.facts.email, lead.facts.phone) if way]
    return f"\n{' · '.join(known)}" if known else ""


def found_list(text: str, found: list[tuple[Lead, Cycle | None]], most: int) -> list[Block]:
    """What a search found, at most so many."""
    lines = [
        f"• {words.person_line(lead)} · {words.stage_line(cycle) if cycle else lead.stage.label} "
        f"(`{words.escape(lead.facts.email or str(lead.id))}`)"
        for lead, cycle in found[:most]
    ]
    many = f"More than {most} leads match" if len(found) > most else f"{len(found)} leads match"
    head = f"*{'One lead matches' if len(found) == 1 else many} “{words.escape(text)}”*"
    if len(found) > most:
        head += "\nThese are the newest; write more of the name to see others."
    return [words.section("\n".join([head, *lines]))]


def detail_blocks(card: Card, history: list[str]) -> list[Block]:
    """All facts of a lead, its BANT answers and its history, a line each."""
    facts = card.lead.facts.known() | card.lead.facts.attributes
    lines = [
        f"*{words.escape(name.capitalize())}* {words.escape(str(value))}"
        for name, value in facts.items()
        if value not in ("", None) and name != "free_mail"
    ]
    bant = [words.answer_line(answer) for answer in card.answers.values()]
    cycle = card.cycle
    source = f"Source: {words.escape(cycle.source or 'unknown')} · {words.stage_line(cycle)}"
    return [
        words.section(f"{words.person_line(card.lead)}\n{words.score_line(cycle)}"),
        words.context(source),
        words.section("\n".join(lines) or "Nothing more is known."),
        words.section("\n".join(bant)),
        words.section("*History*\n" + "\n".join(history)),
    ]


def history_lines(moves: list[Move]) -> list[str]:
    """The last moves of a lead, a line each, in mrkdwn."""
    return [
        f"• {words.when(move.at)}: {move.new.label} ({words.mention(move.actor)}"
        f"{f', {words.escape(move.reason)}' if move.reason else ''})"
        for move in moves[-20:]
    ]
