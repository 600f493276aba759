"""The card of a lead, from new MQL to its outcome."""

import re
from datetime import datetime

from bot.slack import ids, words
from bot.slack.words import Block
from funnel.bant import Criterion, Status
from funnel.cycle import Card
from funnel.lifecycle import Stage

_MESSAGE = re.compile(r"https://[\w.-]+\.slack\.com/archives/[A-Z0-9]+/p\d+")

SHOWN_REASONS = 4
"""A card is read in a glance; the rest of the reasons are behind “Why this lead?”."""


def card_text(card: Card) -> str:
    """The card in one line: the notification, and what screen readers read."""
    who = words.escape(words.short_name(card.lead))
    cycle = card.cycle
    if cycle.stage is Stage.MQL:
        return f"New MQL: {who} ({words.escape(cycle.because)})"
    return f"{who}: {words.stage_line(cycle)}"


def card_blocks(card: Card, now: datetime) -> list[Block]:
    """The card as it stands now."""
    blocks = [words.section(_who(card)), _why(card)]
    if any(answer.status is not Status.UNKNOWN for answer in card.answers.values()):
        blocks.append(_answers(card))
    if card.note and card.cycle.stage is not Stage.MQL:
        blocks.append(words.context(f"📝 {words.escape(card.note)}"))
    blocks.append(words.context(_status_line(card), _origin_line(card)))
    if line := account_line(card):
        blocks.append(words.context(line))
    if card.alike:
        blocks.append(_alike(card))
    blocks.append(_buttons(card))
    return blocks


def _who(card: Card) -> str:
    """The person, or what may be said of them before somebody owns the lead."""
    if not card.is_blind:
        return f"{words.person_line(card.lead)}\n{_contact_line(card)}"
    title = f" · {words.escape(card.lead.facts.title)}" if card.lead.facts.title else ""
    return f"🙈 *Lead {card.lead.id}*{title}\n{_blind_line(card)}"


def _blind_line(card: Card) -> str:
    facts = card.lead.facts
    size = f"{facts.employees:,} people" if facts.employees else None
    known = [words.escape(str(fact)) for fact in (facts.country, facts.industry, size) if fact]
    return " · ".join([*known, "who it is shows when you claim it"])


def _contact_line(card: Card) -> str:
    facts = card.lead.facts
    known = [facts.email, facts.phone, facts.website, facts.country, facts.industry]
    if facts.employees:
        known.append(f"{facts.employees:,} people")
    return " · ".join(words.escape(str(fact)) for fact in known if fact) or "No contact details yet"


def _why(card: Card) -> Block:
    """Why it is an MQL: the points as they were frozen then."""
    cycle = card.cycle
    lines = [f"• {words.reason_line(reason)}" for reason in cycle.reasons[:SHOWN_REASONS]]
    return words.section("\n".join([words.score_line(cycle), *lines]))


def _answers(card: Card) -> Block:
    fields = [
        {"type": "mrkdwn", "text": words.cut(words.answer_line(card.answers[criterion]), 2000)}
        for criterion in Criterion
    ]
    return {"type": "section", "fields": fields}


def _status_line(card: Card) -> str:
    cycle = card.cycle
    marks = {
        Stage.MQL: "🟢",
        Stage.ACCEPTED: "🤝",
        Stage.SQL: "🎉",
        Stage.RECYCLED: "♻️",
        Stage.CUSTOMER: "🏆",
    }
    mark = marks.get(cycle.stage, "🚫" if cycle.closed_at else "📈")
    line = f"{mark} {words.stage_line(cycle)}"
    if cycle.stage is Stage.ACCEPTED and cycle.accepted_at:
        line += f", {words.when(cycle.accepted_at)}"
    if cycle.attempted_at and cycle.stage is Stage.ACCEPTED:
        line += f", called without an answer {words.when(cycle.attempted_at)}"
    if card.deadline:
        line += f" · {_deadline_line(card)}"
    if cycle.closed_at and card.decided_by:
        line += f" (by {words.mention(card.decided_by)})"
    return line


def _deadline_line(card: Card) -> str:
    """Until when it may wait; Slack counts the time left for each reader."""
    assert card.deadline
    what = "claim due" if card.cycle.stage is Stage.MQL else "decision due"
    return f"⏳ {what} {words.when(card.deadline)} ({words.when(card.deadline, '{ago}')})"


