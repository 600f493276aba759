"""What was handed in over HTTP, and what could not be taken of it."""

from typing import Annotated

import typer

from bot.cli.output import AsJson, fail, say, say_json, say_table
from bot.clock import utc_now
from bot.intake.doors import Doors, replay
from bot.settings import load_settings
from bot.usecases.keep_body import failed_bodies
from bot.wiring import open_ready_store, policy_now
from storage.bodies import Body


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
    bodies = failed_bodies(store, body_id)
    if body_id is not None and not bodies:
        fail(f"Nothing was handed in under {body_id}; see: baton intake failed")
    if retry:
        policy = policy_now(store, settings, utc_now())
        taken = replay(Doors(store, lambda: policy, utc_now), bodies)
        left = failed_bodies(store, body_id)
        say(f"{taken} of {len(bodies)} could be taken now.")
        bodies = [body for body in left if body.state == "failed"]
        if not bodies:
            return None
    if as_json:
        return say_json([_as_json(body) for body in bodies])
    if not bodies:
        return say("Nothing failed.")
    return say_table(["Id", "Received", "Door", "Key", "Why"], [_row(body) for body in bodies])


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
