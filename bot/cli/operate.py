"""Serve, migrate, look after: the operator's commands."""

import os
import signal
import socket
import sys
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from bot.cli.jobs import jobs
from bot.cli.logs import log_as_server
from bot.cli.output import AsJson, fail, say, say_json, say_table, warn
from bot.cli.stores import closed_in_the_end, open_ready_store, open_store
from bot.doctor import examine
from bot.serving import Limits, server_config
from bot.settings import load_settings
from bot.slack.trouble import HOLD_UP, refusal_sentence
from bot.wiring import Baton
from storage import migrate as schema


def register(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(migrate)
    app.command()(tick)
    app.command()(jobs)
    app.command()(doctor)
    app.command()(outbox)


def serve() -> None:
    """Serve Slack, the HTTP doors and the clock, until stopped."""
    log_as_server()
    settings = load_settings()
    settings.slack_credentials()
    signal.signal(signal.SIGTERM, _leave)  # uvicorn ends first, then raises it anew
    with _bind(settings.baton_host, settings.baton_port) as address:
        baton = Baton(settings)
        closed_in_the_end(baton.store)
        baton.start()
        mode = "Socket Mode" if settings.slack_app_token else "HTTP, /slack/events"
        warn(
            f"Baton serves on http://{settings.baton_host}:{settings.baton_port} (Slack by {mode}; "
            f"policy {baton.policy().stamp}; zone {settings.baton_timezone})"
        )
        uvicorn.Server(server_config(baton.web, Limits(), log_level="warning")).run(sockets=[address])


def _leave(number: int, _frame: FrameType | None) -> None:
    """Asked to end, a process that ends has done as it was told."""
    del number
    sys.exit(0)


def _bind(host: str, port: int) -> socket.socket:
    """The door itself, before anything is announced."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        fail(f"BATON_PORT: {host}:{port} cannot be used ({why}); set BATON_PORT or BATON_HOST to another.")


def migrate() -> None:
    """Bring the database to the version this program needs."""
    store = open_store(load_settings())
    say("The database is up to date now." if schema.upgrade(store) else "The database was up to date already.")


def tick(as_json: AsJson = False) -> None:
    """Run every due job once, send what is due to Slack, and exit."""
    baton = Baton(load_settings())
    closed_in_the_end(baton.store)
    done = baton.scheduler.run_all()
    sent = baton.dispatcher.drain()
    if baton.gateway.standing.refusal:
        warn(f"{refusal_sentence(baton.gateway.standing.refusal)}.")
    if as_json:
        return say_json({"jobs": done, "sent": sent})
    rows = [(name, "another replica is at it" if count is None else str(count)) for name, count in done.items()]
    rows.append(("sent to Slack", "another process sends" if sent is None else str(sent)))
    return say_table(["Job", "Done"], rows, right=1)


def doctor(as_json: AsJson = False) -> None:
    """Examine the settings, the database, the policy and Slack; exit code 1 when something is wrong."""
    findings = examine()
    if as_json:
        say_json([finding.model_dump() for finding in findings])
    else:
        marks = {"ok": "✓", "warning": "!", "wrong": "✗"}
        for finding in findings:
            say(f"{marks[finding.level]} {finding.topic}: {finding.sentence}")
    if any(finding.level == "wrong" for finding in findings):
        fail("something needs mending, see ✗ above.")


def outbox(
    retry: Annotated[bool, typer.Option("--retry", help="Send again what was given up.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what waits to be told to Slack and what was given up, with the reason."""
    store = open_ready_store(load_settings(), may_make=False)
    if retry:
        with store.begin() as tx:
            count = tx.outbox.retry_failed(tx.now())
        return say(f"{count} given-up {'message' if count == 1 else 'messages'} will be sent again.")
    with store.read() as tx:
        counts, failed, refusal = tx.outbox.count(), tx.outbox.failed(), tx.outbox.held_up(HOLD_UP)
    if as_json:
        told = [letter.model_dump(mode="json") for letter in failed]
        return say_json({"counts": counts, "held_up": refusal and refusal_sentence(refusal), "failed": told})
    say(f"{counts['pending']} waiting, {counts['sending']} being sent, {counts['failed']} given up")
    if refusal:
        say(f"{refusal_sentence(refusal)}.")
    if failed:
        rows = [(str(one.id), one.notice.kind, one.lane, str(one.attempts), one.last_error or "") for one in failed]
        say_table(["Id", "Kind", "To", "Tries", "Reason"], rows)
    return None
