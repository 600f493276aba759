"""The policy."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.output import fail, say, warn
from bot.policy_file import example_path, load_policy, policy_path
from bot.settings import load_settings
from funnel.errors import PolicyError


def register(app: typer.Typer) -> None:
    policies = typer.Typer(help="When a lead is an MQL, where it goes, what makes an SQL.", no_args_is_help=True)
    app.add_typer(policies, name="policy")
    policies.command("check")(check)
    policies.command("show")(show)


File = Annotated[Path | None, typer.Argument(help="A policy file; without it the one in force.")]


def check(file: File = None) -> None:
    """Say whether a policy can be used, and every mistake in it."""
    settings = load_settings()
    path = file or policy_path(settings.baton_policy)
    try:
        policy = load_policy(path, settings.baton_admins)
    except PolicyError as error:
        for mistake in error.mistakes[:-1]:
            warn(f"baton: {mistake.sentence}")
        fail(error.mistakes[-1].sentence)
    rules = len(policy.fit) + len(policy.behaviour)
    if file is None and path == example_path():
        warn("There is no policy.toml here: the example that comes with Baton is in force.")
    say(f"{path.name} is fine: version {policy.stamp}, {rules} scoring rules, {len(policy.route)} routes.")


def show(file: File = None) -> None:
    """Print the policy in force."""
    settings = load_settings()
    say(load_policy(file or policy_path(settings.baton_policy), settings.baton_admins).text)
