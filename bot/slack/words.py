"""The words Slack shows: escaped, dated, and in the field's own terms."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import humanize
from babel.numbers import format_currency, get_currency_precision

from funnel.bant import Answer, Criterion, Status
from funnel.cycle import Card, Cycle
from funnel.digest import Promises
from funnel.lead import Lead
from funnel.lifecycle import Stage
from funnel.scoring import Reason
from funnel.text import visible

Block = dict[str, Any]


LONGEST_FACT = 150
"""Characters of a name or a title that are shown: a card is no place for more, and Slack refuses what is too long."""


def escape(text: str) -> str:
    """Foreign text made harmless in mrkdwn: the three characters Slack asks for, in its order, once; nothing hidden."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mention(user: str) -> str:
    """A person as Slack links them; an actor that is no Slack user keeps its name."""
    return f"<@{user}>" if user.startswith(("U", "W")) and user.isalnum() and user.isupper() else escape(user)


def when(at: datetime, style: str = "{date_short_pretty} at {time}") -> str:
    """A moment in the reader's own zone, with the UTC time for readers that cannot render it."""
    fallback = at.astimezone(UTC).strftime("%-d %b %Y %H:%M UTC")
    return f"<!date^{int(at.timestamp())}^{style}|{fallback}>"


def span(length: timedelta) -> str:
    """A length of time in words: “4 seconds”, “2 hours and 5 minutes”."""
    if length < timedelta(seconds=1):
        return "less than a second"
    if length < timedelta(minutes=1):
        return humanize.precisedelta(length, minimum_unit="seconds", format="%d")
    return humanize.precisedelta(length - timedelta(seconds=length.seconds % 60), minimum_unit="minutes", format="%d")


