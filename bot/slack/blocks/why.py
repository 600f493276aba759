"""Why a lead is, or is not, an MQL."""

from bot.slack import words
from bot.slack.words import Block
from funnel.cycle import Cycle
from funnel.dossier import Dossier
from funnel.routing import Handover
from funnel.scoring import Reason


def why_blocks(dossier: Dossier, cycle: Cycle | None) -> list[Block]:
    """The score with every reason, as it was when the lead became an MQL and as it is now; what would change it."""
    score = dossier.now
    blocks = [words.section(words.person_line(dossier.lead))]
    if cycle:
        head = (
            f"*MQL {words.when(cycle.mql_at)}* with {words.number(cycle.score)} points: {words.escape(cycle.because)}"
        )
        blocks.append(_reasons(head, cycle.reasons))
        blocks.append(words.context(f"Policy then {words.escape(cycle.policy_version)} · {_taken(cycle)}"))
        if chosen := [one for one in dossier.handovers if one.considered]:
            blocks.append(_choice(chosen[-1]))
    parts = f"{words.number(score.fit)} fit, {words.number(score.behaviour)} behaviour; {score.threshold:g} make an MQL"
    blocks.append(_reasons(f"*Now: {words.number(score.score)} points* ({parts})", score.reasons))
    if cycle and cycle.is_open:
        blocks.append(_sentences("What would change it", dossier.advice))
    elif dossier.open_points:
        blocks.append(_sentences("What is missing for an MQL", dossier.open_points))
    blocks.append(words.context(f"Policy now {words.escape(dossier.policy_version)}{'' if cycle else _would(dossier)}"))
    return blocks


def _taken(cycle: Cycle) -> str:
    return f"Route {words.escape(cycle.route)}, {words.escape(cycle.channel)}"


_SHOWN = 12


def _choice(made: Handover) -> Block:
    """Who could have been given the lead, who was, and why not the others."""
    owner = f"{words.mention(made.new_owner)} by {made.how}" if made.new_owner else "nobody: open to all"
    others = [one for one in made.considered if one.why_not]
    lines = [f"*Given to {owner}*, {words.when(made.at)}"]
    lines += [f"• not {words.mention(one.user)}: {words.escape(one.why_not)}" for one in others[:_SHOWN]]
    if len(others) > _SHOWN:
        lines.append(f"• and {len(others) - _SHOWN} more")
    return words.section("\n".join(lines))


def _would(dossier: Dossier) -> str:
    return f" · It would take the route {words.escape(dossier.route.name)}, {words.escape(dossier.route.channel)}"


def _sentences(head: str, sentences: list[str]) -> Block:
    lines = "\n".join(f"• {words.escape(one)}" for one in sentences)
    return words.section(f"*{head}*\n{lines}")


def _reasons(head: str, reasons: list[Reason]) -> Block:
    return words.section("\n".join([head, *(f"• {words.reason_line(reason)}" for reason in reasons)]))
