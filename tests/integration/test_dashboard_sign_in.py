"""Signing in to the dashboard in a real browser: with a key, and at a real identity provider on loopback."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from browser import browsing, kept
from dashboard_home import Home, made, shown
from dashboard_visits import WIDE, Visit, readable, visit_of
from identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider
from rpps_sync import clock
from rpps_sync.directory import api_keys, finding_history, findings
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.directory.engine import open_engine, reading, writing
from rpps_sync.directory.ledger import publications
from rpps_sync.run_summary import Outcome

PICTURES = Path(os.environ["DASHBOARD_SCREENSHOTS"]) if os.environ.get("DASHBOARD_SCREENSHOTS") else None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all."""
    with browsing() as one:
        yield one


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    """An identity provider that knows three people."""
    with identity_provider() as one:
        yield one


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider) -> Home:
    """Two nights of 120 people, the second refused; people sign in with a key or at the provider."""
    home = made(tmp_path_factory.mktemp("sign-in"), people=120, nights=2, refused=2)
    assert home.outcomes == (Outcome.PUBLISHED, Outcome.REFUSED)
    lines = {
        "dashboard_sign_in": ["key", "oidc"],
        "dashboard_oidc_url": f"{provider.address}/.well-known/openid-configuration",
        "dashboard_oidc_client_id": CLIENT,
        "dashboard_oidc_client_secret": SECRET,
    }
    people = '[dashboard_people]\n"email:ana@chu.example" = "audit"\n"groups:dsi" = ["admin"]\n'
    told = "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
    with home.config.open("a", encoding="utf-8") as config:
        config.write(told + people)
    return home


@pytest.fixture(scope="module")
def address(home: Home, provider: IdentityProvider) -> Iterator[str]:
    """Its dashboard at work, known to the provider."""
    with shown(home) as address:
        provider.back = f"{address}/oauth2callback"
        yield address


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """A visitor whom nobody knows yet."""
    with browser.new_context(viewport=WIDE, locale="fr-FR") as context:
        yield visit_of(context.new_page(), address)


def _at(home: Home) -> datetime:
    return home.morning


def test_without_signing_in_nothing_of_the_directory_is_seen_and_a_withdrawn_key_is_out(
    visit: Visit, home: Home
) -> None:
    """A form and nothing else; a wrong key is told; a good one opens the page wanted, and its scope alone."""
    engine = open_engine(home.settings.database)
    with clock.pinned(_at(home)), writing(engine) as connection:
        key, secret = api_keys.create(connection, "Poste 12", [KeyScope.READ])
    page = visit.open("practitioner?q=martin", "fr")
    expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)
    assert "RPPS" not in page.locator(".stMain").inner_text()
    readable(page)
    kept(page, PICTURES, "sign-in")
    _type_key(page, f"rpps_{'a' * 12}_{'A' * 43}")
    expect(page.get_by_text("Cette clé n’est pas connue")).to_be_visible(timeout=20_000)
    _type_key(page, secret)
    expect(page.locator(".rs tbody th a").first).to_contain_text("MARTIN", timeout=20_000)
    expect(page.get_by_test_id("stSidebarNav").get_by_text("Jetons PSC")).to_have_count(0)
    page = visit.open("tokens", "fr")
    expect(page.get_by_text("Cette page demande l’habilitation")).to_be_visible()
    page = visit.open("", "fr")
    with clock.pinned(_at(home)), writing(engine) as connection:
        api_keys.revoke(connection, key.id)
    expect(page.get_by_label("Clé d’accès")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("praticiens servis")).to_have_count(0)
    engine.dispose()
    log = home.config.with_name("dashboard.log").read_text(encoding="utf-8")
    assert f'"account": "{key.id}"' in log
    assert secret not in log
    visit.nothing_wrong()


def test_who_may_only_look_cannot_act_and_signing_out_ends_every_tab(
    visit: Visit, home: Home, provider: IdentityProvider
) -> None:
    """Somebody with an unproved address sees nothing; an auditor sees a finding and cannot acknowledge it."""
    engine = open_engine(home.settings.database)
    with reading(engine) as connection:
        chosen = findings.find(connection)[0].judgement.id
    engine.dispose()
    _sign_in_as(visit, "bob")
    expect(visit.page.get_by_text("rien ne vous est encore ouvert")).to_be_visible(timeout=20_000)
    _sign_out(visit.page)
    _sign_in_as(visit, "ana")
    page = visit.open(f"tokens?finding={chosen}", "fr")
    expect(page.get_by_text("Agir demande l’habilitation")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("button", name="Prendre en compte")).to_have_count(0)
    other = page.context.new_page()
    other.goto(f"{visit.address}/freshness?lang=fr")
    expect(other.locator(".rs h1").first).to_have_text("Fraîcheur", timeout=20_000)
    _sign_out(page)
    expect(other.get_by_label("Clé d’accès")).to_be_visible(timeout=20_000)
    assert provider.asked[-1]["code_challenge_method"] == "S256"


def test_an_administrator_acts_under_the_name_of_their_sign_in(visit: Visit, home: Home) -> None:
    """The link to a finding leads there past the sign-in; what is decided says who, without anybody typing it."""
    engine = open_engine(home.settings.database)
    with reading(engine) as connection:
        chosen = findings.find(connection)[0].judgement.id
    _sign_in_as(visit, "dsi", wanted=f"tokens?finding={chosen}")
    page = visit.page
    page.get_by_label("Pourquoi").fill("vérifié par téléphone", timeout=60_000)
    page.get_by_role("button", name="Prendre en compte").click()
    expect(page.get_by_text("vérifié par téléphone")).to_be_visible(timeout=20_000)
    page = visit.open("operations", "fr")
    expect(page.get_by_role("heading", name="Publier quand même")).to_be_visible(timeout=20_000)
    page.get_by_label("Pourquoi").fill("fermeture annoncée par l’ordre")
    page.get_by_role("button", name="Publier quand même").click()
    expect(page.get_by_role("heading", name="Publier quand même")).to_have_count(0, timeout=180_000)
    with reading(engine) as connection:
        (acknowledged, *_) = finding_history.history(connection, chosen)[::-1]
        newest = publications(connection)[0]
    engine.dispose()
    assert (acknowledged["by"], acknowledged["because"]) == ("Dora Exemple", "vérifié par téléphone")
    assert (newest["accepted_by"], newest["seq"]) == ("Dora Exemple", 2)


def _type_key(page: Page, secret: str) -> None:
    page.get_by_label("Clé d’accès").fill(secret)
    page.get_by_role("button", name="Ouvrir").click()


def _sign_in_as(visit: Visit, who: str, wanted: str = "") -> None:
    """Over to the provider and back, to the page that was wanted."""
    page = visit.open(wanted, "fr")
    page.get_by_role("button", name="Se connecter avec").click()
    page.get_by_role("link", name=who).click()
    page.wait_for_url(lambda url: urlsplit(url).netloc == urlsplit(visit.address).netloc)
    expect(page.get_by_role("link", name="Se déconnecter")).to_be_visible(timeout=20_000)
    visit.settle()


def _sign_out(page: Page) -> None:
    page.get_by_role("link", name="Se déconnecter").click()
    expect(page.get_by_label("Clé d’accès")).to_be_visible(timeout=20_000)
