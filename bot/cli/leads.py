"""Look at leads."""

from typing import Annotated

import typer

from bot.cli.output import AsJson, say, say_json, say_table
from bot.clock import utc_now
from bot.settings import load_settings
from bot.slack.words import number, reason_line
from bot.usecases.show_lead import Dossier, dossier_json, show_lead
from bot.wiring import open_ready_store, policy_now
from funnel.lifecycle import Stage


def register(app: typer.Typer) -> None:
    app.command()(lead)
    app.command()(leads)


def lead(who: Annotated[str, typer.Argument(metavar="EMAIL|ID")], as_json: AsJson = False) -> None:
    """Show a lead: who it is, its score with every reason, its cycles and its history."""
    settings = load_settings()
    store = open_ready_store(settings)
    dossier = show_lead(store, policy_now(store, settings), who, utc_now())
    if as_json:
        return say_json(dossier_json(dossier))
    return _print(dossier)


def _print(dossier: Dossier) -> None:
    one, score = dossier.lead, dossier.now
    say(
        f"{one.label} (lead {one.id}), {one.stage.label}, "
        f"from {one.source or '(blank)'} since {one.first_seen_at:%Y-%m-%d}"
    )
    for name, value in one.facts.model_dump(exclude={"attributes"}, exclude_none=True).items():
        say(f"  {name}: {value}")
    say(f"\nScore {number(score.score)} = {number(score.fit)} fit + {number(score.behaviour)} behaviour")
    now = utc_now()
    for reason in score.reasons:
        say(f"  {reason_line(reason, now)}")
    if not dossier.cards:
        for lack in score.lacks:
            say(f"  {lack}")
    for card in dossier.cards:
        cycle = card.cycle
        say(f"\nCycle {cycle.number}: {cycle.stage.label}, MQL on {cycle.mql_at:%Y-%m-%d %H:%M} UTC ({cycle.because})")
        say(f"  owner {cycle.owner or 'nobody'}, route {cycle.route}, policy {cycle.policy_version}")
    if dossier.moves:
        say("\nHistory")
    for move in dossier.moves:
        why = f" ({move.reason})" if move.reason else ""
        say(f"  {move.at:%Y-%m-%d %H:%M} UTC  {move.old.label} → {move.new.label}, by {move.actor}{why}")


def leads(
    stage: Annotated[Stage | None, typer.Option(help="Only leads at this stage.")] = None,
    source: Annotated[str | None, typer.Option(help="Only leads from this source.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List leads by their newest activity."""
    with open_ready_store(load_settings()).read() as tx:
        found = tx.leads.latest(stage, source, limit)
    if as_json:
        return say_json([one.model_dump(mode="json") for one in found])
    rows = [
        (
            str(one.id),
            one.label,
            one.facts.company or "",
            one.stage.label,
            one.source or "(blank)",
            number(one.fit + one.behaviour) if one.scored_at else "–",
            f"{one.last_activity_at:%Y-%m-%d}",
        )
        for one in found
    ]
    return say_table(["Id", "Who", "Company", "Stage", "Source", "Score", "Active"], rows, right=5)
