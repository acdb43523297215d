"""Who looks at the pages, what they may see, and what they may do: the scopes of the API.

``read``: the directory as it is now. ``audit``: also the past, who left, and what tokens said. ``admin``: also to
act. They come from a key, from what the identity provider says of somebody, or, where nobody is asked, from how
the application was started on this machine.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from sqlalchemy import Connection

from dashboards import session
from dashboards.identity import name_of, scopes_of
from dashboards.sessions import COOKIE
from rpps_sync import clock
from rpps_sync.directory import api_keys
from rpps_sync.directory.api_keys import IMPLIED, KeyScope
from rpps_sync.errors import NotFound, UsageError


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may look."""

    name: str
    opens: frozenset[KeyScope]
    session: str = ""  # to end it; empty: nobody signed in, as nobody is asked to
    account: str = ""  # how logs name them: the id of a key, or the subject of the provider
    of_provider: bool = False  # signed in at the identity provider


def visitor() -> Visitor | None:
    """Who looks now; None: somebody who has to sign in first.

    Raises:
        DirectoryError: the keys cannot be read.
    """
    asks = session.launch().settings.dashboard_sign_in
    if not asks:
        return _of_this_machine()
    return ("key" in asks and _with_a_key()) or ("oidc" in asks and _of_the_provider()) or None


def may(scope: KeyScope) -> bool:
    """Whether this is opened to who looks now."""
    who = visitor()
    return who is not None and scope in who.opens


@contextmanager
def acting() -> Iterator[Connection]:
    """One transaction, for those who may act.

    Raises:
        UsageError: they may not.
        DirectoryError: the database cannot be written.
    """
    if not may(KeyScope.ADMIN):
        raise UsageError("this needs the scope 'admin'", mend="ask whoever keeps the keys and DASHBOARD_PEOPLE")
    with session.writing() as connection:
        yield connection


def _of_this_machine() -> Visitor:
    scope = KeyScope.ADMIN if session.launch().allow_actions else KeyScope.AUDIT
    return Visitor(getpass.getuser(), IMPLIED[scope])


def _with_a_key() -> Visitor | None:
    """The key is read each time: withdrawn, it opens nothing any more."""
    begun = session.launch().sessions.read(st.context.cookies.get(COOKIE, ""))
    if begun is None:
        return None
    with session.reading() as connection:
        try:
            key = api_keys.get(connection, begun.key_id)
        except NotFound:
            return None
    return Visitor(key.name, key.opens, begun.id, key.id) if key.state(clock.now()) == "active" else None


def _of_the_provider() -> Visitor | None:
    if not st.user.get("is_logged_in"):
        return None
    claims = st.user.to_dict()
    began = float(str(claims.get("iat") or 0))
    session_id = f"{claims.get('sub')} {began:.0f}"
    if not session.launch().sessions.goes_on(session_id, began):
        return None
    people = session.launch().settings.dashboard_people
    return Visitor(
        name_of(claims), scopes_of(claims, people), session_id, f"oidc {claims.get('sub')}", of_provider=True
    )
