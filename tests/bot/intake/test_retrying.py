"""What failed is worked through again on the command line, however much it is."""

import json
from pathlib import Path

from bot.usecases.keep_body import failed_bodies
from tests.support.command_line import CommandResult, baton
from tests.support.world import World

GOOD = '{"source": "web", "email": "dana@acme.example"}'


def _failed(world: World, contents: list[str]) -> None:
    """Bodies that were handed in and failed."""
    with world.store.begin() as tx:
        for content in contents:
            body_id = tx.bodies.keep(1, "leads", "application/json", None, content, world.clock())
            tx.bodies.settle(body_id, "failed", "it was refused", world.clock())


def _retry(world: World, here: Path, *words: str) -> CommandResult:
    address = f"sqlite:///{world.store.engine.url.database}"
    return baton(here, "intake", "failed", "--retry", *words, DATABASE_URL=address)


def test_all_that_failed_is_tried_again_and_not_the_first_thousand_alone(sqlite_world: World, tmp_path: Path) -> None:
    _failed(sqlite_world, ["{"] * 1_002 + [GOOD])
    done = _retry(sqlite_world, tmp_path)
    assert done.stdout.splitlines()[0] == "1 of 1,003 could be taken now."
    assert "… and 2 more, which are not listed" in done.stderr
    with sqlite_world.store.read() as tx:
        assert tx.bodies.count_failed() == 1_002
        assert len(tx.leads.find("dana@acme.example")) == 1


def test_a_retry_tells_programs_what_is_left_and_nothing_else(sqlite_world: World, tmp_path: Path) -> None:
    _failed(sqlite_world, ["{", GOOD])
    done = _retry(sqlite_world, tmp_path, "--json")
    assert [one["id"] for one in json.loads(done.stdout)] == [1]
    assert "1 of 2 could be taken now." in done.stderr
    done = _retry(sqlite_world, tmp_path, "--id", "1")
    assert done.stdout.splitlines()[0] == "0 of 1 could be taken now."
    assert done.stdout.splitlines()[2].startswith("1 ")


def test_what_could_be_taken_of_several_items_is_told(sqlite_world: World, tmp_path: Path) -> None:
    """Two of three are refused, and one of the two only until somebody sends the lead it is about."""
    good = {"source": "web", "email": "dana@acme.example"}
    stranger = {"source": "web", "email": "kim@novum.example", "kind": "webinar"}
    broken = {"source": "web", "email": "kim@novum.example"}
    sqlite_world.http.post("/v1/leads", json=good)
    sqlite_world.http.post("/v1/engagements", json=[stranger, broken, {**good, "kind": "webinar"}])
    address = f"sqlite:///{sqlite_world.store.engine.url.database}"
    first = _retry(sqlite_world, tmp_path).stdout.splitlines()
    assert first[0] == "0 of 1 could be taken now."
    sqlite_world.http.post("/v1/leads", json={"source": "web", "email": "kim@novum.example"})
    again = _retry(sqlite_world, tmp_path).stdout.splitlines()
    (failed,) = failed_bodies(sqlite_world.store)
    assert again[0] == f"Of {failed.id}, 1 more item could be taken now; 1 could not."
    assert again[1] == "0 of 1 could be taken now."
    discarded = baton(tmp_path, "intake", "discard", str(failed.id), DATABASE_URL=address)
    assert discarded.stdout == f"{failed.id} is put away.\n"
    assert failed_bodies(sqlite_world.store) == []
    twice = baton(tmp_path, "intake", "discard", str(failed.id), DATABASE_URL=address)
    assert twice.stderr == f"baton: Nothing that failed has the id {failed.id}; see: baton intake failed\n"
