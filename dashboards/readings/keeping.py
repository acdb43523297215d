"""How long what was read is kept: as long as nothing it depends on has changed.

Ten people who open a page cost what one costs, and a figure of four hundred nights is worked out once a night.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from dashboards.session import reading
from rpps_sync.directory import nights
from rpps_sync.directory.nights import Pulse

KEPT = timedelta(minutes=5)  # what grows old by itself
MOST = 400  # readings of each kind, kept at once
_PULSE = "pulse"  # key of the session
_READINGS: dict[str, Callable[..., Any]] = {}

Given = ParamSpec("Given")
Told = TypeVar("Told")


def take_pulse() -> Pulse:
    """Look at what everything is kept under; once for each time a page is shown."""
    with reading() as connection:
        pulse = nights.pulse(connection)
    st.session_state[_PULSE] = pulse
    return pulse


def kept(read: Callable[Given, Told]) -> Callable[Given, Told]:
    """Keep what a function reads for some minutes, and while neither a night nor a finding has moved.

    What it is given must be positional and plain.
    """
    return _under(read, lambda pulse: pulse, _for_minutes)


def kept_until_a_finding_moves(read: Callable[Given, Told]) -> Callable[Given, Told]:
    """Keep what a function reads while neither a night nor a finding has moved, however long that lasts."""
    return _under(read, lambda pulse: pulse, _for_the_night)


def kept_until_the_next_run(read: Callable[Given, Told]) -> Callable[Given, Told]:
    """Keep what a function reads while the publication served and the last run are the same."""
    return _under(read, lambda pulse: (pulse.publication, pulse.run), _for_the_night)


def _under(
    read: Callable[Given, Told], key_of: Callable[[Pulse], Any], keep: Callable[..., Any]
) -> Callable[Given, Told]:
    name = f"{read.__module__}.{read.__name__}"
    _READINGS[name] = read

    @wraps(read)
    def answered(*given: Given.args, **_: Given.kwargs) -> Told:
        told: Told = keep(key_of(st.session_state[_PULSE]), name, given)
        return told

    return answered


@st.cache_data(ttl=KEPT, max_entries=MOST, show_spinner=False)
def _for_minutes(under: Any, name: str, given: tuple[Any, ...]) -> Any:  # noqa: ARG001 - part of the key
    return _READINGS[name](*given)


@st.cache_data(max_entries=MOST, show_spinner=False)
def _for_the_night(under: Any, name: str, given: tuple[Any, ...]) -> Any:  # noqa: ARG001 - part of the key
    return _READINGS[name](*given)
