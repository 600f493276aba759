"""A new policy counts without a restart, everywhere, and everybody is scored anew under it."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.policy_file import example_path, load_policy, read_policy
from bot.policy_in_force import PolicyInForce
from bot.usecases import rescore_leads as rescoring
from bot.usecases.announce_mqls import announce_mqls
from bot.usecases.change_policy import policy_in_force, put_in_force
from bot.usecases.draft import EngagementIn, LeadIn, to_draft, to_seen
from bot.usecases.receive_leads import receive_leads
from bot.usecases.record_engagements import record_engagements
from bot.usecases.rescore_leads import Progress, rescore_leads, rescoring_progress
from funnel.decay import instant
from funnel.errors import PolicyError
from funnel.lead import Subject
from funnel.lifecycle import Stage
from funnel.policy import Policy
from funnel.scoring import assess
from storage.store import Store
from tests.support.clock import START, TestClock
from tests.support.world import World

EXAMPLE = example_path().read_text(encoding="utf-8")
LOWER = EXAMPLE.replace("threshold = 60 ", "threshold = 45 ")


def _stocked(store: Store, policy: Policy, count: int = 12) -> list[int]:
    """Leads of 45 points fit and a few of behaviour: prospects under the example, MQLs under the lower one."""
    drafts = [
        LeadIn(source="web", email=f"p{n}@acme{n}.example", title="VP Sales", employees=200) for n in range(count)
    ]
    received = receive_leads(store, policy, [to_draft(lead, START) for lead in drafts], START, "test")
    ids = [one.lead_id for one in received]
    seen = [to_seen(EngagementIn(lead_id=one, kind="email_open"), START) for one in ids]
    record_engagements(store, policy, seen, "test", START)
    announce_mqls(store, policy, START)
    return ids


def _stages(store: Store) -> dict[str, int]:
    with store.read() as tx:
        return tx.leads.count_by_stage()


def _touch(path: Path, text: str, later: int) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, (instant(START) + later, instant(START) + later))


@pytest.fixture
def source(store: Store, tmp_path: Path) -> PolicyInForce:
    _touch(tmp_path / "policy.toml", EXAMPLE, 0)
    made = PolicyInForce.opened(store, tmp_path / "policy.toml", ["UADA"])
    made.begin(store, START)
    return made


def test_a_changed_file_is_put_in_force_with_its_author_and_time(
    store: Store, source: PolicyInForce, tmp_path: Path
) -> None:
    assert source.look(store, START) == 0
    _touch(tmp_path / "policy.toml", LOWER, 10)
    assert source.look(store, START) == 1
    assert (source().mql.threshold, source().roles.admin) == (45, ["UADA"])
    stored = policy_in_force(store)
    assert stored is not None
    assert stored.hash == source().hash
    assert "policy.toml" in stored.author
    assert stored.at == START


def test_a_file_that_cannot_be_used_changes_nothing_and_is_named(
    store: Store, source: PolicyInForce, tmp_path: Path
) -> None:
    before = source()
    _touch(tmp_path / "policy.toml", EXAMPLE.replace("threshold = 60", "treshold = 60"), 10)
    assert source.look(store, START) == 0
    assert source() is before
    assert re.search(r"line \d+: mql.threshold: is missing", source.problem)
    restarted = PolicyInForce.opened(store, tmp_path / "policy.toml", [])
    restarted.begin(store, START)
    assert restarted().hash == before.hash
    _touch(tmp_path / "policy.toml", LOWER, 20)
    assert source.look(store, START) == 1
    assert source.problem == ""


def test_a_first_start_on_a_broken_file_is_refused(store: Store, tmp_path: Path) -> None:
    _touch(tmp_path / "policy.toml", "version", 0)
    with pytest.raises(PolicyError, match="policy.toml"):
        PolicyInForce.opened(store, tmp_path / "policy.toml", [])


def test_every_replica_follows_and_an_older_file_does_not_turn_back(
    store: Store, source: PolicyInForce, tmp_path: Path
) -> None:
    other = PolicyInForce.opened(store, tmp_path / "policy.toml", [])
    other.begin(store, START)
    put_in_force(store, read_policy(LOWER, []), "ada", START.replace(hour=20))
    assert [one.look(store, START) for one in (source, other)] == [1, 1]
    restarted = PolicyInForce.opened(store, tmp_path / "policy.toml", [])
    restarted.begin(store, START)
    assert restarted().mql.threshold == 45


def test_a_file_counts_when_it_has_changed_and_is_newer_than_what_is_in_force(
    store: Store, source: PolicyInForce, tmp_path: Path
) -> None:
    put_in_force(store, read_policy(LOWER, []), "ada", START)
    _touch(tmp_path / "policy.toml", EXAMPLE, 999_999)  # the same words, brought anew by a deployment
    same = PolicyInForce.opened(store, tmp_path / "policy.toml", [])
    same.begin(store, START)
    assert same().mql.threshold == 45
    for seconds, threshold in ((-1, 45), (1, 70)):
        _touch(tmp_path / "policy.toml", EXAMPLE.replace("threshold = 60 ", "threshold = 70 "), seconds)
        other = PolicyInForce.opened(store, tmp_path / "policy.toml", [])
        other.begin(store, START)
        assert other().mql.threshold == threshold


def test_an_old_replica_that_starts_again_follows_the_others(
    store: Store, source: PolicyInForce, tmp_path: Path
) -> None:
    """Its file was in force once, under the same name; the newer one of the others stays."""
    (tmp_path / "new").mkdir()
    _touch(tmp_path / "new" / "policy.toml", LOWER, 10)
    new = PolicyInForce.opened(store, tmp_path / "new" / "policy.toml", [])
    new.begin(store, START + timedelta(seconds=20))
    old = PolicyInForce.opened(store, tmp_path / "policy.toml", [])
    old.begin(store, START + timedelta(seconds=30))
    assert [one().mql.threshold for one in (new, old)] == [45, 45]
    assert source.look(store, START) == 1


def test_a_newer_example_takes_nobodys_policy_away(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "policy.example.toml"
    monkeypatch.setattr("bot.policy_in_force.example_path", lambda: path)
    for text, expected in ((EXAMPLE, 60), (LOWER, 45)):  # nobody chose another: the newer example counts
        _touch(path, text, 0)
        made = PolicyInForce.opened(store, path, [])
        made.begin(store, START)
        assert made().mql.threshold == expected
    put_in_force(store, read_policy(EXAMPLE.replace("threshold = 60 ", "threshold = 80 "), []), "ada", START)
    _touch(path, EXAMPLE.replace("threshold = 60 ", "threshold = 61 "), 0)
    made = PolicyInForce.opened(store, path, [])
    made.begin(store, START)
    assert made().mql.threshold == 80


def test_after_a_change_all_leads_are_scored_and_those_who_earned_it_become_mqls(
    store: Store, clock: TestClock
) -> None:
    old, new = read_policy(EXAMPLE, []), read_policy(LOWER, [])
    ids = _stocked(store, old)
    assert _stages(store) == {"prospect": 12}
    clock.advance(days=1)
    assert rescore_leads(store, new, clock) == 12
    assert _stages(store) == {"mql": 12}
    with store.read() as tx:
        (cycle,) = tx.cycles.of_lead(ids[0])
        lead = tx.leads.get(ids[0])
    assert (cycle.policy_version, cycle.mql_at) == (new.stamp, clock())  # the rules made it one, so it is one now
    assert lead is not None
    assert lead.scored_under == new.stamp
    assert rescore_leads(store, new, clock) == 0


def test_a_scoring_that_was_killed_goes_on_where_it_was(
    store: Store, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescoring, "BATCH", 5)
    old, new = read_policy(EXAMPLE, []), read_policy(LOWER, [])
    _stocked(store, old)
    seen: list[Progress] = []

    class Killed(Exception):
        pass

    def die(progress: Progress) -> bool:
        seen.append(progress)
        raise Killed

    with pytest.raises(Killed):
        rescore_leads(store, new, clock, die)
    assert seen == [Progress(scored=5, total=12, done=False)]
    assert _stages(store) == {"mql": 5, "prospect": 7}
    assert rescore_leads(store, new, clock) == 7
    assert rescoring_progress(store, new) == Progress(scored=12, total=12, done=True)
    assert _stages(store) == {"mql": 12}


def test_who_waits_for_the_tick_is_left_to_it(store: Store, clock: TestClock) -> None:
    """A raised hand must not be scored away by the numbers of a change that comes at the same moment."""
    old, new = read_policy(EXAMPLE, []), read_policy(LOWER, [])
    ids = _stocked(store, old, 1)
    with store.begin() as tx:
        tx.leads.set_aside(ids[0], Stage.RECYCLED, None)
    record_engagements(store, old, [to_seen(EngagementIn(lead_id=ids[0], kind="demo_request"), clock())], "t", clock())
    with store.begin() as tx:
        assert tx.scores.has_due(clock())
    rescore_leads(store, new, clock)
    with store.read() as tx:
        assert not tx.scores.has_due(clock())  # the tick has looked at it


def test_numbers_that_were_added_up_are_those_of_a_count_from_scratch(store: Store, clock: TestClock) -> None:
    # Nobody comes near these thresholds, so every score is added up and none is counted by the tick.
    policy = read_policy(
        EXAMPLE.replace("threshold = 60 ", "threshold = 6000 ").replace("threshold = 50\n", "threshold = 5000\n"), []
    )
    lead_id = receive_leads(store, policy, [to_draft(LeadIn(source="w", email="a@b.example"), START)], START, "t")[
        0
    ].lead_id
    announce_mqls(store, policy, clock())
    for number in range(40):
        clock.advance(hours=7 * number % 50)
        kind = ["page_view", "email_open", "download", "other"][number % 4]
        item = EngagementIn(lead_id=lead_id, kind=kind, properties={"path": "/pricing"}, event_id=str(number // 2))
        record_engagements(store, policy, [to_seen(item, clock())], "t", clock())
    with store.read() as tx:
        lead = tx.leads.get(lead_id)
        events = tx.engagements.of([lead_id])[lead_id]
        assert not tx.scores.has_due(clock())
    assert lead is not None
    assert lead.scored_at is not None
    scratch = assess(Subject(lead.facts, "w"), events, policy, lead.scored_at)
    assert lead.behaviour == pytest.approx(scratch.behaviour, abs=1e-9)


def test_one_engagement_that_means_no_move_leaves_nothing_for_the_tick(store: Store, clock: TestClock) -> None:
    policy = load_policy(example_path(), [])
    lead_id = receive_leads(store, policy, [to_draft(LeadIn(source="w", email="a@b.example"), START)], START, "t")[
        0
    ].lead_id
    announce_mqls(store, policy, clock())
    for kind, due in (("email_open", False), ("unknown", False), ("demo_request", True)):
        record_engagements(store, policy, [to_seen(EngagementIn(lead_id=lead_id, kind=kind), clock())], "t", clock())
        with store.read() as tx:
            assert tx.scores.has_due(clock()) is due, kind


@pytest.mark.both_databases
def test_a_recycled_lead_that_asks_for_a_demo_again_is_back_at_once(world: World) -> None:
    card = world.posted_card()
    with world.store.begin() as tx:
        cycle = tx.cycles.of_lead(1)[0]
        tx.cycles.move(cycle, Stage.RECYCLED, world.clock(), outcome_reason="No budget")
        tx.leads.set_aside(1, Stage.RECYCLED, world.clock().replace(year=2027))
    world.clock.advance(days=2)
    world.run()
    assert world.card().ts == card.ts
    world.http.post("/v1/engagements", json={"lead_id": 1, "kind": "demo_request"})
    world.run()
    assert world.card().ts != card.ts
    assert world.moves(1)[-1] == "mql"


def test_a_loss_that_fades_makes_an_mql_at_its_time(store: Store, clock: TestClock) -> None:
    text = EXAMPLE + ('\n[[behaviour]]\nname = "Complained"\nkind = "complaint"\npoints = -40\nhalf_life = "1d"\n')
    policy = read_policy(text, [])
    lead = LeadIn(source="w", email="a@b.example", title="VP", employees=200, country="Germany")
    lead_id = receive_leads(store, policy, [to_draft(lead, START)], START, "t")[0].lead_id
    items = [EngagementIn(lead_id=lead_id, kind=kind) for kind in ("webinar", "complaint")]
    record_engagements(store, policy, [to_seen(item, START) for item in items], "t", START)
    announce_mqls(store, policy, clock())
    assert "mql" not in _stages(store)
    for _ in range(200):
        clock.advance(hours=1)
        announce_mqls(store, policy, clock())
    assert _stages(store) == {"mql": 1}
