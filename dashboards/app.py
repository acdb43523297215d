"""The entry that Streamlit runs for each look at a page: who looks, language, pages, what to say in trouble."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from dashboards import journal, pieces, readings, session, signing_in, way_back
from dashboards.places import PAGES, Place
from dashboards.visitors import Visitor, visitor
from dashboards.wording import Words
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.errors import RppsSyncError
from rpps_sync.reporting.model import Light

_ICON = str(Path(__file__).with_name("icon.svg"))  # an icon by name would be fetched from another host
_NAMES = {"fr": "Français", "en": "English"}


def main() -> None:
    """Show the page asked for, to who may see it."""
    st.set_page_config(page_title="rpps-sync", page_icon=_ICON, layout="wide")
    pieces.wear_style()
    words = session.words()
    try:
        who = visitor()
    except RppsSyncError as error:
        pieces.message(Light.ERROR, error.what, error.mend)
        return
    pages = _pages(words, who)
    chosen = st.navigation(list(pages.values()), position="sidebar" if who and who.opens else "hidden")
    with st.sidebar:
        _language_switch()
        if who is not None:
            signing_in.way_out(words, who)
    _declare_language(words.language)
    if who is None:
        chosen.run()
        return
    if who.session:
        signing_in.keep_watch(who.session)
        way_back.take(who, pages)
    if KeyScope.READ not in who.opens:
        signing_in.nothing_opened(words, who)
        return
    try:
        session.ensure_readable()
        readings.take_pulse()
        journal.tell(who, chosen.url_path)
        chosen.run()
    except RppsSyncError as error:
        pieces.message(Light.ERROR, error.what, error.mend)
    _source()


def _pages(words: Words, who: Visitor | None) -> dict[str, st.Page]:
    """The pages by their addresses; every one is known to who is signed out, and asks them to sign in."""
    opened = who.opens if who else frozenset[KeyScope]()
    return {
        path: st.Page(
            _shown(place, opened) if who else signing_in.page,
            title=words.app(f"page.{path or 'morning'}"),
            url_path=path,
            icon=place.icon,
            default=not path,
            visibility="visible" if place.scope in opened else "hidden",
        )
        for path, place in PAGES.items()
    }


def _shown(place: Place, opened: frozenset[KeyScope]) -> Callable[[], None]:
    return place.show if place.scope in opened else partial(signing_in.closed, place.scope)


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
