from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.playground.fake_slack import FakeSlack
from bot.playground.mrkdwn import Reader
from bot.playground.reads import Reads
from bot.playground.render import PARTS, blocks_html, page_html, part_html
from bot.playground.scene import Scene
from bot.playground.typed import encode
from bot.playground.workspace import BOT_USER, User
from bot.slack import words

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ANA = Reader("UANA", ZoneInfo("UTC"), NOW, {"UANA": "Ana"})
OPTIONS = [words.option("Web & mail", "web"), words.option("Fair", "fair")]
ACCESSORIES = [
    (words.button("Claim", "claim", "7", "primary"), 'data-action="claim" data-value="7">Claim</button>'),
    ({"type": "overflow", "action_id": "menu", "options": OPTIONS}, 'data-option="web">Web &amp; mail</button>'),
    ({"type": "static_select", "action_id": "pick", "options": OPTIONS}, '<option value="fair">Fair</option>'),
    ({"type": "radio_buttons", "action_id": "pick", "options": OPTIONS}, '<input type="radio" name="pick" value="web"'),
    ({"type": "checkboxes", "action_id": "pick", "options": OPTIONS}, '<input type="checkbox" name="pick" value="web"'),
    ({"type": "datepicker", "action_id": "day", "initial_date": "2026-12-01"}, 'type="date"'),
]
FIELDS = [
    ({"type": "plain_text_input", "initial_value": 'say "hi"'}, 'value="say &#34;hi&#34;"'),
    (
        {"type": "plain_text_input", "multiline": True, "initial_value": "\n</textarea>"},
        "\n\n&lt;/textarea&gt;</textarea>",
    ),
    ({"type": "email_text_input"}, 'type="email"'),
    ({"type": "number_input", "is_decimal_allowed": True, "initial_value": "12.5"}, 'value="12.5"'),
    ({"type": "datepicker", "initial_date": "2026-12-01"}, 'value="2026-12-01"'),
    ({"type": "static_select", "options": OPTIONS, "initial_option": OPTIONS[1]}, '<option value="fair" selected>'),
    (
        {"type": "radio_buttons", "options": OPTIONS, "initial_option": OPTIONS[1]},
        'data-label="Fair" data-choose="value" checked',
    ),
    ({"type": "checkboxes", "options": OPTIONS}, 'type="checkbox"'),
]
FIGURES = [
    {"label": "MQL", "value": 1200},
    {"label": "SQL", "value": 80},
]


def shown(*blocks: dict[str, Any]) -> str:
    return str(blocks_html(list(blocks), ANA))


@pytest.fixture
def slack() -> FakeSlack:
    return FakeSlack(lambda: NOW, [User("UANA", "Ana Lopes"), User("UBEN", "Ben")], ["inbound", "marketing"], "xoxb-x")


def scene(slack: FakeSlack, user: str = "UANA", channel: str = "C0001", **more: str) -> Scene:
    workspace = slack.workspace
    return Scene(workspace, Reads(workspace), workspace.users[user], workspace.channels[channel], **more)


@pytest.mark.parametrize(
    ("block", "says"),
    [
        (words.section("*Dana* at &lt;!channel&gt;"), "<strong>Dana</strong> at &lt;!channel&gt;"),
        ({"type": "section", "fields": [words.plain("<one>"), words.plain("two")]}, "<div>&lt;one&gt;</div>"),
        ({"type": "header", "text": words.plain("Your <leads>")}, "<h3>Your &lt;leads&gt;</h3>"),
        (words.context("_late_"), "<em>late</em>"),
        ({"type": "divider"}, "<hr>"),
        ({"type": "alert", "level": "warning", "text": words.plain("Too late")}, 'class="alert-box warning"'),
        (
            {"type": "table", "rows": [[{"type": "raw_text", "text": "<b>"}]]},
            '<th scope="col" class="left">&lt;b&gt;</th>',
        ),
    ],
)
def test_every_block_is_shown(block: dict[str, Any], says: str) -> None:
    assert says in shown(block)


@pytest.mark.parametrize(("element", "says"), ACCESSORIES)
def test_every_element_is_shown_beside_a_text_and_among_buttons(element: dict[str, Any], says: str) -> None:
    assert says in shown(words.section("x") | {"accessory": element})
    assert says in shown({"type": "actions", "elements": [element]})


