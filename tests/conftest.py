"""What every test can ask for."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import hypothesis
import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

from bot.policy_file import example_path
from funnel.policy import Policy, parse_policy
from storage import engine
from storage.store import Store
from tests.support import size
from tests.support.clock import TestClock
from tests.support.databases import Databases, opened
from tests.support.world import ADA, ANA, BEN, MAYA, RITA, World, open_world

for name in [one for one in os.environ if one.startswith(("SLACK_", "BATON_")) or one.upper().endswith("_PROXY")]:
    del os.environ[name]
os.environ.pop("DATABASE_URL", None)


hypothesis.settings.register_profile(
    "baton",
    deadline=None,  # how long an example takes says something of the machine alone
    derandomize=True,  # the same examples each time: a landing hangs on no chance
    max_examples=50,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("baton-whole", hypothesis.settings.get_profile("baton"), max_examples=500)
hypothesis.settings.register_profile("baton-random", hypothesis.settings.get_profile("baton-whole"), derandomize=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="play what is large at its full size, on both databases")
    parser.addoption("--random", action="store_true", help="other examples each time, and more of them")


def pytest_configure(config: pytest.Config) -> None:
    whole, random = config.getoption("--whole"), config.getoption("--random")
    hypothesis.settings.load_profile("baton-random" if random else "baton-whole" if whole else "baton")
    if whole:
        size.play_whole()


LONG = (
    "test_a_quarter",
    "test_killed",
    "test_fuzzed_doors",
    "test_fuzzed_slack",
    "test_a_day",
    "test_playground",
    "test_claim_race",
)
"""Modules that take longest: they come first, so that no worker waits for another in the end."""
SPREAD = ("test_killed",)
"""Modules whose tests share nothing: any worker takes any of them."""


SIZED = ("test_a_quarter", "test_killed", "test_fuzzed_doors", "test_any_file")
"""Modules that play more when all is whole."""


def _is_larger_when_whole(item: pytest.Item) -> bool:
    """Whether a whole run plays more of a test, or plays it at all where a small one does not."""
    database = getattr(getattr(item, "callspec", None), "params", {}).get("kind")
    is_property = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    return item.path.stem in SIZED or is_property or database == "postgresql" or _is_of_the_whole(item)


def _is_of_the_whole(item: pytest.Item) -> bool:
    return item.get_closest_marker("whole") is not None


def _is_played(item: pytest.Item) -> bool:
    """A whole run plays what it plays more of; a small one all but what can only be said of the whole."""
    return _is_larger_when_whole(item) if size.is_whole() else not _is_of_the_whole(item)


class FileScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types for it
    """Keeps the tests of a file in one worker, for what they share is made once."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if Path(file).stem in SPREAD else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileScheduling:
    return FileScheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and count as deselected, what the other size of a run plays; put first what takes longest."""
    left_out = {item for item in items if not _is_played(item)}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONG)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What works on a bare store is tested on both databases, and what is marked so; a whole bot else on SQLite."""
    if "kind" in metafunc.fixturenames:
        is_storage = "store" in metafunc.fixturenames or metafunc.module.__name__.startswith("tests.storage.")
        is_marked = metafunc.definition.get_closest_marker("both_databases") is not None
        both = is_storage or is_marked or size.is_whole()
        metafunc.parametrize("kind", ["sqlite", "postgresql"] if both else ["sqlite"])


@pytest.fixture(autouse=True, scope="session")
def quick_files() -> Iterator[None]:
    """SQLite does not wait for the disk at each commit; where processes are killed, each opens the file as usual."""
    pragmas = tuple(one for one in engine.SQLITE_PRAGMAS if "synchronous" not in one)
    with patch.object(engine, "SQLITE_PRAGMAS", (*pragmas, "PRAGMA synchronous = OFF")):
        yield


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


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
