"""Bodies are kept as they came in before anything is made of them, so that each can be worked through again."""

from datetime import datetime, timedelta

from bot.usecases.manage_keys import Caller
from storage.bodies import Body
from storage.store import Store

LEFT_BEHIND = timedelta(minutes=2)
"""After which a body that nothing was made of is taken up: the process that took it in has died."""


_LEFT_ALONE = 202


def keep_body(
    store: Store,
    who: Caller,
    door: str,
    media_type: str,
    idempotency_key: str | None,
    content: str,
    signed: str | None = None,
) -> Body:
    """Store a body; it is accepted when this returns. `signed` is the key by which a signed one is known again."""
    with store.begin() as tx:
        at = tx.now()  # by which other replicas see whether this one has died over it
        body_id = tx.bodies.keep(who.key_id, door, media_type, idempotency_key, content, at, signed)
    may_all = who.rights.any_source
    return Body(
        body_id,
        who.key_id,
        who.source,
        door,
        media_type,
        idempotency_key,
        content,
        at,
        "received",
        "",
        signed,
        may_all,
    )


def settle_body(
    store: Store, body: Body, reason: str, reply: tuple[str, int, bytes] | None, now: datetime, note: str = ""
) -> None:
    """Note what became of a body: done without a reason, perhaps with a note, failed with one.

    `reply` is (hash of the request, status, body) of the answer to keep for its Idempotency-Key, and for a replay of
    what was signed, unless nothing was made of it (202).
    """
    with store.begin() as tx:
        tx.bodies.settle(body.id, "failed" if reason else "done", reason or note, now)
        if reply:
            request_hash, status, text = reply
            for key in filter(None, (body.idempotency_key, body.signed if status != _LEFT_ALONE else None)):
                tx.keys.keep_reply(body.api_key_id, key, request_hash, status, text.decode(), now)


def discard_body(store: Store, body_id: int, now: datetime) -> bool:
    """Put a body that failed away for good: nothing more is made of it; whether there was one."""
    with store.begin() as tx:
        body = tx.bodies.get(body_id)
        if body is None or body.state != "failed":
            return False
        tx.bodies.settle(body_id, "done", "discarded", now)
    return True


def failed_bodies(store: Store, body_id: int | None = None, after: int = 0) -> list[Body]:
    """The next bodies that failed behind the id `after`, the oldest first, 1,000 of them at most.

    With a `body_id` the one of this id, whatever became of it.
    """
    with store.read() as tx:
        if body_id is None:
            return tx.bodies.failed(after=after)
        found = tx.bodies.get(body_id)
    return [found] if found else []


def bodies_left_behind(store: Store) -> list[Body]:
    """The bodies of processes that died over them."""
    with store.read() as tx:
        ids = tx.bodies.left_behind(tx.now() - LEFT_BEHIND)
        return [body for body_id in ids if (body := tx.bodies.get(body_id))]
