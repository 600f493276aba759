"""What was handed in over HTTP, and what could not be taken of it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated

import typer

from bot.cli.output import AsJson, fail, say, say_exactly, say_json, say_table, warn
from bot.cli.stores import open_ready_store
from bot.clock import utc_now
from bot.intake.doors import Doors, replay
from bot.settings import load_settings
from bot.slack.words import many
from bot.usecases.keep_body import discard_body, failed_bodies
from bot.wiring import policy_now
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
    intake.command("discard")(discard)


def failed(
    retry: Annotated[bool, typer.Option("--retry", help="Work through them again, as the policy is now.")] = False,
    body_id: Annotated[int | None, typer.Option("--id", help="Only this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what could not be taken, whole or in part, and why."""
    settings = load_settings()
    store = open_ready_store(settings, may_make=False)
    if body_id is not None and not failed_bodies(store, body_id):
        fail(f"Nothing was handed in under {body_id}; see: baton intake failed")
    if retry:
        policy = policy_now(store, settings, utc_now())
        tell = warn if as_json else say
        tried, taken = _retry(Doors(store, lambda: policy, utc_now), _pages(store, body_id), store, tell)
        tell(f"{taken:,} of {tried:,} could be taken now.")
    _list(store, body_id, as_json=as_json, retried=retry)


def _pages(store: Store, body_id: int | None) -> Iterator[list[Body]]:
    """What failed, however much it is; each page is asked for when the one before is worked through."""
    bodies = failed_bodies(store, body_id)
    while bodies:
        yield bodies
        bodies = failed_bodies(store, after=bodies[-1].id) if body_id is None else []


def _retry(doors: Doors, pages: Iterable[list[Body]], store: Store, tell: Callable[[str], None]) -> tuple[int, int]:
    """How many bodies were worked through again, and how many could be taken whole; a part that was is told."""
    tried = taken = 0
    for bodies in pages:
        tried, taken = tried + len(bodies), taken + replay(doors, bodies)
        for body in bodies:
            more, left = _taken_of(body, failed_bodies(store, body.id))
            if more > 0 and left > 0:
                tell(f"Of {body.id}, {many(more, 'more item')} could be taken now; {left:,} could not.")
    return tried, taken


def _taken_of(before: Body, now: Sequence[Body]) -> tuple[int, int]:
    """How many items of a body were taken this time, and how many are left; of a body of one item, none."""
    left = _refused(now[0].reason) if now and now[0].state == "failed" else 0
    return _refused(before.reason) - left, left


def _refused(reason: str) -> int:
    """How many items a reason is about: it names the first few, and counts the others."""
    more = re.search(r"… and (\d+) more$", reason)
    return len(re.findall(r"(?:^| )item \d+: ", reason)) + (int(more[1]) if more else 0)


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
    bodies = failed_bodies(open_ready_store(load_settings(), may_make=False), body_id)
    if not bodies:
        fail(f"Nothing was handed in under {body_id}; see: baton intake failed")
    say_exactly(bodies[0].content)


def discard(body_id: Annotated[int, typer.Argument(metavar="ID", help="From: baton intake failed")]) -> None:
    """Put what failed away: it is listed and tried no more, and forgotten with what was done."""
    if not discard_body(open_ready_store(load_settings(), may_make=False), body_id, utc_now()):
        fail(f"Nothing that failed has the id {body_id}; see: baton intake failed")
    say(f"{body_id} is put away.")


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
