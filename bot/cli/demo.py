"""The demo: play with Baton in the browser."""

import signal
import webbrowser
from typing import Annotated

import typer

from bot.cli.output import fail, say


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The page's port; 0 takes any that is free.")] = 8710,
    bot_port: Annotated[int, typer.Option(min=0, max=65535, help="The port of the bot's HTTP doors.")] = 8700,
    lively: Annotated[bool, typer.Option("--lively/--quiet", help="Keep new leads trickling in.")] = True,
    browser: Annotated[bool, typer.Option("--browser", help="Open the page.")] = False,
) -> None:
    """Play with Baton in the browser: a small Slack on this machine, no account, no network, nothing kept."""
    from bot.playground.demo import running_demo  # no other command needs the playground

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    say("Playing three weeks of sample leads ...")
    try:
        with running_demo(port, bot_port, lively=lively) as running:
            say(f"\n  Open {running.page_url}\n")
            say("  Be Ana and claim a lead in #inbound; open a second tab as Ben and try to be faster.")
            say("  Then be Maya and ask: /funnel this month by source\n")
            say(f"  The bot's HTTP doors: {running.bot_url}/docs   key: {running.key}")
            say("  Stop with Ctrl-C; nothing is kept.")
            if browser:
                webbrowser.open(running.page_url)
            running.page.wait()
    except OSError as error:
        fail(f"A port is taken ({error.strerror}); choose others: baton demo --port 0 --bot-port 0")
    except KeyboardInterrupt:
        say("\nStopped.")
