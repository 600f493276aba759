"""Files on the page, with a hand on the paperclip."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from bot.playground.attachments import TOO_LARGE
from bot.playground.demo import Demo
from bot.playground.files import LARGEST_FILE, SharedFile
from tests.browser.conftest import Tab

pytestmark = pytest.mark.browser
ROWS = b"email,name\ndana@acme.example,Dana\n"


def _payload(name: str, content: bytes = ROWS) -> FilePayload:
    return FilePayload(name=name, mimeType="text/csv", buffer=content)


def _drop(page: Page, where: str, *names: str) -> None:
    """Let go of files that were dragged over a part of the page."""
    script = """names => {
      const held = new DataTransfer();
      for (const name of names) held.items.add(new File(["a,b"], name));
      return held;
    }"""
    held = page.evaluate_handle(script, list(names))
    page.dispatch_event(where, "dragover", {"dataTransfer": held})
    page.dispatch_event(where, "drop", {"dataTransfer": held})


def _dropped(demo: Demo, user: str) -> list[SharedFile]:
    """What a person dropped in their conversation with the bot."""
    found = demo.slack.workspace.channel(user).messages.values()
    return [file for message in found if message.user == user for file in message.files]


def test_a_chosen_file_waits_in_the_composer_and_is_sent_with_the_text(tab: Tab, demo: Demo) -> None:
    page = tab.open("UANA", "DUANA")
    send = page.get_by_role("button", name="Send message")
    expect(send).to_be_disabled()
    page.set_input_files("input[type=file]", _payload("fair.csv"))
    expect(page.locator(".staged")).to_contain_text("fair.csv")
    expect(send).to_be_enabled()
    page.get_by_role("textbox").fill("from the fair")
    page.keyboard.press("Enter")
    tile = page.get_by_role("link", name="Download fair.csv")
    expect(tile).to_contain_text(f"CSV · {len(ROWS)} Bytes")
    expect(page.locator(".staged")).to_be_hidden()
    with page.expect_download() as download:
        tile.click()
    assert download.value.suggested_filename == "fair.csv"
    assert download.value.path().read_bytes() == ROWS == _dropped(demo, "UANA")[-1].content


def test_a_chosen_file_can_be_put_back_and_chosen_again(tab: Tab) -> None:
    page = tab.open("UBEN", "DUBEN")
    page.set_input_files("input[type=file]", _payload("again.csv"))
    page.get_by_role("button", name="Remove file").click()
    expect(page.locator(".staged")).to_be_hidden()
    expect(page.get_by_role("button", name="Send message")).to_be_disabled()
    page.set_input_files("input[type=file]", _payload("again.csv"))
    expect(page.locator(".staged")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Download again.csv")).to_be_visible()


def test_a_file_is_dropped_on_the_messages(tab: Tab, demo: Demo) -> None:
    page = tab.open("URITA", "DURITA")
    _drop(page, "#messages", "notes.txt", "second.csv")
    expect(page.get_by_role("status")).to_contain_text("One file at a time")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Download notes.txt")).to_be_visible()
    assert [file.name for file in _dropped(demo, "URITA")] == ["notes.txt"]


def test_a_file_is_dropped_on_a_thread(tab: Tab, demo: Demo) -> None:
    parent = demo.slack.workspace.add_message(demo.slack.workspace.channel("UADA"), "UADA", "a question")
    page = tab.open("UADA", "DUADA", f"?thread={parent.ts}")
    _drop(page, ".pane .messages", "more.csv")
    page.keyboard.press("Enter")
    expect(page.locator(".pane").get_by_role("link", name="Download more.csv")).to_be_visible()
    ((channel, ts),) = _dropped(demo, "UADA")[-1].shares
    assert demo.slack.workspace.channel(channel).messages[ts].thread_ts == parent.ts


def test_a_drop_beside_the_messages_or_in_a_channel_leaves_the_page_as_it_is(tab: Tab) -> None:
    page = tab.open("UANA", "DUANA")
    _drop(page, "#sidebar", "leads.csv")
    expect(page.locator(".staged")).to_be_hidden()
    page = tab.open("UANA", "C0001")
    _drop(page, "#messages", "leads.csv")
    expect(page.locator(".staged")).to_have_count(0)


def test_a_file_that_is_too_large_is_told_before_it_is_sent(tab: Tab, demo: Demo) -> None:
    page = tab.open("UMAYA", "DUMAYA")
    page.set_input_files("input[type=file]", _payload("large.csv", bytes(LARGEST_FILE + 1)))
    expect(page.get_by_role("status")).to_contain_text(TOO_LARGE)
    expect(page.locator(".staged")).to_be_hidden()
    assert "large.csv" not in [file.name for file in _dropped(demo, "UMAYA")]
