"""A committed claim click over signed HTTP, against a Bolt app that does nothing."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from threading import Barrier, local
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from benchmarks.click_server import PEOPLE
from benchmarks.measure import Line, in_ms, percentile
from bot.clock import utc_now
from bot.policy_file import example_path, load_policy
from bot.usecases.announce_mqls import announce_mqls
from bot.usecases.draft import EngagementIn, LeadIn, to_draft, to_seen
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import record_engagements
from storage.engine import open_engine
from storage.store import Store
from tests.support.databases import Databases
from tests.support.world import SECRET

LEADS = 1500
_signer = SignatureVerifier(SECRET)
_here = local()


def stock(url: str, leads: int) -> None:
    """Fill a database with MQLs that wait to be claimed."""
    store, policy, now = Store(open_engine(url)), load_policy(example_path(), []), utc_now()
    drafts = [to_draft(LeadIn(source="web", email=f"p{n}@c{n}.example", name=f"P {n}"), now) for n in range(leads)]
    received = receive_leads(store, policy, drafts, now, "bench")
    seen = [to_seen(EngagementIn(lead_id=one.lead_id, kind="demo_request"), now) for one in received]
    record_engagements(store, policy, seen, "bench", now)
    announce_mqls(store, policy, now)
    store.close()


@contextmanager
def serving(kind: str, url: str) -> Iterator[int]:
    """A server in a process of its own; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.click_server", kind, url, str(port)])
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 0.1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def request_for(cycle_id: int, user: str) -> tuple[bytes, dict[str, str]]:
    """A signed click on the Claim button of a card."""
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": user, "team_id": "T1"},
        "api_app_id": "A1",
        "trigger_id": f"{cycle_id}.x",
        "channel": {"id": "C1", "name": "inbound"},
        "container": {"type": "message", "message_ts": "1.0", "channel_id": "C1", "is_ephemeral": False},
        "message": {"ts": "1.0", "text": "New MQL"},
        "response_url": "http://127.0.0.1:9/r",
        "actions": [{"type": "button", "action_id": "claim", "block_id": f"card:{cycle_id}", "value": str(cycle_id)}],
    }
    body, stamp = urlencode({"payload": json.dumps(payload)}), str(int(time.time()))
    signature = _signer.generate_signature(timestamp=stamp, body=body) or ""
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature,
    }
    return body.encode(), headers


def click(port: int, body: bytes, headers: dict[str, str]) -> float:
    """Send a click over a connection of this thread; seconds until it was acknowledged."""
    connections = _here.__dict__.setdefault("connections", {})
    connection = connections.get(port)
    if connection is None:
        connection = connections[port] = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    started = time.perf_counter()
    connection.request("POST", "/slack/events", body, headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
    return time.perf_counter() - started


def at_rest(port: int, cycles: Iterator[int]) -> list[float]:
    """Clicks one after the other."""
    return [click(port, *request_for(next(cycles), PEOPLE[n % 100])) for n in range(300)][50:]


def at_a_hundred_a_second(port: int, cycles: Iterator[int]) -> list[float]:
    """Clicks at their times, whether or not the one before was answered."""
    requests = [request_for(next(cycles), PEOPLE[n % 100]) for n in range(300)]
    with ThreadPoolExecutor(16) as people:
        started = time.perf_counter()
        waiting = []
        for place, request in enumerate(requests):
            time.sleep(max(0.0, started + place / 100 - time.perf_counter()))
            waiting.append(people.submit(click, port, *request))
        return [one.result() for one in waiting][50:]


def in_a_burst(port: int, cycles: Iterator[int]) -> list[float]:
    """A hundred people at once, five times."""
    taken = []
    with ThreadPoolExecutor(100) as people:
        for _ in range(5):
            requests = [request_for(next(cycles), user) for user in PEOPLE]
            start = Barrier(100)

            def together(request: tuple[bytes, dict[str, str]], start: Barrier = start) -> float:
                start.wait()
                return click(port, *request)

            taken.append(max(people.map(together, requests)))
    return taken


LOADS: list[tuple[str, Callable[[int, Iterator[int]], list[float]], float, dict[str, str]]] = [
    ("p50 at rest", at_rest, 0.5, {"sqlite": "at most 1.75", "postgresql": "at most 2.5"}),
    ("p99 at 100 a second", at_a_hundred_a_second, 0.99, {"sqlite": "at most 1.5", "postgresql": ""}),
    ("slowest of a burst of 100", in_a_burst, 0.5, {"sqlite": "at most 1.5", "postgresql": "at most 1.5"}),
]


def run(databases: Databases) -> Iterator[Line]:
    """Every load on every database."""
    for kind in ("sqlite", "postgresql"):
        ours, idle = databases.fresh(kind), databases.fresh(kind)
        stock(ours, LEADS)
        with serving("baton", ours) as port, serving("no-op", idle) as limit_port:
            cycles = count(1)
            for what, load, share, goal in LOADS:
                limit = percentile(load(limit_port, cycles), share)
                mine = percentile(load(port, cycles), share)
                yield Line(f"claim click, {what}", kind, in_ms(mine), in_ms(limit), mine / limit, goal[kind])
        with serving("no-op, Bolt's defaults", idle) as port:
            default = percentile(at_rest(port, count(1)), 0.5)
        with serving("baton", ours) as port:
            mine = percentile(at_rest(port, count(1201)), 0.5)
        yield Line(
            "claim click, p50 against Bolt's defaults", kind, in_ms(mine), in_ms(default), mine / default, "below 1"
        )
