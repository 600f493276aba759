from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.playground.mrkdwn import Reader, to_html
from bot.slack import words

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ANA = Reader("UANA", ZoneInfo("Europe/Berlin"), NOW, {"UANA": "Ana Lopes", "UBEN": "Ben Carter"}, {"C0001": "inbound"})


def html(text: str, reader: Reader = ANA) -> str:
    return str(to_html(text, reader)).removeprefix('<div class="lines">').removesuffix("</div>")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold*", "<strong>bold</strong>"),
        ("_leaning_", "<em>leaning</em>"),
        ("~gone~", "<s>gone</s>"),
        ("*all _of it_*", "<strong>all <em>of it</em></strong>"),
        ("*a _b* c_", "<strong>a _b</strong> c_"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("`*as is*`", "<code>*as is*</code>"),
        ("```a\n*b*```", "<pre>a\n*b*</pre>"),
        ("a\nb", "a<br>b"),
    ],
)
def test_a_style_becomes_its_tag(text: str, shown: str) -> None:
    assert html(text) == shown


def test_lines_with_bullets_become_one_list() -> None:
    assert html("Why:\n• one\n• *two*") == (
        'Why:</div><ul class="bullets"><li>one</li><li><strong>two</strong></li></ul>'
    )


def test_quoted_lines_become_one_quote() -> None:
    assert html("&gt; one\n> two\nthree") == '<blockquote>one<br>two</blockquote><div class="lines">three'


@pytest.mark.parametrize(
    "foreign",
    [
        "<!channel>",
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "<@UANA>",
        "<https://evil.example|your bank>",
        "&lt;b&gt;",
    ],
)
def test_an_escaped_foreign_text_shows_as_it_is_and_does_nothing(foreign: str) -> None:
    shown = to_html(words.escape(foreign), ANA)
    assert shown.striptags() == foreign
    assert not any(tag in shown for tag in ("<script", "<img", "<b>", "mention", "your bank</a>"))


def test_marks_that_are_used_inside_cannot_be_smuggled_in() -> None:
    assert html("a\ue0000\ue001b `c`") == "a0b <code>c</code>"


@pytest.mark.parametrize("raw", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<>", "<|x>", "< >"])
def test_text_that_nobody_escaped_is_no_markup_either(raw: str) -> None:
    assert not any(tag in html(raw) for tag in ("<script", "<img", "<a "))


def test_a_link_that_is_no_web_or_mail_address_stays_text() -> None:
    assert html("<javascript:alert(1)|click>") == "&lt;javascript:alert(1)|click&gt;"


def test_a_link_shows_its_label_and_keeps_its_address() -> None:
    link = '<a href="https://x.example/?a=1&amp;b=_2_" target="_blank" rel="noopener noreferrer">the *page*</a>'
    assert html("<https://x.example/?a=1&amp;b=_2_|the *page*>") == link


def test_bare_addresses_become_links() -> None:
    assert 'href="mailto:dana@acme.example"' in html("dana@acme.example · Berlin")
    assert 'href="https://acme.example/a_b_c"' in html("(https://acme.example/a_b_c).")
    assert html("<mailto:a@b.example|write>").endswith(">write</a>")


def test_mentions_carry_names_and_ones_own_stands_out() -> None:
    assert html("<@UBEN>") == '<span class="mention">@Ben Carter</span>'
    assert html("<@UANA>") == '<span class="mention me">@Ana Lopes</span>'
    assert html("<@UGONE|gone>") == '<span class="mention">@gone</span>'
    assert html("<#C0001>") == '<a class="mention" href="/as/UANA/C0001">#inbound</a>'
    assert html("<!channel>") == '<span class="mention me">@channel</span>'


@pytest.mark.parametrize(
    ("at", "zone", "shown"),
    [
        (datetime(2026, 11, 22, 8, 5, tzinfo=UTC), "Europe/Berlin", "today at 09:05"),
        (datetime(2026, 11, 22, 2, 0, tzinfo=UTC), "America/New_York", "yesterday at 21:00"),
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "Asia/Tokyo", "tomorrow at 08:30"),
        (datetime(2026, 10, 3, 8, 5, tzinfo=UTC), "Europe/Berlin", "Oct 3, 2026 at 10:05"),
    ],
)
def test_a_date_is_told_in_the_readers_zone(at: datetime, zone: str, shown: str) -> None:
    reader = Reader("UANA", ZoneInfo(zone), datetime(2026, 11, 22, 14, 0, tzinfo=UTC))
    assert f">{shown}</time>" in html(words.when(at), reader)


def test_a_date_that_cannot_be_read_shows_its_fallback() -> None:
    assert html("<!date^soon^{time}|in a while>") == "in a while"
