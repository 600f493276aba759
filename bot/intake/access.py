"""Who may hand something in: the key or the signature first, then the size, then the words."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from fastapi import Request
from pydantic_core import from_json
from starlette.requests import ClientDisconnect

from bot.clock import Clock
from bot.intake.problem import Problem
from bot.usecases.errors import BadKey
from bot.usecases.manage_keys import Caller, check_key, signing_keys
from storage.keys import SIGNED_KEY
from storage.store import Store

LARGEST_BODY = 5_000_000
"""Bytes; a thousand leads with plenty of attributes are about one."""

BODY_SECONDS = 10.0
"""In which a whole body must arrive."""

SIGNED, STAMPED = "X-Baton-Signature", "X-Baton-Timestamp"
_SIGNATURES = {SIGNED: STAMPED, "Typeform-Signature": None, "X-Webflow-Signature": "X-Webflow-Timestamp"}
"""The headers in which form tools send an HMAC-SHA256 of the raw body, in hex or base64, with or without “sha256=”.

With each the header of the time of sending, where the tool has one: then “timestamp:body” is signed.
"""
FRESH_FOR = timedelta(minutes=5)
"""How far the time of sending may be from ours."""


class Admitted(NamedTuple):
    """Who sent a request, its body, and what a signed one is known again by: the digest of all that was signed."""

    who: Caller
    body: bytes
    signed: str | None = None


def key_check(store: Store, check_rights: Callable[[Caller], None]) -> Callable[..., Caller]:
    """A dependency that lets through who has a key with these rights; nothing of the request is read before."""

    def check(request: Request) -> Caller:
        authorization = request.headers.get("authorization")
        if authorization is None:
            raise Problem(401, "Send your key in the header “Authorization: Bearer KEY”.")
        who = _bearer(store, authorization)
        check_rights(who)
        return who

    return check


def _bearer(store: Store, authorization: str) -> Caller:
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise Problem(401, "Send your key in the header “Authorization: Bearer KEY”.")
    try:
        return check_key(store, secret.strip())
    except BadKey as error:
        raise Problem(401, error.sentence) from error


def admission(store: Store, clock: Clock) -> Callable[..., Awaitable[Admitted]]:
    """A dependency that lets through who has a key or signed the body; nothing is parsed before."""

    async def admit(request: Request) -> Admitted:
        authorization = request.headers.get("authorization")
        if authorization is not None:
            return Admitted(_bearer(store, authorization), await read_body(request))
        if not any(name in request.headers for name in _SIGNATURES):
            raise Problem(401, f"Send your key in the header “Authorization: Bearer KEY”, or a signature in {SIGNED}.")
        body = await read_body(request)
        signed = _what_is_signed(request.headers, body)
        who = signer(store, request.headers, signed)
        _check_fresh(request.headers, clock())
        return Admitted(who, body, f"{SIGNED_KEY}{hashlib.sha256(signed).hexdigest()}")

    return admit


def signer(store: Store, headers: Mapping[str, str], signed: bytes) -> Caller:
    """Whose signing key signed this."""
    name = _signature_header(headers)
    given = _digest(headers[name])
    for who, secret in signing_keys(store):
        if hmac.compare_digest(hmac.new(secret.encode(), signed, hashlib.sha256).digest(), given):
            return who
    raise Problem(401, f"{name} fits no signing key; make one with `baton key create --signing --source NAME`.")


def _signature_header(headers: Mapping[str, str]) -> str:
    return next(name for name in _SIGNATURES if name in headers)


def _timestamp(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """The header with the time of sending, and what it says; None when the signature covers none."""
    signature = _signature_header(headers)
    name = _SIGNATURES[signature]
    if name is None or (signature == SIGNED and name not in headers):
        return None
    return name, headers.get(name, "")


def _what_is_signed(headers: Mapping[str, str], body: bytes) -> bytes:
    stamp = _timestamp(headers)
    return stamp[1].encode() + b":" + body if stamp else body


def _check_fresh(headers: Mapping[str, str], now: datetime) -> None:
    """Refuse what was signed too long ago, or for later: somebody may have kept it to send it again."""
    stamp = _timestamp(headers)
    if stamp is None:
        return
    name, text = stamp
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 15 else 0
    at = number / 1000 if number > LATEST_SECOND else number
    if abs(now.timestamp() - at) > FRESH_FOR.total_seconds():
        sentence = "is no time within five minutes of now; send the seconds since 1970, and sign when you send"
        raise Problem(401, f"{name} {sentence}.")


LATEST_SECOND = 10**11
"""Whatever is later counts milliseconds, as Webflow does."""


def _digest(text: str) -> bytes:
    """The bytes of a signature in hex or base64; none when it is neither."""
    text = text.strip().removeprefix("sha256=")
    try:
        return bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except ValueError:
        return b""


async def read_body(request: Request) -> bytes:
    """The body, unless it is too large or takes too long."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read_chunks(request)
    except TimeoutError as error:
        raise Problem(408, f"The body did not arrive within {BODY_SECONDS:g} seconds; send it again.") from error
    except ClientDisconnect as error:
        raise Problem(400, "The connection ended before the body.") from error


async def _read_chunks(request: Request) -> bytes:
    size, chunks = 0, []
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise Problem(413, f"The body is larger than {LARGEST_BODY:,} bytes; send it in parts.")
        chunks.append(chunk)
    return b"".join(chunks)


def read_json(body: bytes | str) -> Any:
    """The JSON of a body, with none of the values that only Python knows."""
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Problem(400, f"The body is not JSON: {error}.") from error
