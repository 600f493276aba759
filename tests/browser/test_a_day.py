"""A whole day on the page: Ana, who calls leads, and Rita, who looks after those who do."""

import re

import httpx
import pytest
from playwright.sync_api import Error, Locator, Page, expect

from bot.playground.demo import Demo
from tests.browser.conftest import Tab

pytestmark = pytest.mark.browser


def _new_mql(demo: Demo, name: str) -> None:
    """A lead that has just asked for a demo."""
    address = f"{name.lower().replace(' ', '.')}@{name.split()[-1].lower()}.example"
    keyed = {"Authorization": f"Bearer {demo.key}"}
    with httpx.Client(base_url=demo.bot_url, headers=keyed, trust_env=False) as http:
        http.post("/v1/leads", json={"email": address, "name": name, "title": "VP Sales", "employees": 200})
        assert http.post("/v1/engagements", json={"email": address, "kind": "demo_request"}).status_code == 201


def _card(page: Page, name: str) -> Locator:
    return page.locator("#messages [data-ts]").filter(has_text=name).filter(has=page.get_by_role("button")).first


def _choose(card: Locator, option: str) -> None:
    """Choose from a card's menu; news about the card closes it, and then it is opened again."""
    item = card.page.get_by_role("menuitem", name=option)
    for patience in (2_000, 5_000, 30_000):  # milliseconds
        card.get_by_role("button", name=re.compile("more|menu", re.IGNORECASE)).last.click()
        try:
            return item.click(timeout=patience)
        except Error:
            continue
    raise AssertionError(f"the menu never offered {option}")


def _say(page: Page, text: str) -> None:
    page.get_by_role("textbox").first.fill(text)
    page.keyboard.press("Enter")


def _hand_to(page: Page, person: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Give it to").select_option(label=person)
    dialog.get_by_role("button", name="Hand over").click()
    expect(dialog).to_have_count(0)


def test_the_day_of_an_sdr(tab: Tab, demo: Demo) -> None:
    home = tab.open("UANA", "DUANA", "?tab=home")
    expect(home.locator("#home")).to_contain_text("Your leads (")
    expect(home.locator("#home")).to_contain_text("Your week:")
    expect(home.locator("#home")).to_contain_text("Next: ")
    home.get_by_role("button", name="More →").first.click()
    expect(home.locator("#home")).to_contain_text("11 to ")
    held = int(re.findall(r"Your leads \((\d+)\)", home.locator("#home").inner_text())[0])

    page = tab.open("UANA")
    _new_mql(demo, "Nele Winter")
    card = _card(page, "Nele Winter")
    expect(card).to_contain_text("claim due")
    card.get_by_role("button", name="Claim", exact=True).click()
    expect(card).to_contain_text("decision due")
    expect(home.locator("#home")).to_contain_text(f"Your leads ({held + 1})")

    _choose(card, "I called, no answer")
    expect(page.locator("#messages .private").last).to_contain_text("Noted: you called")
    expect(card).to_contain_text("called without an answer")

    _choose(card, "Hand over…")
    _hand_to(page, "Ben Carter")
    expect(card).to_contain_text("@Ben Carter")
    page.locator("#messages .private").last.get_by_role("button", name="Undo").click()
    expect(card.get_by_text("Accepted by")).to_contain_text("@Ana Lopes")

    _choose(card, "Snooze…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("In an hour").check()
    dialog.get_by_role("button", name="Remind me").click()
    expect(page.locator("#messages .private").last).to_contain_text("I will remind you")

    card.get_by_role("button", name="Log BANT").click()
    dialog.get_by_text("Recycle").click()
    dialog.get_by_label("Reason").first.select_option(index=1)
    dialog.get_by_role("button", name="Save").click()
    expect(card).to_contain_text("Recycled")
    page.locator("#messages .private").last.get_by_role("button", name="Undo").click()
    expect(card.get_by_text("Accepted by")).to_contain_text("@Ana Lopes")

    card.get_by_role("button", name="Release").click()
    expect(page.locator("#messages .private").last).to_contain_text("Anybody can claim this lead now.")
    expect(card.get_by_role("button", name="Claim", exact=True)).to_be_visible()


def test_a_pause_and_settings_are_typed_between_two_calls(tab: Tab) -> None:
    page = tab.open("UBEN")
    _say(page, "/lead pause 30m")
    expect(page.locator("#messages .private").last).to_contain_text("Nothing is given to you until")
    _say(page, "/lead resume")
    expect(page.locator("#messages .private").last).to_contain_text("Welcome back")
    _say(page, "/lead settings")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("By a mention in the lead's thread").check()
    dialog.get_by_label("5 an hour").check()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    _say(page, "/lead settings")
    expect(page.get_by_role("dialog").get_by_label("By a mention in the lead's thread")).to_be_checked()


def test_the_day_of_a_manager(tab: Tab, demo: Demo) -> None:
    home = tab.open("URITA", "DURITA", "?tab=home")
    board = home.locator("#home")
    expect(board).to_contain_text("The board")
    expect(board).to_contain_text("late")
    expect(board).to_contain_text("@Ana Lopes: holds")
    expect(board).to_contain_text("in time (")
    home.get_by_role("button", name="Who is away…").click()
    dialog = home.get_by_role("dialog")
    dialog.get_by_label("Who").first.select_option(label="Ben Carter")
    dialog.get_by_role("button", name="Save").click()
    expect(board).to_contain_text("⏸️ @Ben Carter")
    home.get_by_role("button", name="Who is away…").click()
    dialog.get_by_label("Who").first.select_option(label="Ben Carter")
    dialog.get_by_label("They are back").check()
    dialog.get_by_role("button", name="Save").click()
    expect(board).to_contain_text("🟢 @Ben Carter")
    home.get_by_role("button", name="Hand over…").first.click()
    dialog = home.get_by_role("dialog")
    expect(dialog).to_contain_text("now.")
    _hand_to(home, "Rita Novak")
    expect(board).to_contain_text("Your leads (1)")
    admin = tab.open("UADA", "DUADA", "?tab=home")
    expect(admin.locator("#home")).to_contain_text("Set-up")
    expect(admin.locator("#home")).to_contain_text("Inbound → #inbound: open of Sales")
