"""What Slack would never send, with Slack's signature: it is refused in one line, and breaks nothing."""

import copy
import json
import logging
import time
from collections.abc import Iterator
from itertools import count, cycle
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from bot.playground.lines import COMMAND, EVENT, Json, Line
from bot.playground.people import People
from funnel.policy import Policy
from tests.support.databases import Databases
from tests.support.filling import values
from tests.support.size import sized
from tests.support.world import ADA, ANA, BEN, MAYA, RITA, SECRET, World, open_world

Recorded = dict[str, tuple[str, Json]]


class RecordingLine:
    """A line that keeps what goes over it, under the name it is given."""

    def __init__(self, line: Line) -> None:
        self._line, self.recorded = line, {}
        self.name = ""
        self.recorded: Recorded

    def send(self, kind: str, payload: Json) -> Json:
        if self.name:
            self.recorded.setdefault(self.name, (kind, copy.deepcopy(payload)))
        return self._line.send(kind, payload)

    def close(self) -> None:
        self._line.close()


class Fuzzed:
    """A bot, what people sent it, and how it answers what they did not."""

    def __init__(self, world: World, recorded: Recorded) -> None:
        self.world, self.recorded, self._numbers = world, recorded, count(1)
        self._client = httpx.Client(trust_env=False, timeout=60)
        self._signer = SignatureVerifier(SECRET)

    def close(self) -> None:
        self._client.close()

    def post(self, body: str | bytes, content_type: str) -> httpx.Response:
        stamp, raw = str(int(time.time())), body.encode() if isinstance(body, str) else body
        signature = self._signer.generate_signature(timestamp=stamp, body=raw.decode("utf-8", "replace")) or ""
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature,
        }
        return self._client.post(f"{self.world.address}/slack/events", content=raw, headers=headers)

    def send(self, kind: str, payload: Any) -> httpx.Response:
        if kind == EVENT:
            return self.post(json.dumps(payload), "application/json")
        form = payload if kind == COMMAND and isinstance(payload, dict) else {"payload": json.dumps(payload)}
        return self.post(urlencode(form, errors="surrogatepass"), "application/x-www-form-urlencoded")

    def fresh(self, payload: Json) -> Json:
        """The payload again, as if it were done anew."""
        payload = copy.deepcopy(payload)
        if "trigger_id" in payload:
            user = payload.get("user_id") or payload["user"]["id"]
            payload["trigger_id"] = self.world.slack.workspace.new_trigger(user)
        if payload.get("type") == "view_submission":
            payload["view"]["id"] = f"VFUZZ{next(self._numbers)}"
        if "event_id" in payload:
            payload["event_id"] = f"EvFUZZ{next(self._numbers)}"
        return payload


def _play(world: World, people: People, line: RecordingLine) -> None:
    """Do once whatever people can do."""

    def as_(name: str) -> People:
        line.name = name
        return people

    slack = world.slack.workspace
    card = world.posted_card()
    as_("claim").click(ANA, card, "claim")
    world.deliver()
    as_("log_bant").click(ANA, card, "log_bant")
    view = world.view(ANA)
    as_("bant_modal").submit(
        ANA,
        view["id"],
        values(view, outcome="save", need="partial", budget_amount="20", timeline_due="2027-01-31"),
    )
    people.click(ANA, card, "log_bant")
    view = world.view(ANA)
    as_("outcome").choose(ANA, view["id"], "outcome", "recycled", values(view))
    for choice in ("why", "show", "attempt", "snooze", "hand_over"):
        as_(f"menu {choice}").click(ANA, card, "lead_menu", f"{choice}:1")
        if choice in {"snooze", "hand_over"}:
            view = world.view(ANA)
            filled = values(view, to=BEN) if choice == "hand_over" else values(view)
            as_(f"{choice}_modal").submit(ANA, view["id"], filled)
    world.deliver()
    undone = next(one for one in world.slack.whispers(ANA) if "undo" in str(one.blocks))
    as_("undo").click(ANA, undone, "undo")
    as_("release").click(ANA, card, "release")
    other = world.posted_card(email="kim@acme.example", name="Kim")
    as_("not_a_fit").click(ANA, other, "not_a_fit")
    view = world.view(ANA)
    as_("reject_modal").submit(ANA, view["id"], values(view, reason__rejected="Bad data"))
    as_("home").open_home(ANA)
    as_("board").open_home(RITA)
    for command in ("new", "settings", "mine", "find dana", "pause 30m", "policy", "away 2026-12-21 to 2027-01-04"):
        as_(f"/lead {command}").command(ADA if command == "policy" else ANA, "#inbound", f"/lead {command}")
        if command in {"new", "settings"}:
            view = slack.views[ANA][-1]
            filled = values(view, email="new@oak.example", hand_raise="contact_request") if command == "new" else None
            as_(f"{command}_modal").submit(ANA, view["id"], filled or values(view))
    as_("/funnel").command(MAYA, "#marketing", "/funnel this week")
    as_("shortcut").shortcut(ANA, "lead_create")
    said = people.say(ANA, "#marketing", "Met <mailto:lee@novum.example|lee@novum.example> at the fair")
    as_("message shortcut").message_shortcut(ANA, said, "lead_from_message")
    view = world.view(ANA)
    as_("from_message_modal").submit(ANA, view["id"], values(view))
    as_("direct message").say(MAYA, f"D{MAYA}", "this week?")
    as_("mention").say(MAYA, "#marketing", "<@UBATON> this week?")
    dropped = as_("file").drop_file(MAYA, f"D{MAYA}", "fair.csv", b"email,name\ndana@acme.example,Dana\n")
    world.run()
    as_("import_from").click(MAYA, world.replies(dropped)[0], "import_from")
    view = world.view(MAYA)
    as_("source_modal").submit(MAYA, view["id"], values(view))
    line.name = ""


