"""Who looked at what, on standard error, as the API's access log tells it: a page, an account, never a name.

Whom a page was about is told under the pseudonym of the access log: 'rpps-sync keys pseudonym' finds it again.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st
import structlog

from dashboards import session
from dashboards.visitors import Visitor
from rpps_sync.api import pseudonyms
from rpps_sync.identifiers import RPPS, RPPS_NUMBER

_LAST = "journal"  # key of the session: what was told last


def tell(who: Visitor, page: str) -> None:
    """Tell once that somebody who signed in looks at a page; a choice made on it is not told again."""
    person = st.query_params.get("id", "")
    if not who.session or st.session_state.get(_LAST) == (page, person):
        return
    st.session_state[_LAST] = page, person
    log = structlog.get_logger().bind(page=page or "morning", account=who.account)
    if person:
        national_id = RPPS + person if RPPS_NUMBER.fullmatch(person) else person
        log = log.bind(subject=_pseudonym(session.launch().settings.home, national_id))
    log.info("dashboard page")


def _pseudonym(home: Path, national_id: str) -> str:
    try:
        return pseudonyms.pseudonym(_secret(home), national_id)
    except OSError as error:
        return f"unknown: {error.strerror}"  # a home that cannot be written must not close the pages


@cache
def _secret(home: Path) -> bytes:
    return pseudonyms.secret_of(home)
