"""Back to the page that was wanted, after a sign-in at the identity provider, which sends people to the first.

A cookie of ten minutes keeps the address meanwhile; who followed a link from a ticket arrives there.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import streamlit as st

from dashboards.visitors import Visitor

COOKIE = "rpps_sync_wanted"
_TAKEN = "way back"  # key of the session


def remember(address: str) -> None:
    """Keep an address of this application (``/tokens?finding=…``) while somebody signs in."""
    kept = quote(address, safe="")  # letters, digits and per cents: nothing that ends a text of JavaScript
    _say(f"{COOKIE}={kept}; max-age=600")


def take(who: Visitor, pages: Mapping[str, st.Page]) -> None:
    """Go where they wanted to, once."""
    wanted = st.context.cookies.get(COOKIE, "")
    if not wanted or not who.of_provider:
        return
    _say(f"{COOKIE}=; max-age=0")
    if st.session_state.get(_TAKEN):
        return
    st.session_state[_TAKEN] = True
    parts = urlsplit(unquote(wanted))
    page = pages.get(parts.path.strip("/"))
    if page is not None:
        st.switch_page(page, query_params=dict(parse_qsl(parts.query)))


def _say(cookie: str) -> None:
    st.html(
        f"<script>document.cookie = '{cookie}; path=/; samesite=lax';</script>",
        unsafe_allow_javascript=True,
        width="content",
    )
