"""/lead: new, mine, open, next, find, show, why, pause, away, settings, policy, help."""

import re
from dataclasses import replace

from bot.slack import words
from bot.slack.blocks.bundle import open_blocks
from bot.slack.blocks.lead_form import lead_view
from bot.slack.blocks.lists import card_list, detail_blocks, found_list, history_lines
from bot.slack.blocks.mine import mine_blocks
from bot.slack.blocks.settings import settings_view
from bot.slack.blocks.why import why_blocks
from bot.slack.desk import Desk
from bot.slack.ids import LEAD_COMMAND
from bot.slack.listening import Command, Listening, Reply
from bot.slack.until import read_until
from bot.slack.words import section
from bot.usecases.ask_policy import ask_policy
from bot.usecases.list_leads import find_leads, my_page, open_leads, open_page
from bot.usecases.pause import pause, plan_absence, resume
from bot.usecases.prefer import preference_of
from bot.usecases.show_lead import show_lead
from funnel.notices import AnswerPolicy

_THRESHOLD = re.compile(r"threshold\s+(\d{1,6}(?:\.\d{1,3})?)", re.IGNORECASE)
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>\s*")
_PER_WEEK = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(?:mqls?\s+)?(?:a|per|/)\s*week", re.IGNORECASE)

SHOWN = 10
"""Leads a list shows: an answer is read in a glance."""

HELP = """*What I can do for you*
• `/lead mine`: the leads in your hands
• `/lead open`: leads that wait to be claimed
• `/lead next`: the one that waits longest
• `/lead find TEXT`: by name, company or e-mail address
• `/lead show EMAIL`: everything about one lead
• `/lead why EMAIL`: its score, reason by reason
• `/lead new`: add a lead by hand
• `/lead pause 30m`, `/lead pause until tomorrow`, `/lead resume`: nothing is given to you meanwhile
• `/lead away 2026-12-21 to 2027-01-04`: plan an absence; a manager may name somebody first, as in `/lead away @ben …`
• `/lead settings`: how and how often I tell you that a lead waits
• `/lead policy`: what makes an MQL, and how well it foretells SQLs (admins); try `/lead policy threshold 55`
• Drop a CSV on me in a direct message to import leads
• `/funnel last month by source`: the numbers"""


def register(listening: Listening) -> None:
    listening.command(LEAD_COMMAND, answer)


def answer(desk: Desk, command: Command) -> Reply:
    verb, _, rest = command.text.partition(" ")
    rest = rest.strip()
    match verb.lower():
        case "new":
            desk.gateway.open_view(command.trigger_id, lead_view({}, f'{{"channel": "{command.channel}"}}'))
            return Reply()
        case "mine":
            page = my_page(desk.store, desk.policy, command.user, 0, command.at)
            return Reply("Your leads", mine_blocks(page, command.at))
        case "open":
            page = open_page(desk.store, desk.policy, "", 0, command.at)
            return Reply("Waiting to be claimed", open_blocks(page, ""))
        case "next":
            cards = open_leads(desk.store, desk.policy, command.at, 1)
            return Reply("Next in line", card_list("Next in line", cards, "Nobody waits. Well done."))
        case "find" if rest:
            return _find(desk, rest)
        case "show" if rest:
            return _show(desk, command, rest)
        case "why" if rest:
            return _why(desk, command, rest)
        case "find" | "show" | "why":
            return Reply(f"Say which lead: `/lead {verb} dana@acme.example`.")
        case "policy":
            return _policy(desk, command, rest)
        case "pause":
            return _pause(desk, command, rest)
        case "away":
            return _away(desk, command, rest)
        case "settings":
            desk.gateway.open_view(command.trigger_id, settings_view(preference_of(desk.store, command.user)))
            return Reply()
        case "resume":
            whose, _ = _of_whom(command, rest)
            resume(desk.store, desk.policy, desk.person(command.user, command.team), whose, command.at)
            return Reply(f"Welcome back: leads are given to {_name(command, whose)} again.")
        case "help" | "":
            return Reply("What I can do", [section(HELP)])
    return Reply(
        f"I do not know `/lead {words.escape(verb)}`.",
        [section(f"I do not know `{words.escape(verb)}`.\n{HELP}")],
    )