@pytest.fixture(scope="module")
def fuzzed(databases: Databases, policy: Policy, kinds: str = "sqlite") -> Iterator[Fuzzed]:
    with open_world(databases.fresh(kinds), policy) as world:
        line = RecordingLine(world.people._line)
        _play(world, People(world.slack, line), line)
        fuzzed = Fuzzed(world, line.recorded)
        yield fuzzed
        fuzzed.close()


NAMES = [
    *("claim", "log_bant", "outcome", "bant_modal", "menu why", "menu attempt", "snooze_modal", "hand_over_modal"),
    *("undo", "release", "not_a_fit", "reject_modal", "home", "/lead mine", "new_modal", "settings_modal"),
    *("shortcut", "message shortcut", "from_message_modal", "direct message", "mention", "file", "import_from"),
    *("source_modal", "/lead find dana", "/funnel"),
]
JUNK: list[Any] = [
    *(None, True, 0, -1, 2**31, 2**63, 10**40, 1.5, "", " ", "x", "one:x:y", "1:2:3:4", "why:99999999999999999999"),
    *("{}", "[]", '{"cycle": "x"}', "\x00", "\ud800", "U" * 5000, "2026-13-45", "<!channel>", "claim", "sql"),
    *([], {}, [None], [[]], {"id": None}, {"value": 5}, {"id": "UNOBODY"}, [{"id": "F1"}], {"values": None}),
]


EACH = sized(1, 10)
"""Other values that are tried in each place of a payload."""