@pytest.mark.parametrize(("element", "says"), FIELDS)
def test_every_field_has_its_label_and_its_value(element: dict[str, Any], says: str) -> None:
    block = {
        "type": "input",
        "block_id": "b",
        "label": words.plain("What?"),
        "element": element | {"action_id": "value"},
    }
    html = shown(block | {"optional": True})
    assert says in html
    assert ">What?</label>" in html or 'aria-labelledby="field-b-value-label"' in html
    assert "(optional)" in html


def test_a_chart_shows_each_value_on_its_bar_and_tells_it_in_words() -> None:
    chart = {
        "type": "bar",
        "series": [{"name": "Cycles", "data": FIGURES}],
        "axis_config": {"categories": ["MQL", "SQL"]},
    }
    html = shown({"type": "data_visualization", "title": "So far", "chart": chart})
    assert html.count("<rect") == 2
    assert ">1,200</text>" in html
    assert 'aria-label="So far. Cycles: MQL 1,200, SQL 80"' in html


def test_a_button_leads_to_no_address_but_a_web_page() -> None:
    button = words.button("Go", "go", "1")
    assert "href" not in shown({"type": "actions", "elements": [button | {"url": "javascript:alert(1)"}]})
    assert 'href="https://x.example"' in shown({"type": "actions", "elements": [button | {"url": "https://x.example"}]})


def test_a_whisper_is_shown_to_one_person_alone(slack: FakeSlack) -> None:
    inbound = slack.workspace.channel("inbound")
    slack.workspace.add_message(inbound, BOT_USER, "You were too late.", only_for="UANA")
    assert "Only visible to you" in part_html(scene(slack), "messages")
    assert "too late" not in part_html(scene(slack, "UBEN"), "messages")


def test_replies_are_counted_in_the_channel_and_shown_in_the_thread(slack: FakeSlack) -> None:
    inbound = slack.workspace.channel("inbound")
    parent = slack.workspace.add_message(inbound, "UBEN", "A card")
    slack.workspace.add_message(inbound, BOT_USER, "<@UBEN> claimed it", thread_ts=parent.ts)
    assert "1 reply" in part_html(scene(slack), "messages")
    assert "claimed it" not in part_html(scene(slack), "messages")
    assert "claimed it" in part_html(scene(slack, thread=parent.ts), "thread")


def test_what_others_wrote_since_the_last_look_is_unread(slack: FakeSlack) -> None:
    reads, inbound = Reads(slack.workspace), slack.workspace.channel("inbound")
    reads.mark("UANA", inbound)
    slack.workspace.add_message(inbound, "UBEN", "one")
    slack.workspace.add_message(inbound, "UANA", "my own")
    assert reads.unread("UANA", inbound) == 1
    reads.mark("UANA", inbound)
    assert reads.unread("UANA", inbound) == 0


def test_a_page_with_a_modal_and_a_thread_carries_no_foreign_markup(slack: FakeSlack) -> None:
    workspace, foreign = slack.workspace, "<script>alert(1)</script>"
    parent = workspace.add_message(workspace.channel("inbound"), BOT_USER, foreign, blocks=[words.section(foreign)])
    workspace.users["UANA"].name = foreign
    view = {"type": "modal", "title": words.plain("Fix"), "blocks": [words.section(foreign)]}
    workspace.views["UANA"] = [workspace.new_view(view)]
    html = page_html(scene(slack, thread=parent.ts))
    assert "<script>" not in html
    assert 'role="dialog"' in html


def test_every_part_of_a_page_can_be_fetched_alone(slack: FakeSlack) -> None:
    whole = page_html(scene(slack, channel="DUANA", tab="home"))
    assert "One moment" in whole
    assert all(isinstance(part_html(scene(slack), part), str) for part in PARTS)


def test_a_typed_text_reaches_the_bot_as_slack_would_send_it(slack: FakeSlack) -> None:
    typed = "@Baton ask @ana lopes in #inbound about <b> & dana@acme.example, https://x.example/#inbound"
    assert encode(typed, slack.workspace) == (
        "<@UBATON> ask <@UANA> in <#C0001|inbound> about &lt;b&gt; &amp; "
        "<mailto:dana@acme.example|dana@acme.example>, <https://x.example/#inbound>"
    )
