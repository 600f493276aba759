"""What was handed in over HTTP, and what could not be taken of it."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from bot.cli.output import AsJson, fail, say, say_json, say_table, warn
from bot.clock import utc_now
from bot.intake.doors import Doors, replay
from bot.settings import load_settings
from bot.usecases.keep_body import failed_bodies
from bot.wiring import open_ready_store, policy_now
from storage.bodies import Body
from storage.store import Store


def register(app: typer.Typer) -> None:
    intake = typer.Typer(help="What was handed in over HTTP.", no_args_is_help=True)
    app.add_typer(intake, name="intake")

    @intake.callback()
    def _intake() -> None:
        """What was handed in over HTTP, kept for 30 days (90 when it failed)."""

    intake.command("failed")(failed)
    intake.command("show")(show)


def failed(
    retry: Annotated[bool, typer.Option("--retry", help="Work through them again, as the policy is now.")] = False,
    body_id: Annotated[int | None, typer.Option("--id", help="Only this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what could not be taken, whole or in part, and why."""
    settings = load_settings()
    store = open_ready_store(settings)
    if body_id is not None and not failed_bodies(store, body_id):
        fail(f"Nothing was handed in under {body_id}; see: baton intake failed")
    if retry:
        policy = policy_now(store, settings, utc_now())
        tried, taken = _retry(Doors(store, lambda: policy, utc_now), _pages(store, body_id))
        (warn if as_json else say)(f"{taken:,} of {tried:,} could be taken now.")
    _list(store, body_id, as_json=as_json, retried=retry)


def _pages(store: Store, body_id: int | None) -> Iterator[list[Body]]:
    """What failed, however much it is; each page is asked for when the one before is worked through."""
    bodies = failed_bodies(store, body_id)
    while bodies:
        yield bodies
        bodies = failed_bodies(store, after=bodies[-1].id) if body_id is None else []


def _retry(doors: Doors, pages: Iterable[list[Body]]) -> tuple[int, int]:
    """How many bodies were worked through again, and how many of them could be taken whole."""
    tried = taken = 0
    for bodies in pages:
        tried, taken = tried + len(bodies), taken + replay(doors, bodies)
    return tried, taken


def _list(store: Store, body_id: int | None, *, as_json: bool, retried: bool) -> None:
    """Print what failed; what there is no room for is told beside it."""
    bodies = [body for body in failed_bodies(store, body_id) if body.state == "failed" or not retried]
    with store.read() as tx:
        more = tx.bodies.count_failed() - len(bodies) if body_id is None else 0
    if as_json:
        say_json([_as_json(body) for body in bodies])
    elif bodies:
        say_table(["Id", "Received", "Door", "Key", "Why"], [_row(body) for body in bodies])
    elif not retried:
        say("Nothing failed.")
    if more > 0:
        warn(f"… and {more:,} more, which are not listed")


def show(body_id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Print a body as it was handed in. It holds people's data."""
    bodies = failed_bodies(open_ready_store(load_settings()), body_id)
    if not bodies:
        fail(f"Nothing was handed in under {body_id}; see: baton intake failed")
    say(bodies[0].content)


def _row(body: Body) -> tuple[str, ...]:
    return str(body.id), f"{body.received_at:%Y-%m-%d %H:%M} UTC", body.door, body.source, body.reason


def _as_json(body: Body) -> dict[str, object]:
    return {
        "id": body.id,
        "received_at": body.received_at.isoformat(),
        "door": body.door,
        "source": body.source,
        "reason": body.reason,
    }
