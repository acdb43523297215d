"""The entry that Streamlit runs for each look at a page: language, pages, and what to say when nothing works."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboards import (
    freshness,
    morning,
    operations,
    pieces,
    practitioner,
    publications,
    quality,
    readings,
    session,
    tokens,
)
from rpps_sync.errors import RppsSyncError
from rpps_sync.reporting.model import Light

PAGES = {  # address: what shows it, its icon
    "": (morning.page, ":material/wb_twilight:"),
    "practitioner": (practitioner.page, ":material/person_search:"),
    "quality": (quality.page, ":material/fact_check:"),
    "publications": (publications.page, ":material/stacked_line_chart:"),
    "freshness": (freshness.page, ":material/schedule:"),
    "tokens": (tokens.page, ":material/badge:"),
    "operations": (operations.page, ":material/build:"),
}
_ICON = str(Path(__file__).with_name("icon.svg"))  # an icon by name would be fetched from another host
_NAMES = {"fr": "Français", "en": "English"}


def main() -> None:
    """Show the page asked for."""
    st.set_page_config(page_title="rpps-sync", page_icon=_ICON, layout="wide")
    pieces.wear_style()
    words = session.words()
    chosen = st.navigation(
        [
            st.Page(show, title=words.app(f"page.{path or 'morning'}"), url_path=path, icon=icon, default=not path)
            for path, (show, icon) in PAGES.items()
        ]
    )
    with st.sidebar:
        _language_switch()
    _declare_language(words.language)
    try:
        session.ensure_readable()
        readings.take_pulse()
        chosen.run()
    except RppsSyncError as error:
        pieces.message(Light.ERROR, error.what, error.mend)
    _source()


def _language_switch() -> None:
    """Both names are always there, each in its own language."""
    now = session.language()
    st.session_state.setdefault(session.LANGUAGE, now)
    st.radio(
        session.words().app("page.language"),
        options=list(_NAMES),
        format_func=_NAMES.__getitem__,
        key=session.LANGUAGE,
        horizontal=True,
    )
    if st.query_params.get("lang") != session.language():
        st.query_params["lang"] = session.language()


def _declare_language(language: str) -> None:
    """Tell the browser, and through it a screen reader, in which language the page speaks."""
    st.html(
        f"<script>document.documentElement.lang = '{language}';</script>",
        unsafe_allow_javascript=True,
        width="content",
    )


def _source() -> None:
    """Who published what is shown: Licence Ouverte 2.0 asks for it."""
    words = session.words()
    try:
        served = readings.served() if "pulse" in st.session_state else None
    except RppsSyncError:
        served = None
    if served is None:
        text = words("source.citation_none")
    else:
        text = words("source.citation", day=words.day(served.published_at.date()))
    st.html(f'<div class="rs"><p class="note">{text}</p></div>')


main()
