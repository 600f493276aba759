"""The list of a trade fair, dragged into the conversation with the bot."""

import pytest
from playwright.sync_api import expect

from bot.playground.demo import Demo
from tests.browser.conftest import Tab

pytestmark = pytest.mark.browser
ROWS = "".join(f"guest{n}@firm{n}.example;Guest {n};Firm {n}\n" for n in range(40))
LIST = f"E-Mail;Full name;Company\n{ROWS}nobody;Nobody;Firm\n".encode()


def test_a_list_is_dropped_previewed_imported_and_what_was_refused_comes_back(tab: Tab, demo: Demo) -> None:
    page = tab.open("UMAYA", "DUMAYA")
    page.set_input_files("input[type=file]", {"name": "Fair Berlin.csv", "mimeType": "text/csv", "buffer": LIST})
    page.get_by_role("textbox").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="1 reply").last.click()
    thread = page.locator(".pane")
    expect(thread).to_contain_text("40 rows can be imported, 1 would be refused.")
    expect(thread).to_contain_text("Guest 0 at Firm 0 · guest0@firm0.example")
    thread.get_by_role("button", name="Import 40 leads").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Source")).to_have_value("fair_berlin")
    dialog.get_by_label("Source").fill("Fair Berlin 2026")
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(thread).to_contain_text("is imported: 40 new leads, 1 refused.", timeout=15_000)
    expect(thread.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(thread.get_by_role("link", name="Download Fair Berlin.rejects.csv")).to_be_visible()
    with demo.baton.store.read() as tx:
        assert tx.leads.find("guest7@firm7.example")[0].source == "Fair Berlin 2026"
