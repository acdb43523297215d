"""What somebody sees who has to sign in first: nothing of the directory; and the way out for who did."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import streamlit as st
from markupsafe import Markup

from dashboards import pieces, session, way_back
from dashboards.gate import SIGN_IN, SIGN_OUT
from dashboards.identity import PROVIDER, is_psc
from dashboards.visitors import Visitor, visitor
from dashboards.wording import Words
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.reporting.model import Light

LOOKS_EVERY = timedelta(seconds=5)  # whether who signed in still may
REFUSED = "refused"  # why a key was not taken, in the address


def page() -> None:
    """Show the ways in that this installation offers."""
    words = session.words()
    ways = session.launch().settings.dashboard_sign_in
    pieces.headline(words.app("sign_in.title"), words.app("sign_in.about"))
    refused = st.query_params.get(REFUSED, "")
    if refused in ("key", "database"):
        pieces.message(Light.ERROR, words.app(f"sign_in.refused_{refused}"), words.app("sign_in.refused_mend"))
    if "oidc" in ways:
        way_back.remember(_here())
    provider = "psc" if is_psc(session.launch().settings) else "oidc"
    if "oidc" in ways and st.button(words.app(f"sign_in.{provider}"), type="primary"):
        st.login(PROVIDER)
    if "key" in ways:
        _key_form(words)


def _key_form(words: Words) -> None:
    """A form of the browser's own: password managers know it, and the answer may set a cookie."""
    pieces.show(
        Markup(
            '<form class="key" method="post" action="{}"><label for="api-key">{}</label>'
            '<input id="api-key" type="password" name="key" required autocomplete="current-password">'
            '<input type="hidden" name="back" value="{}"><button type="submit">{}</button></form>'
            '<p class="note">{}</p>'
        ).format(
            SIGN_IN, words.app("sign_in.key"), _here(), words.app("sign_in.do"), words.app("sign_in.key_note")
        )
    )


def _here() -> str:
    """The page that was wanted, to come back to."""
    query = {name: value for name, value in st.query_params.items() if name != REFUSED}
    path = st.context.url.split("://", 1)[-1].partition("/")[2].partition("?")[0] if st.context.url else ""
    return f"/{path}?{urlencode(query)}" if query else f"/{path}"


def way_out(words: Words, who: Visitor) -> None:
    """Who is signed in, and the way out."""
    if not who.session:
        return
    ticket = {"ticket": session.launch().sessions.ticket(who.session)}
    query = urlencode(ticket | {"of": "provider"} if who.of_provider else ticket)
    pieces.show(
        Markup('<p class="note">{}<br><a href="{}?{}" target="_self">{}</a></p>').format(
            words.app("sign_in.signed_in", name=who.name), SIGN_OUT, query, words.app("sign_in.out")
        )
    )


def nothing_opened(words: Words, who: Visitor) -> None:
    """Somebody is known, and nothing was opened to them."""
    pieces.headline(words.app("sign_in.title"))
    pieces.message(
        Light.WARN, words.app("sign_in.nothing_opened", name=who.name), words.app("sign_in.nothing_opened_mend")
    )


def closed(scope: KeyScope) -> None:
    """A page that asks for more than was opened."""
    words = session.words()
    pieces.headline(words.app("sign_in.closed_title"))
    pieces.message(Light.NONE, words.app("sign_in.closed", scope=scope), words.app("sign_in.closed_mend"))


@st.fragment(run_every=LOOKS_EVERY)
def keep_watch(session_id: str) -> None:
    """Take the page away from whoever may not look any more: a withdrawn key, a session that ended."""
    who = visitor()
    if who is None or who.session != session_id:
        st.rerun()
