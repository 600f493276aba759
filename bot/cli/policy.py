"""The policy: whether it can be used, what it says, what it would have done, and putting it in force."""

from datetime import timedelta
from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.output import AsJson, fail, progress_bar, say, say_json, say_table, warn
from bot.cli.stores import open_ready_store
from bot.clock import utc_now
from bot.policy_file import example_path, load_policy, placed, policy_path
from bot.policy_remarks import policy_remarks
from bot.settings import Settings, load_settings
from bot.slack.blocks.backtest import (
    CAVEATS,
    CHOICE_HEAD,
    choice_cells,
    period_text,
    sentences,
    share_text,
    table_note,
)
from bot.usecases.backtest_policy import backtest_policy
from bot.usecases.change_policy import put_in_force
from bot.usecases.rescore_leads import rescore_leads
from bot.wiring import NoDatabase, policy_now, settings_policy
from funnel.backtest import Backtest
from funnel.errors import PolicyError
from funnel.policy import Policy
from funnel.sayings import policy_sections


def register(app: typer.Typer) -> None:
    policies = typer.Typer(help="When a lead is an MQL, where it goes, what makes an SQL.", no_args_is_help=True)
    app.add_typer(policies, name="policy")
    for command in (check, show, backtest, load, history, rescore):
        policies.command(command.__name__)(command)


LOADED = "baton policy load"

File = Annotated[Path | None, typer.Argument(metavar="[FILE.toml]", help="Without it the policy in force.")]
OurFile = Annotated[
    Path | None, typer.Argument(metavar="[FILE.toml]", help="Without it the file of BATON_POLICY, or policy.toml here.")
]
NewFile = Annotated[Path, typer.Argument(metavar="NEW.toml")]


def check(file: OurFile = None) -> None:
    """Say whether a policy can be used, and every mistake in it with its line."""
    settings = load_settings()
    path = file or policy_path(settings.baton_policy)
    policy = _readable(path, settings)
    for remark in policy_remarks(policy):
        warn(placed(remark, policy.text, path.name).sentence)
    rules = len(policy.fit) + len(policy.behaviour)
    if file is None and path == example_path():
        warn("There is no policy.toml here, so this is the example that comes with Baton.")
    say(f"{path.name} is fine: version {policy.stamp}, {rules} scoring rules, {len(policy.route)} routes.")


def _readable(path: Path, settings: Settings) -> Policy:
    """The policy of a file; every mistake is told before the refusal."""
    try:
        return load_policy(path, settings.baton_admins)
    except PolicyError as error:
        for mistake in error.mistakes[:-1]:
            warn(f"baton: {mistake.sentence}")
        fail(error.mistakes[-1].sentence)


def show(
    file: File = None,
    toml: Annotated[bool, typer.Option("--toml", help="Print the file's text.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a policy as sentences."""
    settings = load_settings()
    policy = load_policy(file, settings.baton_admins) if file else _in_force(settings)
    if toml:
        return say(policy.text)
    if as_json:
        return say_json(policy.model_dump(mode="json") | {"stamp": policy.stamp})
    say(f"Policy {policy.stamp}")
    for heading, lines in policy_sections(policy):
        say(f"\n{heading}")
        for line in lines:
            say(f"  {line}")
    return None


def _in_force(settings: Settings) -> Policy:
    """The policy in force; where there is no database yet, the one that would be."""
    try:
        store = open_ready_store(settings, may_make=False)
    except NoDatabase:
        return settings_policy(settings)
    return policy_now(store, settings, utc_now())


def backtest(
    file: NewFile,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back to look.")] = 90,
    per_week: Annotated[float | None, typer.Option(min=0.0, help="MQLs a week wished for: find the threshold.")] = None,
    as_json: AsJson = False,
) -> None:
    """Hold a new policy against the stored history: which leads it would have made MQLs, and what became of them."""
    settings = load_settings()
    new, store, now = _readable(file, settings), open_ready_store(settings, may_make=False), utc_now()
    old = policy_now(store, settings, now)
    with progress_bar("Replaying") as progress:
        found = backtest_policy(store, new, old, now - timedelta(days=days), now, per_week, progress)
    if as_json:
        return say_json(found.model_dump(mode="json"))
    return _print(found)


def _print(found: Backtest) -> None:
    say(f"Policy {found.new_version} over the history, {period_text(found)}\n")
    for sentence in sentences(found):
        say(sentence)
    say("\nHow many became SQLs, by their score on the day they became MQLs")
    rows = [(f"{band.low:g} to {band.high:g}", share_text(band.sql)) for band in found.bands]
    say_table(["Score", "SQLs"], rows or [("–", "nobody decided on any cycle of these days")])
    say("\nOther thresholds")
    say_table(CHOICE_HEAD, [choice_cells(choice) for choice in found.choices], right=0)
    for remark in filter(None, (table_note(found), CAVEATS)):
        say(f"\n{remark}")


def load(
    file: NewFile,
    author: Annotated[str | None, typer.Option(help="Who puts it in force; you, unless said otherwise.")] = None,
) -> None:
    """Put a policy in force, for every replica, without a restart."""
    settings = load_settings()
    policy = _readable(file, settings)
    store, now = open_ready_store(settings), utc_now()
    put_in_force(store, policy, f"{author or getuser()} ({LOADED} {file.name})", now)
    say(f"Policy {policy.stamp} is in force; whoever serves follows within seconds and scores all leads anew.")
    if file.resolve() != policy_path(settings.baton_policy).resolve():
        warn(f"Copy {file.name} to {policy_path(settings.baton_policy)} too: a file that changes later wins.")


def history(as_json: AsJson = False) -> None:
    """List the policies that were in force: when, by whom, and by which file."""
    with open_ready_store(load_settings(), may_make=False).read() as tx:
        changes = tx.policies.changes(100)
    if as_json:
        return say_json(
            [
                {"policy": one.stamp, "author": who, "by": how, "at": one.at.isoformat()}
                for one in changes
                for who, how in [_author(one.author)]
            ]
        )
    rows = [(f"{one.at:%Y-%m-%d %H:%M} UTC", one.stamp, *_author(one.author)) for one in changes]
    return say_table(["Since", "Policy", "Who", "By"], rows)


def _author(told: str) -> tuple[str, str]:
    """Who put a policy in force, and by what: a command, or a file that they changed (whose owner they are)."""
    who, _, command = told.removesuffix(")").partition(f" ({LOADED} ")
    if command:
        return who, f"{LOADED} {command}"
    who, _, file = told.rpartition(", ")
    return (who, f"a change of {file}") if who else (told, "")


def rescore() -> None:
    """Score all leads under the policy in force, here and now; a server does it by itself."""
    settings = load_settings()
    store = open_ready_store(settings, may_make=False)
    policy = policy_now(store, settings, utc_now())
    with progress_bar("Scoring") as progress:
        count = rescore_leads(store, policy, utc_now, lambda at: progress(at.scored, at.total) is None)
    say(f"{count:,} leads scored under policy {policy.stamp}{'' if count else '; all were already'}.")
