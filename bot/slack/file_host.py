"""Where Slack keeps the bytes of files. The token is shown to Slack's own hosts and to no other."""

import time

import httpx

from bot.slack.trouble import LOGIN_PAGE, NOT_FOUND, NOT_SLACKS, TOO_LARGE, SlackTrouble

PATIENCE = 60.0
"""Seconds until a whole file must be here."""


def fetch(url: str, token: str, api_url: str, timeout: float, largest: int) -> bytes:
    """The bytes of a file, at most `largest`; `timeout` is in seconds, for each step.

    Raises:
        SlackTrouble: with a code that `why_no_file` explains, or what Slack or the network did.
    """
    check_host(url, api_url)
    headers = {"Authorization": f"Bearer {token}"}
    # A proxy of the environment is for the world outside, not for this machine.
    outside = url.startswith("https:")
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=False, trust_env=outside) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            _check(response)
            return _read(response, largest)
    except httpx.RequestError as error:
        raise SlackTrouble(f"unreachable: {type(error).__name__}", passing=True) from error


def check_host(url: str, api_url: str) -> None:
    """Let addresses pass that are Slack's: over https at slack.com, or at the host of its API.

    Raises:
        SlackTrouble: NOT_SLACKS.
    """
    try:
        asked, api = httpx.URL(url), httpx.URL(api_url)
    except httpx.InvalidURL as error:
        raise SlackTrouble(NOT_SLACKS, passing=False) from error
    if asked.userinfo or "\\" in url or not url.isascii() or not url.isprintable():
        raise SlackTrouble(NOT_SLACKS, passing=False)  # another program could read another host out of it
    home = f".{asked.host}"
    is_slacks = (asked.scheme, asked.port) == ("https", None) and home.endswith(".slack.com")
    is_the_apis = (asked.scheme, asked.port) == (api.scheme, api.port) and home.endswith(f".{api.host}")
    if not (is_slacks or is_the_apis):
        raise SlackTrouble(NOT_SLACKS, passing=False)


def _check(response: httpx.Response) -> None:
    """Let an answer pass that is a file."""
    status = response.status_code
    if status == 429:
        wait = response.headers.get("retry-after", "")
        raise SlackTrouble("ratelimited", passing=True, retry_after=float(wait) if wait.isdecimal() else 1.0)
    if status in {404, 410}:
        raise SlackTrouble(NOT_FOUND, passing=False)
    if response.is_redirect or (status == 200 and response.headers.get("content-type", "").startswith("text/html")):
        raise SlackTrouble(LOGIN_PAGE, passing=False)
    if status != 200:
        raise SlackTrouble(f"http_{status}", passing=status >= 500)


def _read(response: httpx.Response, largest: int) -> bytes:
    """The bytes as they come, as long as they are not too many and not too slow."""
    deadline = time.monotonic() + PATIENCE
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > largest:
            raise SlackTrouble(TOO_LARGE, passing=False)
        if time.monotonic() > deadline:
            raise SlackTrouble("too_slow", passing=True)
    return bytes(content)
