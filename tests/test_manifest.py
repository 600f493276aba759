"""The manifest asks for what the code needs, and for nothing besides."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.doctor import NEEDED_SCOPES, OPTIONAL_SCOPES
from bot.playground.fake_slack import ALL_SCOPES
from bot.slack import ids
from bot.slack.listening import Listening

ROOT = Path(__file__).parent.parent
EVENT_NAMES = {"message": "message.im"}
"""What an event is called in the manifest, where that differs from its name in the code."""


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    return content


class _Listed:
    """Collects what the conversations register."""

    def __init__(self) -> None:
        self.names: dict[str, set[str]] = {"command": set(), "shortcut": set(), "event": set()}

    def __getattr__(self, kind: str) -> Any:
        def register(name: str, *_: Any) -> Any:
            self.names.setdefault(kind, set()).add(name)
            return lambda *args, **kwargs: None

        return register


@pytest.fixture(scope="module")
def listed() -> dict[str, set[str]]:
    from bot.slack.app import CONVERSATIONS

    app = _Listed()
    listening = Listening(app, None)  # type: ignore[arg-type]
    for conversation in CONVERSATIONS:
        conversation.register(listening)
    return app.names


def test_it_has_every_command_the_code_answers_and_no_other(manifest: Any, listed: Any) -> None:
    assert {one["command"] for one in manifest["features"]["slash_commands"]} == listed["command"]


def test_it_has_every_shortcut_the_code_answers_and_no_other(manifest: Any, listed: Any) -> None:
    assert {one["callback_id"] for one in manifest["features"]["shortcuts"]} == listed["shortcut"]


def test_it_subscribes_to_every_event_the_code_answers_and_no_other(manifest: Any, listed: Any) -> None:
    needed = {EVENT_NAMES.get(name, name) for name in listed["event"]}
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == needed


def test_its_scopes_are_those_the_doctor_looks_for_and_the_strict_fake_grants(manifest: Any) -> None:
    scopes = manifest["oauth_config"]["scopes"]
    assert set(scopes["bot"]) == NEEDED_SCOPES
    assert set(scopes["bot_optional"]) == set(OPTIONAL_SCOPES)
    assert NEEDED_SCOPES | set(OPTIONAL_SCOPES) == ALL_SCOPES


def test_every_scope_is_needed_by_something(manifest: Any, listed: Any) -> None:
    reasons = {
        "app_mentions:read": "app_mention" in listed["event"],
        "im:write": True,
        "im:history": "message" in listed["event"],
        "commands": bool(listed["command"]),
        "chat:write": True,
        "chat:write.public": True,
        "users:read": True,
        "files:read": "message" in listed["event"],
        "files:write": "message" in listed["event"],
        "channels:history": True,
    }
    scopes = manifest["oauth_config"]["scopes"]
    assert {name for name in [*scopes["bot"], *scopes["bot_optional"]] if not reasons.get(name)} == set()


def _texts(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _texts(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value, key)
    elif isinstance(node, str):
        yield key, node


def test_its_texts_keep_slacks_limits(manifest: Any) -> None:
    shortcuts, commands = manifest["features"]["shortcuts"], manifest["features"]["slash_commands"]
    assert all(len(one["name"]) <= 24 and len(one["description"]) <= 150 for one in shortcuts)
    assert all(len(one["command"]) <= 32 and len(one["description"]) <= 2000 for one in commands)
    assert len(manifest["display_information"]["name"]) <= 35
    assert len(manifest["display_information"]["description"]) <= 140
    assert all(len(text) < 4000 for _, text in _texts(manifest))


def test_the_ids_in_the_code_are_the_ones_people_installed() -> None:
    assert (ids.LEAD_COMMAND, ids.FUNNEL_COMMAND) == ("/lead", "/funnel")
    assert (ids.NEW_LEAD_SHORTCUT, ids.FROM_MESSAGE_SHORTCUT) == ("lead_create", "lead_from_message")
