"""The words people, streets and places are named after (``data/names.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import polars as pl

from rpps_sync.simulator.chances import Indexes, chance

_POOL = 20_000  # different family names; real files hold more, but homonyms matter more than rarities
_DOUBLED = 0.16  # share of double names in the pool


@dataclass(frozen=True, slots=True)
class Words:
    """Lists to draw from."""

    family: tuple[str, ...]  # single family names, in capitals, accents kept on some
    family_pool: pl.Series  # what people are called: single and double names, and the traps at the end
    traps: int  # how many names at the end of the pool hold quotes, backslashes or double spaces
    given: pl.Series  # given names: women's first, each in capitals and in title case
    women: int  # how many of them are women's
    streets: tuple[str, ...]
    places: tuple[str, ...]


@cache
def words() -> Words:
    """The words, read once."""
    source = tomllib.loads(resources.files(__package__).joinpath("data", "names.toml").read_text(encoding="utf-8"))
    family = tuple(name.replace("-", " ").upper() for name in source["family"].split())
    female, male = (_spellings(source[key].split()) for key in ("female", "male"))
    return Words(
        family=family,
        family_pool=pl.Series([*_pool(family), *source["traps"]]),
        traps=len(source["traps"]),
        given=pl.Series([*female, *male]),
        women=len(female),
        streets=_phrases(source, "streets"),
        places=_phrases(source, "words"),
    )


def _pool(family: tuple[str, ...]) -> list[str]:
    """Single names repeated, and doubles joined by a hyphen or a space; the same for every seed."""
    rng = np.random.default_rng(19)
    first, second = (rng.integers(0, len(family), _POOL) for _ in range(2))
    doubled, hyphen = chance(rng, _DOUBLED, _POOL), chance(rng, 0.6, _POOL)
    return [
        f"{family[one]}{'-' if joined else ' '}{family[two]}" if double and one != two else family[one]
        for one, two, double, joined in zip(first, second, doubled, hyphen, strict=True)
    ]


def _spellings(names: list[str]) -> list[str]:
    """Most lines hold capitals, a quarter title case, as in the files."""
    return [spelling for name in names for spelling in (name.upper(), name.upper(), name.upper(), name)]


def _phrases(source: dict[str, Any], key: str) -> tuple[str, ...]:
    return tuple(phrase for line in source[key].strip().splitlines() for phrase in line.split("|"))


def draw_family_names(rng: np.random.Generator, size: int) -> Indexes:
    """Positions in ``family_pool``; one name in some 4,000 is a trap."""
    pool = len(words().family_pool)
    drawn = rng.integers(0, pool - words().traps, size)
    trapped = chance(rng, 0.00025, size)
    return np.where(trapped, pool - 1 - rng.integers(0, words().traps, size), drawn)


def draw_given_names(rng: np.random.Generator, women: np.ndarray[Any, np.dtype[np.bool_]]) -> Indexes:
    """Positions in ``given``; one person in 3,000 has none (the files have such lines)."""
    count = len(words().given)
    split = words().women
    drawn = np.where(women, rng.integers(0, split, women.size), rng.integers(split, count, women.size))
    return np.where(chance(rng, 1 / 3000, women.size), -1, drawn)
