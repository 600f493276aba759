"""The demo in headless Chromium."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from bot.playground.demo import Demo, running_demo

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not os.access(CHROMIUM, os.X_OK):
        if os.environ.get("CI"):
            pytest.fail("CI needs Chromium: apt-get install chromium")
        pytest.skip("no Chromium here (apt-get install chromium): the page is not tested")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    with running_demo(0, 0, lively=False) as running:
        yield running


@pytest.fixture
def tab(browser: Browser, demo: Demo) -> Iterator["Tab"]:
    made = Tab(browser, demo)
    yield made
    made.close()


class Tab:
    """Opens the page as one person after the other."""

    def __init__(self, browser: Browser, demo: Demo) -> None:
        self._context = browser.new_context(viewport={"width": 1440, "height": 900})
        self._demo = demo
        self._users: set[str] = set()
        self.errors: list[str] = []

    def open(self, user: str, channel: str = "C0001", more: str = "", *, live: bool = True) -> Page:
        """A new tab in which one person looks at one channel; one that is not live hears of no change by itself."""
        self._users.add(user)
        page = self._context.new_page()
        if not live:
            page.route("**/stream", lambda route: route.abort("aborted"))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("requestfailed", lambda request: self._failed(request))
        page.goto(f"{self._demo.page_url}/as/{user}/{channel}{more}")
        page.wait_for_load_state()
        return page

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a tab that is left gives up what it was fetching
            self.errors.append(f"{request.url}: {request.failure}")

    def close(self) -> None:
        self._context.close()
        for user in self._users:  # a modal that was left open would lie over the page of the next test
            self._demo.slack.workspace.views[user] = []
        assert self.errors == []
