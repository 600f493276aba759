"""From the command to the first good answer of /readyz, and the memory that is held then."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.measure import Line
from bot.clock import utc_now
from bot.playground.fake_slack import FakeSlack
from bot.playground.serving import BackgroundServer
from bot.playground.workspace import User
from tests.support.databases import Databases

PORT = "8791"


def run(databases: Databases) -> Iterator[Line]:
    """A start on each database, against importing the libraries alone."""
    slack = FakeSlack(utc_now, [User("UANA", "Ana")], ["inbound"], "xoxb-bench")
    server = BackgroundServer(slack.web)
    server.start()
    libraries = "import alembic, apscheduler, fastapi, slack_bolt, sqlmodel, uvicorn"
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", libraries], check=True)
    limit = time.perf_counter() - started
    for kind in ("sqlite", "postgresql"):
        seconds, megabytes = _start(databases.fresh(kind), server.url)
        goal = f"within 1.5 s here; {megabytes:.0f} MB held, below 110"
        yield Line("start, until ready", kind, f"{seconds:.2f} s", f"{limit:.2f} s", seconds / limit, goal)
    server.stop()


def _start(url: str, slack_url: str) -> tuple[float, float]:
    settings = {
        "DATABASE_URL": url,
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": "s",
        "SLACK_API_URL": f"{slack_url}/api/",
        "BATON_PORT": PORT,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    with tempfile.TemporaryDirectory() as here:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"], cwd=here, env=settings, stderr=subprocess.DEVNULL
        )
        try:
            _wait()
            seconds = time.perf_counter() - started
            status = Path(f"/proc/{process.pid}/status").read_text()
        finally:
            process.terminate()
            process.wait()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return seconds, int(resident.split()[1]) / 1024


def _wait() -> None:
    for _ in range(1000):
        try:
            if httpx.get(f"http://127.0.0.1:{PORT}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.01)
    raise TimeoutError("the server was never ready")
