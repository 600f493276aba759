"""The command as its users start it: what only a process of its own can show."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-m", "bot"]


def run(here: Path, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(here), "PYTHONPATH": str(ROOT)}
    piped: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    return subprocess.run([*COMMAND, *words], cwd=here, env=environment, text=True, check=False, **piped | options)


@pytest.fixture
def stocked(tmp_path: Path) -> Path:
    """A folder with a database of two leads."""
    (tmp_path / "leads.csv").write_text("email,name\na@a.example,Ann\nb@b.example,Bo\n")
    done = run(tmp_path, "import", "leads.csv", "--source", "fair")
    assert (done.returncode, done.stdout) == (0, "2 rows read: 2 new leads, 0 known already, 0 refused.\n")
    return tmp_path


def test_somebody_at_a_terminal_is_asked_before_two_leads_become_one(stocked: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, b"y\n")
        done = run(stocked, "lead", "merge", "1", "2", stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)
    assert "Make them one? This cannot be undone. [y/N]" in done.stderr
    assert (done.returncode, done.stdout.strip()) == (0, "Lead 2 is part of lead 1 now (Ann).")


def test_a_reader_who_leaves_early_is_no_error(stocked: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(stocked, "leads", stdout=writing)
    finally:
        os.close(writing)
    assert done.stderr == ""
