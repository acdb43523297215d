"""The dashboard in a real browser; pictures of every page go to the folder that DASHBOARD_SCREENSHOTS names."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser import browsing, kept
from dashboard_home import Home, made, shown
from dashboard_visits import NARROW, WIDE, Visit, readable, visit_of
from rpps_sync.directory import findings
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.finding import FindingStatus
from rpps_sync.run_summary import Outcome

PICTURES = Path(os.environ["DASHBOARD_SCREENSHOTS"]) if os.environ.get("DASHBOARD_SCREENSHOTS") else None
TITLES = {
    "": ("Ce matin", "This morning"),
    "practitioner": ("Praticien", "Practitioner"),
    "quality": ("Qualité", "Quality"),
    "publications": ("Publications", "Publications"),
    "freshness": ("Fraîcheur", "Freshness"),
    "tokens": ("Jetons PSC", "PSC tokens"),
    "operations": ("Exploitation", "Operations"),
}


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
        yield visit_of(context.new_page(), address)


@pytest.mark.parametrize("path", TITLES)
def test_every_page_can_be_read_in_french_on_a_screen_and_asks_nobody_else(visit: Visit, path: str) -> None:
    """By day, 1,280 pixels: its title, its language, what axe says of it, no error, no other host."""
    page = visit.open(path, "fr")
    expect(page.locator(".rs h1").first).to_have_text(TITLES[path][0])
    assert page.evaluate("document.documentElement.lang") == "fr"
    kept(page, PICTURES, f"{path or 'morning'}-fr")
    readable(page)
    visit.nothing_wrong()


@pytest.mark.parametrize("path", TITLES)
def test_every_page_can_be_read_in_english_on_a_phone_at_night(browser: Browser, address: str, path: str) -> None:
    """Light on dark, 390 pixels: the same, and nothing sticks out on the right."""
    with browser.new_context(viewport=NARROW, color_scheme="dark", locale="en-GB") as context:
        visit = visit_of(context.new_page(), address)
        page = visit.open(path, "en")
        expect(page.locator(".rs h1").first).to_have_text(TITLES[path][1])
        assert page.evaluate("document.documentElement.lang") == "en"
        main = "document.querySelector('[data-testid=stMain]')"
        assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")
        kept(page, PICTURES, f"{path or 'morning'}-en-phone")
        readable(page)
        visit.nothing_wrong()


def test_the_support_desk_finds_somebody_and_sees_them_on_another_day(visit: Visit) -> None:
    """A name typed without accents, the record behind the first answer, and the same on the first day."""
    page = visit.open("practitioner", "fr")
    page.get_by_label("Nom, prénom, ou numéro RPPS").fill("martin")
    page.get_by_role("button", name="Chercher").click()
    first = page.locator(".rs tbody th a").first
    expect(first).to_contain_text("MARTIN", timeout=20_000)
    first.click()
    expect(page.get_by_role("heading", name="Sa vie dans l’annuaire")).to_be_visible(timeout=20_000)
    visit.settle()
    kept(page, PICTURES, "practitioner-record")
    page.get_by_role("combobox", name="La fiche du").click()
    page.get_by_role("option", name="17 novembre 2026").click()
    expect(page.get_by_text("du 17 novembre 2026.", exact=False).first).to_be_visible(timeout=20_000)
    visit.nothing_wrong()


def test_a_finding_is_acknowledged_with_a_reason(visit: Visit, home: Home) -> None:
    """Without a reason nothing is written; with one, the finding is known and its history says who and why."""
    engine = open_engine(home.settings.database)
    with reading(engine) as connection:
        chosen = findings.find(connection)[0].judgement.id
    page = visit.open(f"tokens?finding={chosen}", "en")
    press = page.get_by_role("button", name="Acknowledge")
    press.click()
    expect(page.get_by_text("A reason and a name are needed")).to_be_visible(timeout=20_000)
    page.get_by_label("Why", exact=True).fill("checked by telephone")
    page.get_by_label("Your name").fill("support desk")
    press.click()
    expect(page.get_by_text("checked by telephone")).to_be_visible(timeout=20_000)
    with reading(engine) as connection:
        assert findings.get(connection, chosen).status is FindingStatus.ACKNOWLEDGED
    engine.dispose()
    visit.settle()
    kept(page, PICTURES, "tokens-finding")
    visit.nothing_wrong()


def test_the_rows_behind_a_result_and_the_worklists_are_downloaded(visit: Visit, tmp_path: Path) -> None:
    """A button prepares the file, another hands it over; both files open in a spreadsheet."""
    page = visit.open("quality", "fr")
    page.get_by_role("button", name="Préparer le fichier").click()
    with page.expect_download(timeout=20_000) as rows:
        page.get_by_role("button", name="Télécharger (CSV)").click()
    page = visit.open("tokens", "fr")
    page.get_by_role("button", name="Préparer les listes").click()
    with page.expect_download(timeout=20_000) as lists:
        page.get_by_role("button", name=re.compile(r"Télécharger .*\.csv")).first.click()
    for number, download in enumerate((rows.value, lists.value)):
        file = tmp_path / f"{number}.csv"
        download.save_as(file)
        assert file.read_bytes().startswith(b"\xef\xbb\xbf")
        assert len(file.read_text(encoding="utf-8-sig").splitlines()) > 1
    visit.nothing_wrong()


def test_somebody_without_a_mouse_comes_from_a_sentence_to_its_page(visit: Visit) -> None:
    """Tab reaches the link of a sentence, where one sees that it is there; Enter follows it."""
    page = visit.open("", "fr")
    page.locator(".stMain").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.sentences a')"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(".rs h1").first).to_have_text("Fraîcheur", timeout=20_000)
    visit.nothing_wrong()


def test_figures_lead_to_the_people_and_findings_behind_them(visit: Visit) -> None:
    """From the morning to those who changed; from a count of findings to as many; from a row to a person."""
    page = visit.open("", "fr")
    number = page.locator(".figures li", has_text="praticiens modifiés").locator("b a")
    changed = int(number.inner_text())
    number.click()
    expect(page.get_by_text(f"{changed} personnes", exact=True)).to_be_visible(timeout=20_000)
    page = visit.open("tokens", "fr")
    verdict = page.get_by_role("region", name="Par verdict").locator("td.num a").nth(1)  # of people who are there
    count = int(verdict.inner_text())
    verdict.click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("Les constats", timeout=20_000)
    visit.settle()
    rows = page.locator("tbody", has=page.locator("th .mark")).first.locator("tr")
    expect(rows).to_have_count(count)
    rows.first.locator("td a").first.click()
    expect(page.get_by_text("Fraîcheur de la fiche")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("heading", name="Ce que disent ses jetons")).to_be_visible(timeout=20_000)
    visit.nothing_wrong()


def test_a_refused_night_leads_from_the_calendar_to_its_reasons(visit: Visit) -> None:
    """The freshness page names the refused night; its link opens the run with the message of the refusal."""
    page = visit.open("freshness", "fr")
    page.get_by_role("region", name="Nuits refusées ou échouées").get_by_role("link").first.click()
    expect(page.locator(".rs .message.error").first).to_contain_text("contrôles bloquants", timeout=20_000)
    visit.nothing_wrong()


def test_two_days_are_compared_and_the_language_is_switched_by_hand(visit: Visit) -> None:
    """What moved between two publications is there at once; English, chosen by hand, stays for the next."""
    page = visit.open("publications", "fr")
    expect(page.get_by_role("heading", name="La différence entre deux jours")).to_be_visible()
    page.get_by_text("English").click()
    expect(page.get_by_role("heading", name="The difference between two days")).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="Quality").click()
    expect(page.locator(".rs h1").first).to_have_text("Quality", timeout=20_000)
    visit.nothing_wrong()
