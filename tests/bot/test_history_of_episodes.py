"""Stages that other systems report: each belongs to the episode of its day, however often it is told."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.intake.csv_file import CsvFile
from bot.intake.import_file import Summary, import_file
from bot.intake.mapping import Mapping
from bot.usecases.show_lead import show_lead
from funnel.lifecycle import Stage
from funnel.policy import Policy
from storage.store import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _import(store: Store, policy: Policy, here: Path, rows: list[str], **mapping: Any) -> Summary:
    path = here / "history.csv"
    path.write_text("\n".join(["email,stage,date", *(f"dana@acme.example,{row}" for row in rows)]), encoding="utf-8")
    file = CsvFile(path, Mapping(**({"source": "crm"} | mapping)), UTC)
    return import_file(file, store, policy, "import", NOW, here / "rejects.csv", lambda summary: None)


def _cycles(store: Store, policy: Policy) -> list[tuple[Stage, str, str | None]]:
    """Stage, day of the MQL and day of the end of each episode, the newest first."""
    cards = show_lead(store, policy, "dana@acme.example", NOW).cards
    ended = [one.cycle.closed_at for one in cards]
    return [
        (one.cycle.stage, f"{one.cycle.mql_at:%m-%d}", f"{end:%m-%d}" if end else None)
        for one, end in zip(cards, ended, strict=True)
    ]


def test_an_end_before_the_newest_day_of_an_episode_ends_it_not(store: Store, policy: Policy, tmp_path: Path) -> None:
    rows = ["mql,2026-03-01", "recycled,2026-03-10", "sql,2026-05-01"]
    for _ in range(2):
        remarks = _import(store, policy, tmp_path, rows).remarks
        assert [remark for _, remark in remarks] == ["It was not made recycled: it was MQL on 2026-03-10."]
        assert _cycles(store, policy) == [(Stage.SQL, "03-01", None)]


def test_who_comes_back_after_being_recycled_has_a_second_episode(store: Store, policy: Policy, tmp_path: Path) -> None:
    rows = ["mql,2026-01-01", "accepted,2026-01-03", "recycled,2026-03-01", "mql,2026-10-01", "sql,2026-10-15"]
    for _ in range(2):
        assert _import(store, policy, tmp_path, rows).remarks == []
        assert _cycles(store, policy) == [(Stage.SQL, "10-01", None), (Stage.RECYCLED, "01-01", "03-01")]


def test_what_is_reported_late_of_an_earlier_episode_is_entered_there(
    store: Store, policy: Policy, tmp_path: Path
) -> None:
    _import(store, policy, tmp_path, ["mql,2026-01-01", "accepted,2026-01-03", "recycled,2026-03-01", "mql,2026-10-01"])
    assert _import(store, policy, tmp_path, ["sql,2026-02-01"]).remarks == []
    newest, first = (card.cycle for card in show_lead(store, policy, "dana@acme.example", NOW).cards)
    assert (newest.stage, newest.sql_at) == (Stage.MQL, None)
    assert (first.stage, f"{first.sql_at:%m-%d}") == (Stage.RECYCLED, "02-01")


def test_a_list_of_mqls_without_days_that_is_read_again_brings_nobody_back(
    store: Store, policy: Policy, tmp_path: Path
) -> None:
    _import(store, policy, tmp_path, ["mql,2026-01-01", "accepted,2026-01-03", "recycled,2026-03-01"])
    assert _import(store, policy, tmp_path, ["mql,"]).remarks == []
    assert [stage for stage, _, _ in _cycles(store, policy)] == [Stage.RECYCLED]
