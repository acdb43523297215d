"""Cells: the columns of text that several extracts have in common."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rpps_sync.simulator.columns import at, kept
from rpps_sync.simulator.keyed_numbers import digits
from rpps_sync.simulator.words import words
from rpps_sync.simulator.world import World

BLOCK = 65_536  # lines rendered at a time


def person_cells(world: World, person: NDArray[np.integer]) -> dict[str, pl.Series]:
    """Identifiers and names of people."""
    people = world.people
    numbers = digits(people.rpps[person], 11)
    return {
        "id_type": at(["8"], np.zeros(person.size, np.int64)),
        "identifier": numbers,
        "national_id": "8" + numbers,
        "family_name": words().family_pool.gather(people.family[person]),
        "given_name": at(words().given, people.given[person]),
    }


def coded_cells(world: World, name: str, indexes: NDArray[np.integer]) -> dict[str, pl.Series]:
    """A code column and its label column."""
    codes, labels = at(world.codes[name], indexes), at(world.labels[name], indexes)
    return {name: kept(codes, indexes > 0), f"{name}_label": kept(labels, indexes > 0)}
