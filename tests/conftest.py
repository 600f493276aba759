"""What every test can ask for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.policy_file import example_path
from funnel.policy import Policy, parse_policy
from storage.store import Store
from tests.support.clock import TestClock
from tests.support.databases import Databases, opened
from tests.support.world import ADA, ANA, BEN, MAYA, RITA, World, open_world

for name in [one for one in os.environ if one.startswith(("SLACK_", "BATON_")) or one.upper().endswith("_PROXY")]:
    del os.environ[name]
os.environ.pop("DATABASE_URL", None)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(databases: Databases, kind: str) -> Iterator[Store]:
    """A migrated store, on each database."""
    with opened(databases.fresh(kind)) as store:
        yield store


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The example policy, with people in roles."""
    example = parse_policy(example_path().read_text(encoding="utf-8"))
    people = {"sdr": [ANA, BEN], "rep": [RITA], "marketer": [MAYA], "admin": [ADA]}
    return example.model_copy(update={"roles": example.roles.model_copy(update=people)})


@pytest.fixture
def world(databases: Databases, kind: str, policy: Policy) -> Iterator[World]:
    """A whole bot with a Slack around it, on each database."""
    with open_world(databases.fresh(kind), policy) as world:
        yield world


@pytest.fixture
def sqlite_world(databases: Databases, policy: Policy) -> Iterator[World]:
    """The same on SQLite alone, for what no database changes."""
    with open_world(databases.fresh("sqlite"), policy) as world:
        yield world


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, with a home of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path
