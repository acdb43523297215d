"""Objectives as data: what must be fresh and how old it may grow (``pipelines/freshness.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

DECLARATIONS = ("pipelines", "freshness.toml")  # read as a resource: a room imports no pipeline


class Clock(StrEnum):
    """The instant an objective counts its age from."""

    PUBLICATION = "publication"  # when the ANS deposited what is being served
    RUN = "run"  # when a run last ended well
    OBSERVATION = "observation"  # the last day an application sent a claim


@dataclass(frozen=True, slots=True)
class Objective:
    """One thing that must be fresh.

    ``warn`` and ``error`` are the ages beyond which the state changes; an objective without ``error`` never
    makes a command fail.
    """

    id: str
    clock: Clock
    titles: Mapping[str, str]  # by language
    reasons: Mapping[str, str]  # by language: why the limits are what they are
    warn: timedelta
    error: timedelta | None


@cache
def objectives() -> tuple[Objective, ...]:
    """Every declared objective, in the order people read them."""
    package, name = DECLARATIONS
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    return tuple(_objective(entry) for entry in tomllib.loads(text)["objective"])


def title_of(objective_id: str, language: str) -> str:
    """The title of an objective; its id when it is no longer declared (old runs outlive declarations)."""
    found = next((item for item in objectives() if item.id == objective_id), None)
    return found.titles[language] if found else objective_id


def reason_of(objective_id: str, language: str) -> str:
    """Why the limits of an objective are what they are; empty when it is no longer declared."""
    found = next((item for item in objectives() if item.id == objective_id), None)
    return found.reasons[language] if found else ""


def _objective(entry: Mapping[str, Any]) -> Objective:
    error = entry.get("error")
    return Objective(
        id=entry["id"],
        clock=Clock(entry["clock"]),
        titles=entry["title"],
        reasons=entry["reason"],
        warn=timedelta(hours=entry["warn"]),
        error=None if error is None else timedelta(hours=error),
    )
