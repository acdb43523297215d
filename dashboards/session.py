"""What one look at the application needs: how it was started, the database, the language.

The command starts Streamlit in its own process, so what it was given is handed over as a value of this module: no
setting travels through the environment, and no password through a command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import streamlit as st
from sqlalchemy import Connection, Engine

from dashboards.sessions import Sessions
from dashboards.wording import Words
from rpps_sync.directory import engine as door
from rpps_sync.directory.migrations import ensure_current
from rpps_sync.errors import UsageError
from rpps_sync.locales import LANGUAGES
from rpps_sync.settings import Settings

LANGUAGE = "language"  # key of the session, and ``lang`` in the address


class Symptom(Protocol):
    """One thing that ``rpps-sync doctor`` looked at."""

    @property
    def subject(self) -> str:
        """What was looked at."""

    @property
    def state(self) -> str:
        """``ok``, ``warn`` or ``wrong``."""

    @property
    def observed(self) -> str:
        """What was seen."""

    @property
    def mend(self) -> str:
        """What to do."""


def _nothing_to_tell() -> Sequence[Symptom]:
    return ()


@dataclass(frozen=True, slots=True)
class Launch:
    """How the application was started."""

    settings: Settings
    config: Path | None = None  # the settings file that was named
    allow_actions: bool = False  # whether people may act, where nobody is asked who they are
    sessions: Sessions = field(default_factory=lambda: Sessions(1))  # of those who signed in
    examine: Callable[[], Sequence[Symptom]] = _nothing_to_tell  # what the doctor says


_launch: Launch | None = None


def start_with(launch: Launch) -> None:
    """Say how the application is started; called once, before Streamlit runs a page."""
    global _launch  # noqa: PLW0603 - Streamlit runs the pages in this process and passes them nothing
    _launch = launch


def launch() -> Launch:
    """How the application was started.

    Raises:
        UsageError: it was started by ``streamlit run`` rather than by the command.
    """
    if _launch is None:
        raise UsageError(
            "the dashboard was not started by its command", mend="start it with 'rpps-sync dashboard'"
        )
    return _launch


@st.cache_resource(show_spinner=False)
def _engine(url: str) -> Engine:
    return door.open_engine(url)


@contextmanager
def reading() -> Iterator[Connection]:
    """A read-only look at one consistent state of the directory.

    Raises:
        DirectoryError: the database is missing, too old or too new; the mend says which command to run.
    """
    with door.reading(_engine(launch().settings.database)) as connection:
        yield connection


@contextmanager
def writing() -> Iterator[Connection]:
    """One transaction that may write; who may act is for ``visitors.acting`` to say.

    Raises:
        DirectoryError: the database cannot be written.
    """
    with door.writing(_engine(launch().settings.database)) as connection:
        yield connection


def ensure_readable() -> None:
    """Look once at the schema.

    Raises:
        DirectoryError: the database is missing, too old or too new; the mend says which command to run.
    """
    ensure_current(_engine(launch().settings.database))


def language() -> str:
    """The language of this session: chosen in the page, else in the address, else the setting."""
    asked = st.session_state.get(LANGUAGE) or st.query_params.get("lang")
    return asked if asked in LANGUAGES else launch().settings.language


def words() -> Words:
    """The sentences in the language of this session."""
    return Words(language())


def dark() -> bool:
    """Whether the page is shown light on dark; the colours of charts follow it."""
    return st.context.theme.type == "dark"
