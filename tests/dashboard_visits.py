"""A visit to the dashboard in a real browser, and what one looks at on each page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from browser import Complaints

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@dataclass(slots=True)
class Visit:
    """A page open in the browser, and all that was heard of it."""

    PAUSE: ClassVar[float] = 0.25  # seconds, for charts to be drawn once nothing more comes

    page: Page
    address: str
    complaints: Complaints

    def open(self, path: str, language: str) -> Page:
        """Go to a page, in a language, and wait for its title."""
        query = "&" if "?" in path else "?"
        self.page.goto(f"{self.address}/{path}{query}lang={language}")
        expect(self.page.locator(".rs h1").first).to_be_visible(timeout=20_000)
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until Streamlit has nothing more to draw."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning", timeout=20_000
        )
        self.page.wait_for_timeout(1000 * self.PAUSE)

    def nothing_wrong(self) -> None:
        """No error on the console, nobody else asked."""
        assert self.complaints.console == []
        assert self.complaints.strangers == []


def visit_of(page: Page, address: str) -> Visit:
    """A visit whose complaints are heard from its beginning."""
    complaints = Complaints(urlsplit(address).netloc)
    complaints.listen(page)
    return Visit(page, address, complaints)


def readable(page: Page) -> None:
    """What axe finds of labels, names, roles and contrast in what this project draws."""
    found = Axe().run(page, context=".stMain", options={"runOnly": ["wcag2a", "wcag2aa"]})
    told = [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]
    assert told == []
