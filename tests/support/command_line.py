"""The command line, run in the process of the tests: what a person would type, and what they would read."""

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from bot.cli import main

PATH = os.environ.get("PATH", "/usr/bin:/bin")


class CommandResult(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


class Terminal(io.StringIO):
    """A keyboard with somebody at it, who has typed this."""

    def isatty(self) -> bool:
        return True


def baton(here: Path, *words: str, typed: str | None = None, **settings: str) -> CommandResult:
    """Run a command in a folder, with these settings alone; `typed` is what somebody at a terminal answers."""
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with _as_a_process(here, words, typed, settings), redirect_stdout(stdout), redirect_stderr(stderr):
        returncode = _exit_code()
    result = CommandResult(returncode, _text(stdout), _text(stderr))
    assert "Traceback" not in result.stderr
    return result


def _exit_code() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode()  # type: ignore[attr-defined]


@contextmanager
def _as_a_process(here: Path, words: tuple[str, ...], typed: str | None, settings: dict[str, str]) -> Iterator[None]:
    """The folder, arguments, environment, keyboard and logging that a process of its own would have."""
    environment = {"PATH": PATH, "HOME": str(here)} | settings
    keyboard = io.StringIO() if typed is None else Terminal(typed)
    before, root = Path.cwd(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    os.chdir(here)
    root.handlers[:] = []
    try:
        with (
            patch.dict(os.environ, environment, clear=True),
            patch.object(sys, "argv", ["baton", *words]),
            patch.object(sys, "stdin", keyboard),
        ):
            yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        os.chdir(before)
