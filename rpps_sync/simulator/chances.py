"""Draws used all over the simulator: whole columns at a time, from one seeded generator per purpose."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Indexes = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Purpose(IntEnum):
    """One stream of random numbers each, so that a change in one part leaves the others as they were."""

    STRUCTURES = 1
    PEOPLE = 2
    CAREERS = 3
    STORIES = 4
    DAYS = 5
    TOKENS = 6
    MAILBOXES = 7
    CARDS = 8


def generator(seed: int, purpose: Purpose, step: int = 0) -> np.random.Generator:
    """The generator of one purpose; ``step`` tells days apart."""
    return np.random.default_rng([seed, int(purpose), step])


def weighted(rng: np.random.Generator, weights: Sequence[float], size: int) -> Indexes:
    """Positions drawn with unequal chances."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.asarray(np.searchsorted(bounds, rng.random(size) * bounds[-1], side="right"), dtype=np.int64)


def chance(rng: np.random.Generator, share: float, size: int) -> Mask:
    """True for that share of the positions, on average."""
    return rng.random(size) < share


def some(rng: np.random.Generator, candidates: Indexes, count: int) -> Indexes:
    """``count`` different ones of the candidates, or all of them when they are fewer, in ascending order."""
    return np.sort(rng.choice(candidates, size=min(count, candidates.size), replace=False))
