"""API keys."""

from typing import Annotated

import typer

from bot.cli.output import say, warn
from bot.clock import utc_now
from bot.settings import load_settings
from bot.usecases.manage_keys import create_key
from bot.wiring import open_ready_store


def register(app: typer.Typer) -> None:
    keys = typer.Typer(help="Keys for the HTTP doors.", no_args_is_help=True)
    app.add_typer(keys, name="key")

    @keys.callback()
    def _keys() -> None:
        """Keys for the HTTP doors."""

    keys.command("create")(create)


def create(source: Annotated[str, typer.Option(help="Who will use it: a form, a site, a CRM.")]) -> None:
    """Make a key. It is shown this once; only its hash is kept."""
    secret = create_key(open_ready_store(load_settings()), source, utc_now())
    warn("Keep this key safe: it cannot be shown again.")
    say(secret)
