"""Choices that are kept in the address, so that what somebody looks at can be sent to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

Kind = TypeVar("Kind", bound=str)


def choose(
    label: str,
    options: Sequence[Kind],
    parameter: str,
    named: Callable[[Kind], str],
    *,
    usual: int = 0,
    place: DeltaGenerator | None = None,
) -> Kind:
    """One of some options.

    Args:
        label: what is chosen.
        options: one at least.
        parameter: of the address.
        named: an option in words.
        usual: place of the option that goes without saying: the address does not name it.
        place: where on the page; else where it stands.
    """
    asked = st.query_params.get(parameter, "")
    index = next((place for place, one in enumerate(options) if one == asked), usual)
    chosen: Kind = (place or st).selectbox(
        label, options, index=index, format_func=named, key=f"choose {parameter}"
    )
    if chosen != options[usual]:
        st.query_params[parameter] = chosen
    elif parameter in st.query_params:
        del st.query_params[parameter]
    return chosen
