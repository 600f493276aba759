"""Commands that only read make nothing, and files that cannot be read are told why."""

from pathlib import Path

import pytest

from bot.policy_file import example_path
from tests.support.command_line import baton


@pytest.mark.parametrize(
    "words",
    [
        ["leads"],
        ["lead", "1"],
        ["lead", "merge", "1", "2"],
        ["funnel"],
        ["ask", "last month"],
        ["policy", "history"],
        ["policy", "rescore"],
        ["policy", "backtest", str(example_path())],
        ["intake", "failed"],
        ["intake", "discard", "1"],
        ["key", "list"],
        ["outbox"],
    ],
)
def test_who_only_reads_makes_no_database(tmp_path: Path, words: list[str]) -> None:
    done = baton(tmp_path, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("baton: There is no database baton.db, so there is nothing to read; go where it is")
    assert list(tmp_path.iterdir()) == []


def test_a_policy_is_shown_where_no_database_is(tmp_path: Path) -> None:
    assert "Who becomes an MQL" in baton(tmp_path, "policy", "show").stdout
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_has_no_leads_and_says_so(tmp_path: Path) -> None:
    baton(tmp_path, "migrate")
    assert baton(tmp_path, "leads").stdout == "There is no lead yet.\n"
    assert baton(tmp_path, "leads", "--json").stdout == "[]\n"


def test_one_form_of_the_funnel_is_chosen(tmp_path: Path) -> None:
    done = baton(tmp_path, "funnel", "--json", "--csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert "choose --json or --csv, not both" in done.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "ü".encode("utf-16"),
            "policy.toml cannot be read: it is UTF-16, and a policy is UTF-8. Save it anew as UTF-8.",
        ),
        ("a = 1".encode("utf-16-le"), "policy.toml cannot be read: it is UTF-16"),
        (b"# a\n# Gr\xfcn", "cannot be read: on line 2 it is not UTF-8 (Windows would read a “ü” there). Save it anew"),
    ],
)
def test_a_file_in_another_encoding_is_told_what_it_is(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "policy.toml").write_bytes(content)
    done = baton(tmp_path, "policy", "check")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert told in done.stderr
    assert "policy.example.toml" not in done.stderr


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_bytes(b"\xef\xbb\xbf" + example_path().read_bytes())
    plain = baton(tmp_path, "policy", "check", str(example_path())).stdout.partition("version")[2]
    assert baton(tmp_path, "policy", "check").stdout.partition("version")[2] == plain


def test_the_doctor_knows_a_name_from_a_user_id(tmp_path: Path) -> None:
    told = baton(tmp_path, "doctor", BATON_ADMINS="U1ANA,@ada").stdout
    assert "✗ Admins: BATON_ADMINS: @ada is no Slack user id; their Slack profile shows it under" in told
