"""The page, played as its first users would."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.playground.demo import Demo
from tests.browser.conftest import Tab

pytestmark = pytest.mark.browser
PICTURE = Path(__file__).parent.parent.parent / "docs" / "playground.png"


def _open_cards(page: Page) -> Locator:
    """The cards with a Claim button, oldest first."""
    claim = page.get_by_role("button", name="Claim", exact=True)
    return page.locator("#messages [data-ts]").filter(has=claim)


def _card(page: Page, ts: str | None) -> Locator:
    return page.locator(f'#messages [data-ts="{ts}"]')


def _claim_last(page: Page) -> Locator:
    ts = _open_cards(page).last.get_attribute("data-ts")
    card = _card(page, ts)
    card.get_by_role("button", name="Claim", exact=True).click()
    expect(card.get_by_role("button", name="Log BANT")).to_be_visible()
    return card


def test_it_opens_on_a_channel_with_cards_and_people_to_be(tab: Tab) -> None:
    page = tab.open("UANA")
    expect(page.get_by_text("Ana Lopes").first).to_be_visible()
    assert _open_cards(page).count() >= 3
    if os.environ.get("UPDATE_PICTURE"):
        _claim_last(page)
        page.screenshot(path=PICTURE)


def test_one_claims_while_another_claims_the_same_lead_in_a_second_tab(tab: Tab) -> None:
    # Both click on the card as it stands: Ben's page does not hear of Ana's click before his own.
    ana, ben = tab.open("UANA"), tab.open("UBEN", live=False)
    ts = _open_cards(ana).last.get_attribute("data-ts")
    bens_claim = _card(ben, ts).get_by_role("button", name="Claim", exact=True)
    expect(bens_claim).to_be_visible()
    private = ana.locator("#messages .private").count()
    _card(ana, ts).get_by_role("button", name="Claim", exact=True).click()
    with ben.expect_response("**/click") as answer:
        bens_claim.click()
    assert answer.value.json()["trouble"] == ""
    expect(_card(ana, ts).get_by_role("button", name="Log BANT")).to_be_visible()
    ben = tab.open("UBEN")
    expect(_card(ben, ts).get_by_text("Accepted by")).to_be_visible()
    expect(ben.get_by_text("Only visible to you").last).to_be_visible()
    expect(ben.locator("#messages .private").last).to_contain_text("claimed")
    expect(ben.locator("#messages .private").last).to_contain_text("before you")
    expect(ana.locator("#messages .private")).to_have_count(private)


def test_a_change_shows_in_another_persons_tab_by_itself(tab: Tab) -> None:
    ben = tab.open("UBEN")
    ana = tab.open("UANA")
    card = _claim_last(ana)
    ts = card.get_attribute("data-ts")
    ben.bring_to_front()
    expect(_card(ben, ts).get_by_text("Accepted by")).to_be_visible()


def test_the_modal_is_refused_at_its_fields_then_accepted(tab: Tab) -> None:
    page = tab.open("UANA")
    card = _claim_last(page)
    card.get_by_role("button", name="Log BANT").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Promote to SQL").check()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator('[data-field="need"]').get_by_role("alert")).to_contain_text("Need must be confirmed")
    dialog.get_by_label("Need", exact=True).select_option("Confirmed")
    dialog.get_by_label("Pain, in their words").fill("Leads wait over the week-end")
    dialog.get_by_label("Budget", exact=True).select_option("Confirmed")
    dialog.get_by_label("Amount").fill("20000")
    dialog.get_by_label("Timeline", exact=True).select_option("Partial")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(card.get_by_text("SQL, owned by")).to_be_visible()
    expect(card.get_by_text("€20,000")).to_be_visible()
    card.get_by_role("button", name=re.compile(r"\d+ repl")).click()
    expect(page.locator("#thread")).to_contain_text("promoted this lead to SQL")


def test_what_was_typed_stays_when_the_outcome_shows_more_fields(tab: Tab) -> None:
    page = tab.open("UBEN")
    card = _claim_last(page)
    card.get_by_role("button", name="Log BANT").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Note").fill("Call back in spring")
    dialog.get_by_label("Recycle").check()
    expect(dialog.get_by_label("Wake up on")).to_be_visible()
    expect(dialog.get_by_label("Note")).to_have_value("Call back in spring")
    fields = dialog.locator("[data-field]").evaluate_all("all => all.map(one => one.dataset.field)")
    assert fields[-4:] == ["outcome", "reason:recycled", "other_reason:recycled", "wake_on"]
    dialog.get_by_label("Reason").select_option("Bad timing")
    dialog.get_by_role("button", name="Save").click()
    expect(card.get_by_text("Recycled until")).to_be_visible()


@pytest.mark.parametrize("typed", ["/funnel this month by source", "/funnel last 30 days", "/funnel"])
def test_a_marketer_asks_for_the_funnel(tab: Tab, typed: str) -> None:
    page = tab.open("UMAYA", "C0003")
    page.get_by_role("textbox", name="Message #marketing").fill(typed)
    page.keyboard.press("Enter")
    answer = page.locator("#messages .private").last
    expect(answer.locator("svg[role=img]")).to_be_visible()
    expect(answer.get_by_role("table")).to_contain_text("All")
    expect(answer).to_contain_text("so far became SQL")


def test_a_question_in_a_direct_message_is_answered(tab: Tab) -> None:
    page = tab.open("UMAYA", "DUMAYA")
    page.get_by_role("textbox").fill("How many leads did we get last 90 days by campaign?")
    page.keyboard.press("Enter")
    expect(page.locator("#messages [data-ts]").last).to_contain_text("Funnel by campaign")


def test_the_home_lists_leads_and_claims_one(tab: Tab) -> None:
    page = tab.open("UANA", "DUANA", "?tab=home")
    expect(page.get_by_text("Waiting to be claimed")).to_be_visible()
    claims = page.get_by_role("button", name="Claim", exact=True)
    claimed = claims.first.get_attribute("data-value")
    claims.first.click()
    expect(page.locator(f'[data-action="claim"][data-value="{claimed}"]')).to_have_count(0)


def test_a_lead_is_added_by_the_shortcut(tab: Tab) -> None:
    page = tab.open("UANA")
    page.get_by_role("button", name="Shortcuts").click()
    page.get_by_role("menuitem", name="New lead").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill("pat@novum.example")
    dialog.get_by_label("Name", exact=True).fill("Pat Novum")
    dialog.get_by_label("They asked to be contacted").check()
    dialog.get_by_role("button", name="Add lead").click()
    card = _open_cards(page).filter(has_text="Pat Novum")
    expect(card).to_be_visible()
    card.get_by_role("button", name="Not a fit").click()
    page.get_by_role("dialog").get_by_label("Reason").select_option("Bad data")
    page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    expect(page.locator("#messages [data-ts]").filter(has_text="Pat Novum").first).to_contain_text("Rejected: Bad data")


def test_nothing_comes_from_elsewhere(tab: Tab, demo: Demo) -> None:
    page = tab.open("UANA")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    assert asked
    assert [url for url in asked if not url.startswith(demo.page_url)] == []


def test_a_page_elsewhere_cannot_press_a_button(tab: Tab, demo: Demo) -> None:
    page = tab.open("UANA")
    answer = page.request.post(
        f"{demo.page_url}/as/UANA/C0001/say", data={"text": "hi"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status == 403
