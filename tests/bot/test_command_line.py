"""The command line: one sentence, the right exit code, no traceback."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.command_line import baton
from tests.support.world import World

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def stocked(tmp_path: Path) -> Path:
    """A folder with a database of two leads."""
    (tmp_path / "leads.csv").write_text("email,name,company,stage\na@a.example,Ann,Acme,mql\nb@b.example,=1+1,Beta,\n")
    assert baton(tmp_path, "import", "leads.csv", "--source", "fair").returncode == 0
    return tmp_path


@pytest.mark.parametrize("words", [[], ["--help"], ["funnel", "--help"], ["policy"], ["key"]])
def test_help_is_there_without_any_setting(tmp_path: Path, words: list[str]) -> None:
    done = baton(tmp_path, *words)
    assert done.returncode in (0, 2)
    assert "Usage:" in done.stdout + done.stderr


@pytest.mark.parametrize("words", [["funel"], ["funnel", "--by", "weather"], ["import"], ["funnel", "--within", "0"]])
def test_wrong_usage_is_exit_code_2(tmp_path: Path, words: list[str]) -> None:
    done = baton(tmp_path, *words)
    assert done.returncode == 2
    assert "Usage:" in done.stderr or "Error" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["lead", "nobody@x.example"], "There is no database baton.db, so there is nothing to read"),
        (["funnel", "--period", "soon"], "I cannot read the period"),
        (
            ["funnel", "--period", "2018-03-31..2018-01-01"],
            "ends before it begins; did you mean 2018-01-01..2018-03-31?",
        ),
        (["ask", "what is love?"], "I did not understand"),
        (["ask", " "], "Ask something"),
        (["import", "nothing.csv", "--source", "x"], "nothing.csv cannot be read (No such file or directory)."),
        (["policy", "check", "nothing.toml"], "nothing.toml cannot be read: there is no such file. Check its name"),
        (["serve"], "SLACK_BOT_TOKEN is missing"),
        (["tick"], "SLACK_BOT_TOKEN is missing"),
    ],
)
def test_a_refusal_is_one_sentence_on_stderr_and_exit_code_1(tmp_path: Path, words: list[str], told: str) -> None:
    done = baton(tmp_path, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("baton: ")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL names mysql"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL is no database address"),
        ("DATABASE_URL", "postgresql://u@127.0.0.1:9/x", "The database cannot be reached"),
        ("DATABASE_URL", "sqlite:////nowhere/at/all.db", "There is no database /nowhere/at/all.db"),
        ("BATON_TIMEZONE", "Mars/Base", "BATON_TIMEZONE: 'Mars/Base' is no IANA time zone"),
        ("BATON_PORT", "many", "BATON_PORT: "),
        ("SLACK_API_URL", "http://slack.evil.example/", "SLACK_API_URL: must begin with https://"),
        ("SLACK_BOT_TOKEN", "xoxp-user", "SLACK_BOT_TOKEN: must begin with xoxb-"),
    ],
)
def test_a_bad_setting_is_named_with_its_mend(tmp_path: Path, name: str, value: str, told: str) -> None:
    done = baton(tmp_path, "funnel", **{name: value})
    assert done.returncode == 1
    assert told in done.stderr


def test_a_wrong_slack_token_stops_the_start(sqlite_world: World, tmp_path: Path) -> None:
    address = sqlite_world.slack.address
    settings = {"SLACK_BOT_TOKEN": "xoxb-wrong", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": f"{address}/api/"}
    done = baton(tmp_path, "serve", **settings)
    assert done.returncode == 1
    assert "SLACK_BOT_TOKEN: Slack refused it (invalid_auth)" in done.stderr


def test_a_policy_with_a_typo_is_refused_with_every_mistake(tmp_path: Path) -> None:
    text = (ROOT / "policy.example.toml").read_text().replace("threshold = 60", "treshold = 60")
    (tmp_path / "policy.toml").write_text(text)
    done = baton(tmp_path, "policy", "check")
    assert done.returncode == 1
    assert re.search(r"policy.toml, line \d+: mql.threshold: is missing", done.stderr)
    assert re.search(r"policy.toml, line \d+: mql.treshold: no such key; did you mean threshold", done.stderr)


def test_the_example_policy_is_good(tmp_path: Path) -> None:
    done = baton(tmp_path, "policy", "check", str(ROOT / "policy.example.toml"))
    assert "is fine: version 2026-11+" in done.stdout


def test_lead_leads_and_funnel_speak_to_people_and_to_programs(stocked: Path) -> None:
    shown = baton(stocked, "lead", "a@a.example")
    assert "Ann (lead 1), MQL, from fair" in shown.stdout
    assert json.loads(baton(stocked, "lead", "1", "--json").stdout)["email"] == "a@a.example"
    assert "Beta" in baton(stocked, "leads").stdout
    assert [one["id"] for one in json.loads(baton(stocked, "leads", "--stage", "mql", "--json").stdout)] == [1]
    told = baton(stocked, "funnel", "--by", "source")
    assert "Of 1 MQL, 0 so far became SQL" in told.stdout
    assert baton(stocked, "funnel", "--csv").stdout.splitlines()[0].startswith("group,mql,accepted,sql")
    assert "Funnel, this month" in baton(stocked, "ask", "this month by source").stdout


def test_a_merge_takes_nobody_for_a_part_of_their_name(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("email,name,company\na@a.example,Ann,Acme\nb@b.example,Bo 77,Studio 77\n")
    baton(tmp_path, "import", "leads.csv", "--source", "fair")
    assert "Studio 77" in baton(tmp_path, "lead", "77").stdout
    for stranger in ("77", "b@b"):
        done = baton(tmp_path, "lead", "merge", "1", stranger, "--yes")
        told = (
            f"baton: No lead has the id or the e-mail address “{stranger}”; find its id with: baton lead “{stranger}”\n"
        )
        assert (done.returncode, done.stdout, done.stderr) == (1, "", told)
    assert "Lead 2 is part of lead 1 now" in baton(tmp_path, "lead", "merge", "A@a.example", "2", "--yes").stdout


def test_a_merge_shows_both_and_needs_a_yes(stocked: Path) -> None:
    done = baton(stocked, "lead", "merge", "1", "2")
    assert (done.returncode, done.stdout) == (1, "")
    first, second, why = done.stderr.splitlines()
    assert re.fullmatch(r"Lead 1: Ann, a@a.example, Acme, MQL, from fair since 20\d\d-\d\d-\d\d", first)
    assert second.startswith("Lead 2: =1+1, b@b.example, Beta, raw, from fair since ")
    assert (
        why
        == "baton: Merging cannot be undone, and nobody is here to be asked: if these two are one person, add --yes."
    )
    assert _answered(stocked, "n\n", "lead", "merge", "1", "2") == (1, "")
    assert _answered(stocked, "\n", "lead", "merge", "1", "2") == (1, "")
    assert len(json.loads(baton(stocked, "leads", "--json").stdout)) == 2
    code, told = _answered(stocked, "y\n", "lead", "merge", "1", "2", "--json")
    assert (code, json.loads(told)) == (0, {"id": 1, "merged": 2})


def _answered(here: Path, answer: str, *words: str) -> tuple[int, str]:
    """The exit code and the output of a command that somebody at a terminal answers."""
    done = baton(here, *words, typed=answer)
    assert "Make them one? This cannot be undone. [y/N]" in done.stderr
    return done.returncode, done.stdout.strip()


def test_a_group_that_looks_like_a_formula_is_none(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("email,source\na@a.example,=HYPERLINK()\n")
    baton(tmp_path, "import", "leads.csv", "--stage", "mql")
    assert "'=HYPERLINK()" in baton(tmp_path, "funnel", "--by", "source", "--csv").stdout


def test_a_pipe_sees_no_progress_bar(stocked: Path) -> None:
    done = baton(stocked, "import", "leads.csv", "--source", "fair")
    assert done.stderr.splitlines() == [
        "  email   ← email",
        "  name    ← name",
        "  company ← company",
        "  stage   ← stage",
        "  read as utf-8, cells parted by “,”",
        "  no column says on which day a stage was reached: it counts as of now, and new MQLs are announced",
    ]


def test_columns_nobody_reads_are_told(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("E-Mail;Schuhgröße;Firma\na@a.example;44;Acme\nb@b.example;42;Elm\n")
    (tmp_path / "map.toml").write_text('[columns]\nemail = "E-Mail"\ncompany = "Firma"\n')
    done = baton(tmp_path, "import", "leads.csv", "--source", "fair", "--map", "map.toml", "--dry-run")
    assert "not used: Schuhgröße" in done.stderr
    guessed = baton(tmp_path, "import", "leads.csv", "--source", "fair", "--dry-run")
    assert "kept as attributes: schuhgrosse" in guessed.stderr
    assert "2 rows read: 2 could be taken" in guessed.stdout


def test_a_key_can_be_listed_and_revoked(tmp_path: Path) -> None:
    baton(tmp_path, "key", "create", "--source", "web")
    assert "web" in baton(tmp_path, "key", "list").stdout
    assert "opens no door any more" in baton(tmp_path, "key", "revoke", "1").stdout
    assert "There is no key 1 in force" in baton(tmp_path, "key", "revoke", "1").stderr
    assert baton(tmp_path, "key", "create", "--source", " ").returncode == 2


def test_a_port_in_use_is_told_before_anything_is_announced(sqlite_world: World, tmp_path: Path) -> None:
    port = str(urlsplit(sqlite_world.address).port)
    settings = {
        "BATON_PORT": port,
        "SLACK_BOT_TOKEN": "xoxb-test",
        "SLACK_SIGNING_SECRET": "s",
        "SLACK_API_URL": f"{sqlite_world.slack.address}/api/",
    }
    done = baton(tmp_path, "serve", **settings)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"BATON_PORT: 127.0.0.1:{port} cannot be used (Address already in use)" in done.stderr


def test_the_version_is_told(tmp_path: Path) -> None:
    assert baton(tmp_path, "--version").stdout.startswith("baton 0.")


def test_a_key_is_shown_once_and_alone(tmp_path: Path) -> None:
    done = baton(tmp_path, "key", "create", "--source", "web")
    assert done.stdout.startswith("baton_")
    assert "cannot be shown again" in done.stderr


def test_migrate_says_whether_there_was_anything_to_do(tmp_path: Path) -> None:
    assert "is up to date now" in baton(tmp_path, "migrate").stdout
    assert "up to date already" in baton(tmp_path, "migrate").stdout


def test_the_doctor_finds_what_is_missing_and_names_the_mend(tmp_path: Path) -> None:
    done = baton(tmp_path, "doctor")
    assert done.returncode == 1
    assert "✗ Database: SQLite is empty yet; baton serve or baton migrate makes the tables." in done.stdout
    assert "✗ Slack: SLACK_BOT_TOKEN is missing" in done.stdout


def test_the_doctor_tells_of_the_scope_without_which_cards_may_double(sqlite_world: World, tmp_path: Path) -> None:
    slack = sqlite_world.slack
    slack.api.scopes -= {"channels:history", "users:read"}
    settings = {"SLACK_BOT_TOKEN": "xoxb-test", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": f"{slack.address}/api/"}
    baton(tmp_path, "migrate")
    done = baton(tmp_path, "doctor", **settings)
    assert "✗ Scopes: users:read are missing" in done.stdout
    assert "! Scopes: channels:history is not granted" in done.stdout
    assert "a card may be posted twice" in done.stdout


def test_tick_does_one_round_and_exits(sqlite_world: World, tmp_path: Path) -> None:
    slack = sqlite_world.slack
    settings = {"SLACK_BOT_TOKEN": "xoxb-test", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": f"{slack.address}/api/"}
    (tmp_path / "leads.csv").write_text("email,stage\na@a.example,mql\n")
    baton(tmp_path, "import", "leads.csv", "--source", "fair")
    done = baton(tmp_path, "tick", "--json", **settings)
    assert json.loads(done.stdout)["sent"] == 1
    assert len(slack.bot_messages("#inbound")) == 1


def test_a_second_server_on_the_same_file_is_refused(sqlite_world: World, tmp_path: Path) -> None:
    world = sqlite_world
    world.baton.take_over()
    path = world.store.engine.url.database
    settings = {
        "DATABASE_URL": f"sqlite:///{path}",
        "SLACK_BOT_TOKEN": "xoxb-test",
        "SLACK_SIGNING_SECRET": "s",
        "SLACK_API_URL": f"{world.slack.address}/api/",
    }
    done = baton(tmp_path, "serve", **settings)
    assert done.returncode == 1
    assert "Another Baton serves" in done.stderr
    assert "move to PostgreSQL" in done.stderr


def test_the_file_that_is_imported_is_never_written_over_and_mended_rows_are_kept(tmp_path: Path) -> None:
    content = "email,name\nnobody,Nobody\n"
    (tmp_path / "leads.csv").write_text(content)
    same = baton(tmp_path, "import", "leads.csv", "--source", "fair", "--rejects", "./leads.csv", "--dry-run")
    assert (same.returncode, "--rejects names the file that is imported; name another." in same.stderr) == (1, True)
    assert (tmp_path / "leads.csv").read_text() == content
    for name in ("leads.rejects.csv", "leads.rejects.2.csv", "leads.rejects.3.csv"):
        assert f"The refused rows are in {name}," in baton(tmp_path, "import", "leads.csv", "--source", "fair").stdout
        assert (tmp_path / name).exists()


def test_a_look_at_a_file_needs_no_source_and_an_import_does(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("email,name\na@a.example,Ann\n")
    look = baton(tmp_path, "import", "leads.csv", "--dry-run")
    assert "email ← email" in look.stderr
    assert "1 row read: 1 could be taken, 0 refused. Nothing was stored." in look.stdout
    sentence = "baton: Say where these leads come from: add --source NAME, or map a column to source."
    assert (look.returncode, look.stderr.splitlines()[-1]) == (1, sentence)
    assert baton(tmp_path, "import", "leads.csv").stderr.splitlines() == [sentence]


def test_rows_without_the_day_of_their_stage_are_counted_aloud(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("email,stage,date\na@a.example,mql,2026-03-01\nb@b.example,mql,\n")
    told = "1 row without the day of a stage: it counts as of now, and new MQLs are announced"
    assert told in baton(tmp_path, "import", "leads.csv", "--source", "crm").stderr.splitlines()


def test_a_lead_is_found_by_every_name_that_is_shown_and_its_facts_have_names(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("Lead ID,name\n00Q5g,Ann\nb7,Bo\n")
    baton(tmp_path, "import", "leads.csv", "--source", "fair", "--system", "sf")
    shown = baton(tmp_path, "lead", "sf:00Q5g").stdout
    assert "Ann (lead 1)" in shown
    assert "also known as: sf:00Q5g" in shown
    facts = [one["facts"] for one in json.loads(baton(tmp_path, "leads", "--json").stdout)]
    assert sorted(one["name"] for one in facts) == ["Ann", "Bo"]
