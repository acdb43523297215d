"""The pages without a browser, in states that a busy installation passes through once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit import net_util
from streamlit.testing.v1 import AppTest
from streamlit.web.server.server_util import is_url_from_allowed_origins

from dashboard_home import Home, empty, made
from dashboard_years import filled
from dashboards import session
from dashboards.server import ask_nobody_for_our_address, ensure_asked, streamlit_options
from dashboards.session import Launch
from dashboards.tokens import PER_PAGE
from dashboards.wording import own_catalogue
from rpps_sync import clock
from rpps_sync.errors import UsageError
from rpps_sync.locales import LANGUAGES
from rpps_sync.run_summary import Outcome
from rpps_sync.settings import load

PAGES = ("morning", "practitioner", "quality", "publications", "freshness", "tokens", "operations")


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Nothing kept from one test to the next, and nothing left open."""
    yield
    st.cache_data.clear()
    st.cache_resource.clear()
    session.start_with(Launch(load()))


def text_of(home: Home, page: str, language: str = "fr") -> str:
    """All that a page shows, as HTML."""
    session.start_with(Launch(home.settings))
    app = AppTest.from_function(_one_page, default_timeout=30, args=(page,))
    app.query_params["lang"] = language
    with clock.pinned(home.morning):
        app.run()
    assert not app.exception
    return "\n".join(str(part.proto.body) for part in app.main if part.type == "html")


def _one_page(page: str) -> None:
    import importlib  # noqa: PLC0415 - Streamlit runs the text of this function alone

    from dashboards import readings, session  # noqa: PLC0415

    session.ensure_readable()
    readings.take_pulse()
    importlib.import_module(f"dashboards.{page}").page()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_directory_says_on_every_page_what_to_do(tmp_path: Path, language: str) -> None:
    """No page fails and none shows an empty chart: each says that nothing ran, or that nothing was observed."""
    home = empty(tmp_path)
    for page in PAGES:
        told = text_of(home, page, language)
        assert 'class="message' in told, page
        assert "rpps-sync" in told, page


def test_the_first_night_is_no_trend_yet(tmp_path: Path) -> None:
    """After one night the trend says that it begins tomorrow, and nobody is said to have changed."""
    first = made(tmp_path, people=100, nights=1, refused=0)
    assert "la tendance commencera" in text_of(first, "morning")
    assert "Premier chargement" in text_of(first, "publications")


def test_a_refused_night_is_told_and_four_hundred_nights_are_still_one_page(tmp_path: Path) -> None:
    """The morning says why and what to do; with a past of years and thousands of findings every page opens."""
    home = made(tmp_path, people=100, nights=2, refused=2)
    assert home.outcomes == (Outcome.PUBLISHED, Outcome.REFUSED)
    told = text_of(home, "morning")
    assert "a refusé la publication" in told
    assert "ce qui a bougé</a>" in told
    filled(home, nights=398, findings=3_000)
    st.cache_data.clear()
    pages = {page: text_of(home, page) for page in PAGES}
    assert pages["publications"].count("older-") == 398
    assert pages["tokens"].count("finding=") == PER_PAGE
    assert all('class="message error"' not in pages[page] for page in ("publications", "tokens", "practitioner"))


def test_others_than_this_machine_are_not_let_in() -> None:
    """Where nobody is asked who they are, only the loopback is listened on."""
    for host in ("127.0.0.1", "::1", "localhost"):
        ensure_asked(host, ())
    for host in ("0.0.0.0", "192.168.1.4", "::", "annuaire.example"):  # noqa: S104 - refused
        with pytest.raises(UsageError, match="does not listen"):
            ensure_asked(host, ())
        ensure_asked(host, ("key",))


def test_both_languages_say_the_same_things() -> None:
    """Every sentence of one catalogue is in the other, with the same values in it."""
    french, english = (dict(_flat(own_catalogue(language))) for language in LANGUAGES)
    assert french.keys() == english.keys()
    for key, sentence in french.items():
        assert _values(sentence) == _values(english[key]), key


def _flat(table: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(table, dict):
        for name, inner in table.items():
            yield from _flat(inner, f"{path}.{name}")
    else:
        yield path, str(table)


def _values(sentence: str) -> set[str]:
    return {part.partition("}")[0] for part in sentence.split("{")[1:]}


def test_the_server_asks_nobody_outside_for_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Usage statistics are off; a visitor from an unknown origin is refused without asking who this machine is."""
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)  # put back afterwards
    monkeypatch.setattr(net_util, "_make_blocking_http_get", _nobody_answers)
    ask_nobody_for_our_address()
    assert streamlit_options("127.0.0.1", 8501)["browser.gatherUsageStats"] is False
    assert not is_url_from_allowed_origins("https://elsewhere.example")
    assert is_url_from_allowed_origins("http://127.0.0.1:8501")


def _nobody_answers(*_: object, **__: object) -> str:
    raise AssertionError("a request left the machine")
