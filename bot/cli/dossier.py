"""A lead, printed for people."""

from bot.cli.output import say
from bot.clock import utc_now
from bot.slack.words import number, reason_line
from funnel.cycle import Cycle, Move
from funnel.dossier import Dossier


def say_dossier(dossier: Dossier) -> None:
    """Who it is, its score with every reason, what would change it, its cycles and its history."""
    _who(dossier)
    _score(dossier)
    for card in dossier.cards:
        _cycle(card.cycle)
    if dossier.moves:
        say("\nHistory")
    for move in dossier.moves:
        say(_move(move))


def _who(dossier: Dossier) -> None:
    one = dossier.lead
    source = f"from {one.source or '(blank)'} since {one.first_seen_at:%Y-%m-%d}"
    say(f"{one.label} (lead {one.id}), {one.stage.label}, {source}")
    for name, value in one.facts.known().items():
        if name != "free_mail":
            say(f"  {name}: {value}")
    for name, value in one.facts.attributes.items():
        say(f"  {name}: {' '.join(str(value).split())}")
    if consent := one.statement:
        words = "opted out" if consent.is_out else "opted in"
        say(f"  consent: {words} on {consent.at:%Y-%m-%d}, by {consent.source or '(blank)'}")
    if dossier.names:
        say(f"  also known as: {', '.join(dossier.names)}")


def _score(dossier: Dossier) -> None:
    score, now = dossier.now, utc_now()
    parts = f"{number(score.fit)} fit + {number(score.behaviour)} behaviour; {score.threshold:g} make an MQL"
    segment = f" of {score.segment}" if score.segment else ""
    say(f"\nScore {number(score.score)} = {parts}{segment} (policy {dossier.policy_version})")
    for reason in score.reasons:
        say(f"  {reason_line(reason, now, str)}")
    open_cycle = next((card.cycle for card in dossier.cards if card.cycle.is_open), None)
    for sentence in dossier.advice if open_cycle else dossier.open_points:
        say(f"  → {sentence}")
    if not dossier.cards:
        say(f"  → It would take the route {dossier.route.name}, to {dossier.route.channel}.")


def _cycle(cycle: Cycle) -> None:
    say(f"\nCycle {cycle.number}: {cycle.stage.label}, MQL on {cycle.mql_at:%Y-%m-%d %H:%M} UTC ({cycle.because})")
    owner = cycle.owner or "nobody"
    say(f"  owner {owner}, route {cycle.route} to {cycle.channel}, policy {cycle.policy_version}")
    for reason in cycle.reasons:
        say(f"  {reason_line(reason, cycle.mql_at, str)}")


def _move(move: Move) -> str:
    why = f" ({move.reason})" if move.reason else ""
    what = f"{move.old.label} → {move.new.label}" if move.old is not move.new else move.new.label
    return f"  {move.at:%Y-%m-%d %H:%M} UTC  {what}, by {move.actor}{why}"
