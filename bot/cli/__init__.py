"""The command line: `baton`."""

import io
import sys
from importlib import metadata
from typing import Annotated

import typer

from bot.cli import demo, funnel, importing, intake, keys, leads, operate, policy
from bot.cli.logs import set_up_logging
from bot.cli.output import fail, say
from bot.cli.stores import closing_stores
from bot.settings import BadSetting
from bot.slack.gateway import SlackTrouble
from funnel.errors import FunnelError
from storage.errors import StorageError, Unreachable

app = typer.Typer(
    name="baton",
    help="A sales assistant for Slack: leads are posted, claimed, qualified and counted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def _baton(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        say(f"baton {metadata.version('baton')}")
        raise typer.Exit


for part in (operate, demo, importing, intake, leads, funnel, policy, keys):
    part.register(app)


def main() -> None:
    """Run a command. Exit code 0: done; 1: refused, with a sentence on stderr; 2: wrong usage."""
    set_up_logging()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # in a pipe too, a line is read when it is said
    try:
        with closing_stores():
            app()
    except FunnelError as error:
        fail(error.sentence)
    except Unreachable as error:
        fail(f"The database cannot be reached ({error}); check DATABASE_URL.")
    except (BadSetting, StorageError) as error:
        fail(str(error))
    except SlackTrouble as error:
        fail(f"Slack did not do it: {error.code}.")
    except UnicodeEncodeError:
        fail("An argument is not UTF-8.")
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
