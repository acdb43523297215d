"""The dashboard in a real browser; pictures of every page go to the folder that RPPS_SYNC_SCREENSHOTS names."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from browser import Complaints, browsing, kept
from dashboard_home import Home, empty, made, shown
from rpps_sync.directory import findings
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.run_summary import Outcome

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PICTURES = Path(os.environ["RPPS_SYNC_SCREENSHOTS"]) if os.environ.get("RPPS_SYNC_SCREENSHOTS") else None
TITLES = {
    "": ("Ce matin", "This morning"),
    "practitioner": ("Praticien", "Practitioner"),
}


@dataclass(slots=True)
class Visit:
    """A page open in the browser, and all that was heard of it."""

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
        self.page.wait_for_timeout(250)

    def nothing_wrong(self) -> None:
        """No error on the console, nobody else asked."""
        assert self.complaints.console == []
        assert self.complaints.strangers == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all."""
    with browsing() as one:
        yield one


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Four nights of 200 people, the third refused."""
    home = made(tmp_path_factory.mktemp("dashboard"))
    assert home.outcomes == (Outcome.PUBLISHED, Outcome.PUBLISHED, Outcome.REFUSED, Outcome.PUBLISHED)
    return home


@pytest.fixture(scope="module")
def address(home: Home) -> Iterator[str]:
    """Its dashboard at work."""
    if PICTURES:
        PICTURES.mkdir(parents=True, exist_ok=True)
    with shown(home, "--allow-actions") as address:
        yield address


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """A visitor on a wide screen, by day."""
    with browser.new_context(viewport=WIDE, locale="fr-FR") as context:
        page = context.new_page()
        complaints = Complaints(urlsplit(address).netloc)
        complaints.listen(page)
        yield Visit(page, address, complaints)


@pytest.mark.parametrize("path", TITLES)
def test_every_page_speaks_both_languages_and_asks_nobody_else(visit: Visit, path: str) -> None:
    """Opened in French and in English: its title, the language said to the browser, no error, no other host."""
    for rank, language in enumerate(("fr", "en")):
        page = visit.open(path, language)
        expect(page.locator(".rs h1").first).to_have_text(TITLES[path][rank])
        assert page.evaluate("document.documentElement.lang") == language
        kept(page, PICTURES, f"{path or 'morning'}-{language}")
    visit.nothing_wrong()


@pytest.mark.parametrize("path", TITLES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone_nor_unreadable(
    browser: Browser, address: str, path: str, scheme: str
) -> None:
    """At 390 pixels nothing sticks out; labels and contrast satisfy axe, by day and by night."""
    with browser.new_context(viewport=NARROW, color_scheme=scheme) as context:  # type: ignore[arg-type] # a literal
        page = context.new_page()
        complaints = Complaints(urlsplit(address).netloc)
        complaints.listen(page)
        visit = Visit(page, address, complaints)
        visit.open(path, "fr")
        main = "document.querySelector('[data-testid=stMain]')"
        assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")
        kept(page, PICTURES, f"{path or 'morning'}-phone-{scheme}")
        _readable(page)
        visit.nothing_wrong()


def _readable(page: Page) -> None:
    """What axe finds of labels, names, roles and contrast in what this project draws."""
    found = Axe().run(page, context=".stMain", options={"runOnly": ["wcag2a", "wcag2aa"]})
    told = [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]
    assert told == []
