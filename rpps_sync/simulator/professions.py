"""What each profession is like: how many, where they work, who registers them (``data/professions.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Profession:
    """One profession. Shares are between 0 and 1; mappings give weights."""

    code: str
    weight: float  # relative number of practitioners
    women: float
    alone: float  # share without structure
    categories: dict[str, float]
    places: dict[str, float]  # kinds of places (see places.py)
    authorities: dict[str, float]  # autorité d'enregistrement, as triplets
    diploma: str = ""  # the one most of them hold
    titled: float = 0.0  # share with an exercise civility (DR, PR…)
    skilled: float = 0.0  # share with one of `skills`
    extra_skilled: float = 0.0  # share with one of `extra_skills` besides
    skills: dict[str, float] = field(default_factory=dict)
    extra_skills: dict[str, float] = field(default_factory=dict)
    second: dict[str, float] = field(default_factory=dict)  # other professions some hold too


@cache
def professions() -> tuple[Profession, ...]:
    """All professions, the most numerous first."""
    text = resources.files(__package__).joinpath("data", "professions.toml").read_text(encoding="utf-8")
    return tuple(Profession(**entry) for entry in tomllib.loads(text)["profession"])


@cache
def authorities() -> tuple[str, ...]:
    """All registration authorities; lines hold positions in this tuple."""
    return tuple(dict.fromkeys(name for profession in professions() for name in profession.authorities))