def ago(at: datetime, now: datetime) -> str:
    """How long ago in one unit: “6 d ago”; for texts that are read at once."""
    minutes = max(0, int((now - at).total_seconds() // 60))
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} d ago"


def ordinal(place: int) -> str:
    """A place in a row: 1st, 2nd, 3rd, 11th."""
    return humanize.ordinal(place)


def many(count: int, noun: str) -> str:
    """A number of things: “1 row”, “1,204 rows”."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def number(value: float) -> str:
    """Points without needless decimals."""
    return f"{value:.0f}" if abs(value) >= 0.5 or abs(value) < 0.05 else f"{value:.1f}"


def person_line(lead: Lead) -> str:
    """Who this is, in mrkdwn: *Name*, title at *Company*."""
    facts = lead.facts
    line = f"*{escape(cut(lead.label, LONGEST_FACT))}*"
    if facts.title:
        line += f", {escape(cut(facts.title, LONGEST_FACT))}"
    if facts.company:
        line += f" at *{escape(cut(facts.company, LONGEST_FACT))}*"
    return line


def short_name(lead: Lead) -> str:
    """Name and company in one plain line, not escaped."""
    return f"{lead.label}, {lead.facts.company}" if lead.facts.company else lead.label


def reason_line(reason: Reason, now: datetime | None = None, written: Callable[[str], str] = escape) -> str:
    """One reason of a score: “+15 Pricing page, 2 times (6 d ago, decayed from 20)”.

    Without `now`, the age is left to Slack, which tells it as of when it is read. Foreign text in it is `written` for
    mrkdwn, unless said otherwise.
    """
    line = f"{'+' if reason.points >= 0 else '−'}{number(abs(reason.points))} {written(reason.rule)}"
    if reason.times > 1:
        line += f", {reason.times} times"
    notes = [written(reason.detail)] if reason.detail else []
    if reason.at:
        notes.append(ago(reason.at, now) if now else when(reason.at, "{ago}"))
    if abs(reason.full - reason.points) >= 0.5:
        notes.append(f"decayed from {number(reason.full)}")
    return f"{line} ({', '.join(notes)})" if notes else line


MARKS = {Status.CONFIRMED: "✅", Status.PARTIAL: "🟡", Status.NO: "❌", Status.UNKNOWN: "▫️"}


def answer_line(answer: Answer) -> str:
    """One BANT answer in mrkdwn: ✅ *Budget* 20,000 EUR."""
    return f"{MARKS[answer.status]} *{answer.criterion.value.capitalize()}* {escape(answer_facts(answer))}".rstrip()


def answer_facts(answer: Answer) -> str:
    """The facts of an answer in one plain line; the status where there are none."""
    facts = []
    if answer.criterion is Criterion.BUDGET and answer.amount_minor is not None:
        facts.append(money(answer.amount_minor, answer.currency or "EUR"))
    if answer.due:
        facts.append(f"{answer.due:%-d %b %Y}")
    if answer.detail:
        facts.append(answer.detail)
    return ", ".join(facts) or answer.status.value


def money(amount_minor: int, currency: str) -> str:
    """An amount as people read it: “€20,000”."""
    amount = Decimal(amount_minor).scaleb(-get_currency_precision(currency))
    digits = None if amount % 1 else "¤#,##0"
    return format_currency(amount, currency, format=digits, locale="en", currency_digits=digits is None)


def score_line(cycle: Cycle) -> str:
    """What made the cycle, in mrkdwn: *85 points* and why that was enough."""
    return f"*{number(cycle.score)} points* · {escape(cycle.because)}"


def stage_line(cycle: Cycle) -> str:
    """Where a cycle stands, in mrkdwn."""
    owner = mention(cycle.owner) if cycle.owner else ""
    match cycle.stage:
        case Stage.MQL:
            return f"Waiting since {when(cycle.mql_at)}"
        case Stage.ACCEPTED:
            return f"Accepted by {owner}"
        case Stage.SQL:
            return f"SQL, owned by {owner}"
        case Stage.RECYCLED if cycle.wake_at:
            return f"Recycled until {when(cycle.wake_at, '{date_short}')}: {escape(cycle.outcome_reason or '')}"
        case Stage.REJECTED | Stage.DISQUALIFIED | Stage.RECYCLED:
            return f"{cycle.stage.label.capitalize()}: {escape(cycle.outcome_reason or 'no reason given')}"
    return cycle.stage.label.capitalize() + (f", owned by {owner}" if owner else "")


def decision_sentence(card: Card, stage: Stage, actor: str, reason: str) -> str:
    """What somebody decided, in mrkdwn, for the thread."""
    who = mention(actor)
    match stage:
        case Stage.SQL:
            return f"🎉 {who} promoted this lead to *SQL*."
        case Stage.RECYCLED:
            until = f" until {when(card.cycle.wake_at, '{date_short}')}" if card.cycle.wake_at else ""
            return f"♻️ {who} recycled this lead{until}: {escape(reason)}."
        case Stage.DISQUALIFIED:
            return f"🚫 {who} disqualified this lead: {escape(reason)}."
        case Stage.REJECTED:
            return f"🚫 {who} said this is not a fit: {escape(reason)}."
        case Stage.CUSTOMER:
            return f"🏆 {who} reported it as won: this lead is a *customer*."
    return f"{who} reported that this lead is {escape(stage.label)}."


def handed_over(old: str | None, new: str | None, actor: str, how: str) -> str:
    """That a lead changed hands, for the thread."""
    if how == "fallback":
        return f"⏩ Nobody acted in time: this lead is {mention(new or '')}'s now."
    if how == "gone":
        return f"🚪 {mention(old or '')} left the workspace: this lead can be claimed again."
    who = mention(actor)
    if how == "release":
        return f"↩️ {who} released this lead; it can be claimed again."
    if how == "undo":
        return f"↩️ {who} took that back: this lead is {f'{mention(new)}’s' if new else 'open to all'} again."
    if new == actor:
        return f"🔁 {who} took this lead over{f' from {mention(old)}' if old else ''}."
    whose = f" (it was {mention(old)}’s)" if old and old != actor else ""
    return f"🔁 {who} gave this lead to {mention(new or '')}{whose}."


def promises_kept(promises: Promises) -> str:
    """How many promises were kept, in mrkdwn; "" while none was to be."""
    parts = [
        f"{kept.in_time:,} of {many(kept.of, what)} in time ({kept.in_time / kept.of:.0%})"
        for kept, what in ((promises.claims, "claim"), (promises.decisions, "decision"))
        if kept.of
    ]
    return " · ".join(parts)


def still_waiting(waiting: str, since: datetime, owner: str | None) -> str:
    """That a lead still waits, for the thread."""
    if waiting == "claim":
        return f"⏰ Nobody has claimed this lead yet; it waits since {when(since)}."
    return f"⏰ {mention(owner or '')}, what became of this lead? It is yours since {when(since)}."


def noted_away(actor: str, since: datetime, until: datetime | None) -> str:
    """What somebody is told of whom a colleague noted as away, or as back."""
    if until is None:
        return f"👋 {mention(actor)} says that you are back: leads are given to you again."
    days = f"from {when(since)} to {when(until)}"
    return f"🏖️ {mention(actor)} says that you are away {days}: nothing is given to you. Back earlier? `/lead resume`"


def about_person(about: str, card: Card, owner: str | None, actor: str, since: datetime) -> str:
    """What one person is told of a lead, above its card."""
    name = escape(short_name(card.lead))
    if about == "given":
        return f"🤝 {f'{mention(actor)} gave you a lead' if actor else 'A lead for you'}: {name}"
    if about == "lost":
        whose = f"{mention(owner)}’s" if owner else "open to all"
        return f"🔁 {mention(actor)} took {name} from you; it is {whose} now."
    if about == "orphaned":
        return f"🚪 {mention(owner or '')} left the workspace and owned {name}: hand it over to somebody."
    if about == "unposted":
        channel = escape(card.cycle.channel)
        return f"⚠️ I cannot post {name} to {channel}: invite me, or mend the route's channel. It can be claimed here."
    if about == "claim":
        return f"⏰ Nobody has claimed {name} yet; it waits since {when(since)}."
    return f"⏰ {name} waits for a decision; it is {mention(owner or '')}’s since {when(since)}."


def raised_again(card: Card, because: str) -> str:
    """That somebody who was let go asks for us again, for whoever decided it."""
    name, rule = escape(short_name(card.lead)), escape(because)
    whose = mention(card.decided_by) if card.decided_by else "Whoever decided it"
    return f"✋ {name} asks for us again ({rule}), after it was {card.cycle.stage.label}. {whose} may want to look."


def cut(text: str, limit: int) -> str:
    """A text of at most `limit` characters, with an ellipsis where it was longer."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, 3000)}}


def context(*texts: str) -> Block:
    elements = [{"type": "mrkdwn", "text": cut(text, 2000)} for text in texts if text]
    return {"type": "context", "elements": elements[:10]}


def plain(text: str, limit: int = 75) -> dict[str, Any]:
    return {"type": "plain_text", "text": cut(visible(text), limit)}


def option(label: str, value: str) -> dict[str, Any]:
    return {"text": plain(label), "value": value}


def modal(title: str, close: str, blocks: list[Block]) -> Block:
    """A modal with nothing to submit."""
    return {"type": "modal", "title": plain(title, 24), "close": plain(close, 24), "blocks": blocks}


def button(label: str, action_id: str, value: str, style: str | None = None) -> Block:
    made = {"type": "button", "text": plain(label), "action_id": action_id, "value": value}
    return made | ({"style": style} if style else {})
