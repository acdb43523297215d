"""Events of a day that concern what people share: addresses, labels, codes."""

from __future__ import annotations

import numpy as np
import polars as pl

from rpps_sync.simulator.chances import Indexes, some
from rpps_sync.simulator.codes import code_table
from rpps_sync.simulator.columns import joined
from rpps_sync.simulator.keyed_numbers import digits
from rpps_sync.simulator.world import World

_LARGEST = 12  # people at a structure whose address is corrected: a hospital would fill the night by itself
_NEW_CODES = (  # column, code, label: codes that no nomenclature has yet
    ("sector", "SA66", "Structure mobile de soins"),
    ("kind", "GENR14", "Télésoin"),
    ("role", "FON-61", "Référent parcours"),
    ("sector", "SA67", "Equipe de soins primaires"),
)


def correct_addresses(world: World, rng: np.random.Generator, count: int) -> None:
    """Structures of about ``count`` people in all get another number, telephone or bureau cedex."""
    sizes = np.bincount(world.lines.structure, minlength=world.places.frame.height)
    storied = np.unique(world.lines.structure[world.people.protected[world.lines.person]])
    candidates = np.flatnonzero((sizes > 0) & (sizes <= _LARGEST))
    drawn = rng.permutation(candidates[(candidates > 0) & ~np.isin(candidates, storied)])
    enough = np.cumsum(sizes[drawn]) <= max(count, 1)
    enough[:1] = True
    numbers, phones, offices = np.array_split(drawn[enough], 3)
    _replace(world, "street_number", numbers, pl.Series(rng.integers(1, 250, numbers.size)).cast(pl.String))
    _replace(world, "phone", phones, joined("0199005", digits(rng.integers(0, 1000, phones.size), 3)))
    towns = world.places.frame["commune_label"].gather(offices).str.to_uppercase()
    _replace(world, "cedex", offices, joined(world.places.frame["postal_code"].gather(offices), " ", towns))


def drift_label(world: World, rng: np.random.Generator, most: int) -> None:
    """One seldom used code gets the label of the nomenclature, or loses it again."""
    counts = np.bincount(world.lines.skill, minlength=len(world.codes["skill"]))
    table, shown = code_table("skill"), world.labels["skill"]
    rare = np.flatnonzero((counts[: len(table.codes)] > 0) & (counts[: len(table.codes)] <= most))
    for number in some(rng, rare[rare > 0], 1):
        official = table.official[number]
        shown[number] = official if shown[number] != official else official.upper()


def invent_code(world: World, rng: np.random.Generator, day: int) -> None:
    """A few lines carry a code that nobody announced."""
    name, code, label = _NEW_CODES[day % len(_NEW_CODES)]
    if code not in world.codes[name]:
        world.codes[name].append(code)
        world.labels[name].append(label)
    free = np.flatnonzero(~world.people.protected[world.lines.person] & (world.lines.structure > 0))
    rows = some(rng, free, 1 + len(world.lines) // 200_000)
    getattr(world.lines, name)[rows] = world.codes[name].index(code)


def _replace(world: World, column: str, structures: Indexes, values: pl.Series) -> None:
    if structures.size:
        replaced = world.places.frame[column].scatter(structures, values)
        world.places.frame = world.places.frame.with_columns(replaced.alias(column))
