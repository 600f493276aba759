"""What holds people's data can be read by nobody else on the machine, from its first byte."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.wiring import Baton
from funnel.policy import Policy
from storage import migrate
from storage.engine import files_of, open_engine
from storage.store import Store
from tests.support.clock import TestClock
from tests.support.command_line import baton
from tests.support.world import settings_for


@pytest.fixture(autouse=True)
def anybody_may_read() -> Iterator[None]:
    """What a file is by default where nobody thought of it."""
    before = os.umask(0o000)
    yield
    os.umask(before)


def _modes(file: Path) -> dict[str, str]:
    return {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in files_of(file)}


def test_a_new_database_is_private_before_anything_is_in_it(tmp_path: Path) -> None:
    store, seen = Store(open_engine(f"sqlite:///{tmp_path / 'baton.db'}")), []

    @event.listens_for(store.engine, "connect", insert=True)
    def look(*_: Any) -> None:
        seen.append(_modes(tmp_path / "baton.db"))

    migrate.upgrade(store)
    assert seen[0] == {"baton.db": "0o600"}
    assert _modes(tmp_path / "baton.db") == dict.fromkeys(["baton.db", "baton.db-wal", "baton.db-shm"], "0o600")
    store.close()


def test_the_lock_of_a_database_is_private(tmp_path: Path, policy: Policy) -> None:
    bot = Baton(settings_for(f"sqlite:///{tmp_path / 'baton.db'}", "http://127.0.0.1:9"), TestClock(), policy)
    bot.take_over()
    assert _modes(tmp_path / "baton.db")["baton.db.lock"] == "0o600"
    bot.stop()


def test_a_database_that_others_can_read_stays_so_and_the_doctor_says_how_to_mend_it(here: Path) -> None:
    assert baton(here, "migrate").returncode == 0
    assert "chmod" not in baton(here, "doctor").stdout
    (here / "baton.db").chmod(0o644)
    assert baton(here, "leads").returncode == 0
    assert _modes(here / "baton.db")["baton.db"] == "0o644"
    assert "Other users of this machine can open the leads; run: chmod 600 baton.db" in baton(here, "doctor").stdout


def test_the_refused_rows_of_an_import_are_private(here: Path) -> None:
    (here / "leads.csv").write_text("email,name,source\nnot an address,Dana,web\nd@acme.example,Dora,web\n")
    assert "1 refused" in baton(here, "import", "leads.csv").stdout
    assert stat.S_IMODE((here / "leads.rejects.csv").stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_told_in_a_sentence(here: Path) -> None:
    told = baton(here, "migrate", DATABASE_URL="sqlite:///nowhere/baton.db")
    assert told.returncode == 1
    assert "unable to open database file" in told.stderr