def _paths(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a payload."""
    if place:
        yield place
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from _paths(value, (*place, key))


def _mutated(payload: Any, place: tuple[Any, ...], junk: Any, *, drop: bool) -> Any:
    *above, last = place
    for key in above:
        payload = payload[key]
    if drop:
        del payload[last]
    else:
        payload[last] = copy.deepcopy(junk)
    return payload


def _check(answer: httpx.Response, caplog: pytest.LogCaptureFixture) -> None:
    assert answer.status_code < 500
    assert not [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]
    # What a modal meets that is filled after its answer is told when the next payload may be there already.
    told = [record for record in caplog.records if record.name != "bot.slack.listening"]
    assert all("\n" not in record.getMessage() for record in told)
    assert len(told) == (1 if answer.status_code in {400, 404} else 0)
    caplog.clear()


def test_what_was_recorded_is_all_there_is_and_is_taken_again(fuzzed: Fuzzed, caplog: pytest.LogCaptureFixture) -> None:
    assert set(NAMES) <= set(fuzzed.recorded)
    for kind, payload in fuzzed.recorded.values():
        answer = fuzzed.send(kind, fuzzed.fresh(payload))
        assert answer.status_code == 200
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("name", NAMES)
def test_no_change_of_a_payload_is_a_failure(fuzzed: Fuzzed, name: str, caplog: pytest.LogCaptureFixture) -> None:
    kind, payload = fuzzed.recorded[name]

    @given(data=st.data())
    def attempt(data: st.DataObject) -> None:
        changed = fuzzed.fresh(payload)
        for _ in range(data.draw(st.integers(1, 3))):
            places = list(_paths(changed))
            if places:
                place = data.draw(st.sampled_from(places))
                _mutated(changed, place, data.draw(st.sampled_from(JUNK)), drop=data.draw(st.booleans()))
        _check(fuzzed.send(kind, changed), caplog)

    attempt()


@pytest.mark.parametrize("name", NAMES)
def test_every_key_may_be_missing(fuzzed: Fuzzed, name: str, caplog: pytest.LogCaptureFixture) -> None:
    kind, payload = fuzzed.recorded[name]
    for place in _paths(payload):
        changed = fuzzed.fresh(payload)
        _mutated(changed, place, None, drop=True)
        _check(fuzzed.send(kind, changed), caplog)


@pytest.mark.parametrize("name", NAMES)
def test_every_value_may_be_another(fuzzed: Fuzzed, name: str, caplog: pytest.LogCaptureFixture) -> None:
    kind, payload = fuzzed.recorded[name]
    junk = cycle(JUNK)
    for place in _paths(payload):
        for _ in range(EACH):
            changed = fuzzed.fresh(payload)
            _mutated(changed, place, next(junk), drop=False)
            _check(fuzzed.send(kind, changed), caplog)


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("claim", "user", None),
        ("claim", "actions", "claim"),
        ("claim", "actions.0.value", "99999999999999999999"),
        ("claim", "actions.0.value", "not a number"),
        ("log_bant", "actions.0.value", ""),
        ("menu why", "actions.0.selected_option", None),
        ("menu why", "actions.0.selected_option.value", "explode:1"),
        ("undo", "actions.0.value", "1"),
        ("outcome", "view", None),
        ("bant_modal", "view", None),
        ("bant_modal", "view.state", None),
        ("bant_modal", "view.private_metadata", "no JSON"),
        ("bant_modal", "view.private_metadata", "{}"),
        ("bant_modal", "view.private_metadata", '{"cycle": 1e300, "channel": "C0001"}'),
        ("bant_modal", "view.state.values.need.value.selected_option.value", "certainly"),
        ("bant_modal", "view.state.values.timeline_due.value.selected_date", "2026-13-45"),
        ("new_modal", "view.private_metadata", "[]"),
        ("settings_modal", "view.state.values.most_an_hour.value.selected_option.value", "many"),
        ("settings_modal", "view.state.values.alert.value.selected_option.value", "by pigeon"),
        ("source_modal", "view.private_metadata", '{"upload": -1}'),
        ("import_from", "actions.0.value", "x:Fair"),
        ("direct message", "event.user", None),
        ("direct message", "event_id", 5),
        ("mention", "event", []),
        ("file", "event.files.0.id", None),
        ("/lead mine", "user_id", ""),
    ],
)
def test_what_cannot_be_is_a_bad_request(
    fuzzed: Fuzzed, name: str, place: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    kind, payload = fuzzed.recorded[name]
    changed = fuzzed.fresh(payload)
    path = tuple(int(part) if part.isdigit() else part for part in place.split("."))
    _mutated(changed, path, value, drop=False)
    answer = fuzzed.send(kind, changed)
    assert answer.status_code == 400
    _check(answer, caplog)


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain", ""])
def test_no_body_is_a_failure(fuzzed: Fuzzed, content_type: str, caplog: pytest.LogCaptureFixture) -> None:
    odd = st.sampled_from(["payload=", "payload=%7B", "payload=%ff", "command", "command=/lead", "{", "[1]", "5"])

    @given(body=st.one_of(st.text(max_size=200), odd))
    def attempt(body: str) -> None:
        answer = fuzzed.post(body.encode("utf-8", "replace"), content_type)
        assert answer.status_code == 400
        _check(answer, caplog)

    attempt()


@pytest.mark.parametrize("name", ["claim", "bant_modal", "file"])
def test_a_payload_that_is_cut_short_is_refused(fuzzed: Fuzzed, name: str, caplog: pytest.LogCaptureFixture) -> None:
    text = json.dumps(fuzzed.recorded[name][1])
    for length in range(0, len(text), max(1, len(text) // 40)):
        answer = fuzzed.post(urlencode({"payload": text[:length]}), "application/x-www-form-urlencoded")
        assert answer.status_code == 400
        _check(answer, caplog)


def test_a_command_may_speak_of_a_payload(fuzzed: Fuzzed) -> None:
    fuzzed.world.people.command(ANA, "#inbound", "/lead find payload")
    assert "No lead matches “payload”" in fuzzed.world.slack.whispers(ANA)[-1].text
