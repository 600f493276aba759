"""Look at leads."""

import sys
from datetime import datetime
from getpass import getuser
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot.cli.dossier import say_dossier
from bot.cli.output import AsJson, fail, say, say_json, say_table, warn
from bot.cli.stores import open_ready_store
from bot.clock import utc_now
from bot.settings import load_settings
from bot.slack.words import number
from bot.usecases.errors import NotFound, SameLead
from bot.usecases.list_scores import Listed, list_scores
from bot.usecases.merge_leads import merge_leads
from bot.usecases.show_lead import dossier_json, show_lead
from bot.wiring import policy_now
from funnel.lead import Lead
from funnel.lifecycle import Stage
from funnel.roles import Person
from storage.store import Store

LISTED = 5
"""Leads that are listed where one was asked for."""


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
    store = open_ready_store(settings, may_make=False)
    _check_one(store, who)
    dossier = show_lead(store, policy_now(store, settings, utc_now()), who, utc_now())
    if as_json:
        return say_json(dossier_json(dossier))
    return say_dossier(dossier)


def _check_one(store: Store, who: str) -> None:
    """Where several leads match, list them: whoever typed a part of a name knows neither address nor id."""
    with store.read() as tx:
        found = tx.leads.find(who, limit=LISTED + 1)
    if len(found) < 2:
        return
    for one in found[:LISTED]:
        warn(_line(one))
    if len(found) > LISTED:
        warn("… and more")
    fail(f"More than one lead matches “{who}”; use the e-mail address or the id: baton lead {found[0].id}")


def merge(
    one: Annotated[str, typer.Argument(metavar="A", help="An e-mail address or an id.")],
    other: Annotated[str, typer.Argument(metavar="B")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether these are the ones.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make one lead of two that are one person: the older id and source stay, and nothing of either is lost."""
    settings = load_settings()
    store = open_ready_store(settings, may_make=False)
    first, second = _known_as(store, one), _known_as(store, other)
    if first.id == second.id:
        raise SameLead
    if not yes:
        _ask(first, second)
    now = utc_now()
    policy = policy_now(store, settings, now)
    operator = Person(id=f"{getuser()} (baton lead merge)", operator=True)
    made = merge_leads(store, policy, operator, first.id, second.id, now)
    if as_json:
        return say_json({"id": made.lead.id, "merged": made.other_id})
    return say(f"Lead {made.other_id} is part of lead {made.lead.id} now ({made.lead.label}).")


def _known_as(store: Store, text: str) -> Lead:
    """The lead meant: a part of a name will do to look at somebody, and not to do what cannot be undone.

    Raises:
        NotFound: with what to type instead.
    """
    with store.read() as tx:
        found = tx.leads.known_as(text)
    if found is None:
        raise NotFound(f"No lead has the id or the e-mail address “{text}”; find its id with: baton lead “{text}”")
    return found


def _ask(first: Lead, second: Lead) -> None:
    """Show who would become one, and go on only when a person says so."""
    for one in (first, second):
        warn(_line(one))
    if not sys.stdin.isatty():
        fail("Merging cannot be undone, and nobody is here to be asked: if these two are one person, add --yes.")
    if not typer.confirm("Make them one? This cannot be undone.", err=True):
        fail("Nothing was changed.")


def _line(one: Lead) -> str:
    """Who this is, on one line."""
    told = (one.label, one.facts.email if one.facts.name else None, one.facts.title, one.facts.company, one.stage.label)
    since = f"from {one.source or '(blank)'} since {one.first_seen_at:%Y-%m-%d}"
    return " ".join(f"Lead {one.id}: {', '.join(filter(None, told))}, {since}".split())


def leads(
    stage: Annotated[Stage | None, typer.Option(help="Only leads at this stage.")] = None,
    source: Annotated[str | None, typer.Option(help="Only leads from this source.")] = None,
    hot: Annotated[bool, typer.Option("--hot", help="Only leads over their threshold now, the hottest first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List leads by their newest activity, with their scores as they are now."""
    settings, now = load_settings(), utc_now()
    store = open_ready_store(settings, may_make=False)
    found = list_scores(store, policy_now(store, settings, now), stage, source, limit, now, hot=hot)
    if as_json:
        return say_json([_as_json(one) for one in found])
    if not found:
        return say("No lead is like that." if hot or stage or source is not None else "There is no lead yet.")
    rows = [_row(one, now) for one in found]
    say_table(["Id", "Who", "Company", "Stage", "Source", "Score", "Active"], rows, right=5)
    if any(one.as_of not in (None, now) for one in found):
        warn("* as it was counted under another policy; to count all anew: baton policy rescore")
    return None


def _row(listed: Listed, now: datetime) -> tuple[str, ...]:
    one = listed.lead
    score = "–" if listed.score is None else number(listed.score)
    mark = "*" if listed.as_of not in (None, now) else ""
    who = (str(one.id), one.label, one.facts.company or "", one.stage.label, one.source or "(blank)")
    return *who, f"{score}{mark}", f"{one.last_activity_at:%Y-%m-%d}"


def _as_json(listed: Listed) -> dict[str, object]:
    """A lead as it is stored, fit and behaviour as of scored_at, and its score as of a moment of its own."""
    as_of = listed.as_of.isoformat() if listed.as_of else None
    lead = listed.lead.model_dump(mode="json") | {"facts": listed.lead.facts._asdict()}
    return lead | {"score": listed.score, "score_as_of": as_of}
