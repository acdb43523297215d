"""Who corrects what, and by which way: data (``pipelines/corrections.toml``), each entry with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

DECLARATIONS = ("pipelines", "corrections.toml")  # read as a resource: a room imports no pipeline


def acronym_of(triplet: str) -> str:
    """The authority a triplet (``CNOM/CNOM/ARS``) starts with; empty for none (``//``)."""
    return triplet.split("/", 1)[0].strip()


def channel_of(acronym: str, field: str, language: str) -> str:
    """The way a field is corrected, in words."""
    declared = _declared()
    entries = declared["authority"]
    entry = next((item for item in entries if acronym in item["acronyms"]), None) or next(
        item for item in entries if not item["acronyms"]
    )
    own = declared["self_service"]
    prefix = own["channel"][language] if field in own["fields"] else ""
    return f"{prefix}{entry['channel'][language]}"


def advice_for(*, departed: int, forgotten: int, late: int, median_days: int | None, language: str) -> list[str]:
    """What an application whose users carry late tokens can do.

    Args:
        departed: people who left the directory and still sign in.
        forgotten: people who left it and did not sign in since.
        late: standing differences in which the token is late.
        median_days: how long half of its tokens take to follow; None when it cannot be told.
        language: ``fr`` or ``en``.
    """
    holds = {"departed": departed > 0, "forgotten": forgotten > 0} | dict.fromkeys(
        ("short", "long", "unmeasured"), False
    )
    if late:
        holds["unmeasured" if median_days is None else "long" if median_days > 1 else "short"] = True
    return [entry["text"][language] for entry in _declared()["advice"] if holds[entry["when"]]]


@cache
def _declared() -> Mapping[str, Any]:
    package, name = DECLARATIONS
    return tomllib.loads(resources.files(package).joinpath(name).read_text(encoding="utf-8"))