def _origin_line(card: Card) -> str:
    facts = card.lead.facts
    parts = [f"Source: {words.escape(card.cycle.source or 'unknown')}"]
    if facts.campaign:
        parts.append(f"Campaign: {words.escape(facts.campaign)}")
    if link := _message_link(facts.attributes.get("message")):
        parts.append(f"<{link}|Where it was found>")
    if card.cycle.number > 1:
        parts.append(f"Cycle {card.cycle.number}")
    return " · ".join(parts)


def account_line(card: Card) -> str:
    """Which lead of its company this is and who knows the company, in mrkdwn; "" for the first that nobody knows."""
    parts = []
    account = words.escape(card.lead.facts.account or "")
    if card.place_in_account > 1:
        parts.append(f"{words.ordinal(card.place_in_account)} lead from {account}")
    if card.colleague and card.colleague != card.cycle.owner:
        others = "another one" if card.place_in_account > 2 else f"another lead of {account}"
        which = "the first" if card.place_in_account == 2 else others
        parts.append(f"{words.mention(card.colleague)} owns {which}")
    return f"🏢 {' · '.join(parts)}" if parts else ""


def _alike(card: Card) -> Block:
    """The lead that may be the same person, and the two answers to that."""
    other = card.alike[0]
    same = "phone number" if other.facts.phone and other.facts.phone == card.lead.facts.phone else "name and company"
    about = f"{card.cycle.id}:{card.lead.id}:{other.id}"
    row = words.section(
        f"👥 Perhaps the same person as {words.escape(words.short_name(other))} "
        f"(lead {other.id}, {other.stage.label}): same {same}."
    )
    row["accessory"] = {
        "type": "overflow",
        "action_id": ids.ALIKE,
        "options": [
            words.option("One person: merge them", f"{ids.ALIKE_ONE}:{about}"),
            words.option("Two people", f"{ids.ALIKE_TWO}:{about}"),
        ],
        "confirm": {
            "title": words.plain("Are you sure?", 100),
            "text": words.plain(
                "Everybody will see what you say. A merge keeps all of both, and cannot be undone.", 300
            ),
            "confirm": words.plain("Yes", 30),
            "deny": words.plain("Cancel", 30),
        },
    }
    return row


def _message_link(address: object) -> str:
    """The address of a message in Slack; "" for any other text, which may come from anybody."""
    return str(address) if _MESSAGE.fullmatch(str(address)) else ""


def _buttons(card: Card) -> Block:
    cycle_id = str(card.cycle.id)
    buttons = {
        Stage.MQL: [
            words.button("Claim", ids.CLAIM, cycle_id, "primary"),
            words.button("Not a fit", ids.NOT_A_FIT, cycle_id),
        ],
        Stage.ACCEPTED: [
            words.button("Log BANT", ids.LOG_BANT, cycle_id, "primary"),
            words.button("Release", ids.RELEASE, cycle_id),
            words.button("Not a fit", ids.NOT_A_FIT, cycle_id),
        ],
        Stage.SQL: [words.button("Log BANT", ids.LOG_BANT, cycle_id)],
    }.get(card.cycle.stage, [])
    return {
        "type": "actions",
        "block_id": ids.card_block(card.cycle.id),
        "elements": [*buttons, menu(card)],
    }


def menu(card: Card) -> Block:
    """The rest: what a person may want of a lead now and then."""
    cycle_id = card.cycle.id
    options = [
        words.option("Why this lead?", f"{ids.MENU_WHY}:{cycle_id}"),
        words.option("Show details", f"{ids.MENU_SHOW}:{cycle_id}"),
    ]
    if card.cycle.stage in {Stage.ACCEPTED, Stage.SQL}:
        options.append(words.option("I called, no answer", f"{ids.MENU_ATTEMPT}:{cycle_id}"))
        options.append(words.option("Snooze…", f"{ids.MENU_SNOOZE}:{cycle_id}"))
    if card.cycle.is_open:
        options.append(words.option("Hand over…", f"{ids.MENU_HAND_OVER}:{cycle_id}"))
    return {"type": "overflow", "action_id": ids.MENU, "options": options}


def double_blocks(link: str) -> list[Block]:
    """What an older card says once a newer one of the same lead stands in the channel."""
    return [words.section(f"This lead was posted twice. <{link}|The card that counts is here.>")]
