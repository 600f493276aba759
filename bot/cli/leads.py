"""Look at leads."""

from getpass import getuser
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot.cli.dossier import say_dossier
from bot.cli.output import AsJson, say, say_json, say_table
from bot.clock import utc_now
from bot.settings import load_settings
from bot.slack.words import number
from bot.usecases.merge_leads import merge_leads
from bot.usecases.show_lead import dossier_json, show_lead
from bot.wiring import open_ready_store, policy_now
from funnel.lifecycle import Stage


def register(app: typer.Typer) -> None:
    one = typer.Typer(cls=ShowByDefault, no_args_is_help=True, help="Show a lead, or merge two: baton lead EMAIL|ID")
    one.command("show")(lead)
    one.command("merge")(merge)
    app.add_typer(one, name="lead")
    app.command()(leads)


class ShowByDefault(TyperGroup):
    """A group of commands in which whatever is no command's name is a lead to be shown."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Read the arguments as those of `show`, unless they name a command or ask for help."""
        if args and args[0] not in (*self.commands, "--help"):
            args = ["show", *args]
        return super().parse_args(ctx, args)


def lead(who: Annotated[str, typer.Argument(metavar="EMAIL|ID")], as_json: AsJson = False) -> None:
    """Show a lead: who it is, its score with every reason, its cycles and its history."""
    settings = load_settings()
    store = open_ready_store(settings)
    dossier = show_lead(store, policy_now(store, settings, utc_now()), who, utc_now())
    if as_json:
        return say_json(dossier_json(dossier))
    return say_dossier(dossier)


def merge(
    one: Annotated[str, typer.Argument(metavar="A", help="An e-mail address or an id.")],
    other: Annotated[str, typer.Argument(metavar="B")],
    as_json: AsJson = False,
) -> None:
    """Make one lead of two that are one person: the older id and source stay, and nothing of either is lost."""
    settings = load_settings()
    store = open_ready_store(settings)
    policy, now = policy_now(store, settings, utc_now()), utc_now()
    first, second = (show_lead(store, policy, who, now).lead.id for who in (one, other))
    made = merge_leads(store, policy, first, second, f"{getuser()} (baton lead merge)", now)
    if as_json:
        return say_json({"id": made.lead.id, "merged": made.other_id})
    return say(f"Lead {made.other_id} is part of lead {made.lead.id} now ({made.lead.label}).")


def leads(
    stage: Annotated[Stage | None, typer.Option(help="Only leads at this stage.")] = None,
    source: Annotated[str | None, typer.Option(help="Only leads from this source.")] = None,
    hot: Annotated[bool, typer.Option("--hot", help="Only leads over their threshold now, the hottest first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List leads by their newest activity."""
    with open_ready_store(load_settings()).read() as tx:
        found = tx.scores.hot(utc_now(), limit) if hot else tx.leads.latest(stage, source, limit)
    if hot:
        found = [one for one in found if (not stage or one.stage is stage) and (source is None or one.source == source)]
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