def _pause(desk: Desk, command: Command, rest: str) -> Reply:
    """Have nothing given to them, until a word of theirs or that moment."""
    if rest.lower() == "resume":
        return answer(desk, replace(command, text="resume"))
    person, (whose, rest) = desk.person(command.user, command.team), _of_whom(command, rest)
    until = read_until(rest, command.at, desk.zone_of(whose))
    pause(desk.store, desk.policy, person, whose, until, command.at)
    who = _name(command, whose)
    told = f"⏸️ Nothing is given to {who} until {words.when(until)}. Back earlier? `/lead resume`"
    return Reply(told + _held(desk, whose))


def _away(desk: Desk, command: Command, rest: str) -> Reply:
    """Plan an absence: from a day to another, both in their zone."""
    person, (whose, rest) = desk.person(command.user, command.team), _of_whom(command, rest)
    begins, _, ends = rest.partition(" to ")
    if not ends:
        return Reply("Say from when to when: `/lead away 2026-12-21 to 2027-01-04`; the second is the day of return.")
    zone = desk.zone_of(whose)
    since, until = (read_until(one, command.at, zone) for one in (begins, ends))
    if until <= since:
        return Reply("The day of return is not after the first day away; write the earlier one first.")
    plan_absence(desk.store, desk.policy, person, whose, since, until, command.at)
    told = f"🏖️ Nothing is given to {_name(command, whose)} from {words.when(since)} to {words.when(until)}."
    return Reply(told + _held(desk, whose))


def _held(desk: Desk, whose: str) -> str:
    """What waits for somebody who goes: its clock stands while they are away, and so may the lead."""
    with desk.store.read() as tx:
        held = tx.duty.holding([whose]).get(whose, 0)
    return f" {words.many(held, 'lead')} without a decision may be handed over meanwhile." if held else ""


def _of_whom(command: Command, rest: str) -> tuple[str, str]:
    """Whose hours are meant, one's own unless somebody is mentioned first, and what is said of them."""
    found = _MENTION.match(rest)
    return (found[1], rest[found.end() :].strip()) if found else (command.user, rest)


def _name(command: Command, whose: str) -> str:
    return "you" if whose == command.user else words.mention(whose)


def _policy(desk: Desk, command: Command, rest: str) -> Reply:
    """Have the policy told, or what another threshold would do; the replay takes seconds, so the answer follows."""
    threshold, per_week = _THRESHOLD.fullmatch(rest), _PER_WEEK.fullmatch(rest)
    if rest and not (threshold or per_week):
        return Reply("Write `/lead policy`, `/lead policy threshold 55`, or `/lead policy 40 a week`.")
    notice = AnswerPolicy(
        click=command.click,
        threshold=float(threshold[1]) if threshold else None,
        per_week=float(per_week[1]) if per_week else None,
        asked_at=command.at,
    )
    ask_policy(desk.store, desk.policy, desk.person(command.user, command.team), notice, command.at)
    return Reply("⏳ I go through the last 90 days; the answer comes in a moment, for you alone.")


def _find(desk: Desk, text: str) -> Reply:
    found = find_leads(desk.store, desk.policy, text, desk.clock(), SHOWN + 1)
    if not found:
        return Reply(f"No lead matches “{words.escape(text)}”; try part of a name, a company or an e-mail address.")
    return Reply(f"Leads like {words.escape(text)}", found_list(text, found, SHOWN))


def _show(desk: Desk, command: Command, text: str) -> Reply:
    dossier = show_lead(desk.store, desk.policy, _plain(text), command.at).as_seen
    if not dossier.cards:
        return _why(desk, command, text)
    history = history_lines(dossier.moves)
    return Reply(words.escape(words.short_name(dossier.lead)), detail_blocks(dossier.cards[0], history))


def _why(desk: Desk, command: Command, text: str) -> Reply:
    dossier = show_lead(desk.store, desk.policy, _plain(text), command.at).as_seen
    cycle = dossier.cards[0].cycle if dossier.cards else None
    name = words.escape(words.short_name(dossier.lead))
    return Reply(name, why_blocks(dossier, cycle))


def _plain(text: str) -> str:
    """An address as it was typed: Slack hands it over as a link, <mailto:x|x>."""
    inner = text.strip("<>").partition("|")[0]
    return inner.removeprefix("mailto:").strip()
