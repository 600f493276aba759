"""Who may hand something in: the key or the signature first, then the size, then the words."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import Request
from pydantic_core import from_json
from starlette.requests import ClientDisconnect

from bot.intake.problem import Problem
from bot.usecases.errors import BadKey
from bot.usecases.manage_keys import Caller, check_key, signing_keys
from storage.store import Store

LARGEST_BODY = 5_000_000
"""Bytes; a thousand leads with plenty of attributes are about one."""

BODY_SECONDS = 10.0
"""In which a whole body must arrive."""

SIGNED = "X-Baton-Signature"
_TIMED = "X-Webflow-Timestamp"
_SIGNATURES = (SIGNED, "Typeform-Signature", "X-Webflow-Signature")
"""The headers in which form tools send an HMAC-SHA256 of the raw body, in hex or base64, with or without “sha256=”.

Webflow's is of “timestamp:body”.
"""


def key_check(store: Store) -> Callable[..., Caller]:
    """A dependency that lets through who has a key; nothing of the request is read before."""

    def check(request: Request) -> Caller:
        authorization = request.headers.get("authorization")
        if authorization is None:
            raise Problem(401, "Send your key in the header “Authorization: Bearer KEY”.")
        return _bearer(store, authorization)

    return check


def _bearer(store: Store, authorization: str) -> Caller:
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise Problem(401, "Send your key in the header “Authorization: Bearer KEY”.")
    try:
        return check_key(store, secret.strip())
    except BadKey as error:
        raise Problem(401, error.sentence) from error


Admitted = tuple[Caller, bytes]
"""Who sent a request, and its body."""


def admission(store: Store) -> Callable[..., Awaitable[Admitted]]:
    """A dependency that lets through who has a key or signed the body; nothing is parsed before."""

    async def admit(request: Request) -> Admitted:
        authorization = request.headers.get("authorization")
        if authorization is not None:
            return _bearer(store, authorization), await read_body(request)
        if not any(name in request.headers for name in _SIGNATURES):
            raise Problem(401, f"Send your key in the header “Authorization: Bearer KEY”, or a signature in {SIGNED}.")
        body = await read_body(request)
        return signer(store, request.headers, body), body

    return admit


def signer(store: Store, headers: Mapping[str, str], body: bytes) -> Caller:
    """Whose signing key signed a body."""
    name = next(name for name in _SIGNATURES if name in headers)
    signed = headers.get(_TIMED, "").encode() + b":" + body if name == "X-Webflow-Signature" else body
    given = _digest(headers[name])
    for who, secret in signing_keys(store):
        if hmac.compare_digest(hmac.new(secret.encode(), signed, hashlib.sha256).digest(), given):
            return who
    raise Problem(401, f"{name} fits no signing key; make one with `baton key create --signing --source NAME`.")


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
