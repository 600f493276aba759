"""The command line: `baton`."""

import logging
import sys

import typer

from bot.cli import demo, funnel, importing, keys, leads, operate, policy
from bot.cli.output import fail
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
for part in (operate, demo, importing, leads, funnel, policy, keys):
    part.register(app)


def main() -> None:
    """Run a command. Exit code 0: done; 1: refused, with a sentence on stderr; 2: wrong usage."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
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
