"""From integers to the text of the extracts: frames of strings, one column per column key of the layout.

Lines are rendered a block at a time, so that memory does not grow with the size of the files.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rpps_sync.publication import ExtractKind
from rpps_sync.simulator.chances import Indexes
from rpps_sync.simulator.codes import type_indexes
from rpps_sync.simulator.columns import at, kept
from rpps_sync.simulator.keyed_numbers import digits
from rpps_sync.simulator.places import FIELDS
from rpps_sync.simulator.professions import authorities
from rpps_sync.simulator.words import words
from rpps_sync.simulator.world import World

_BLOCK = 65_536  # lines rendered at a time
_SKILLS_WITHOUT_CATEGORY = 17  # one person in so many has an empty category in savoirfaire


def frames(world: World, kind: ExtractKind) -> Iterator[pl.DataFrame]:
    """The lines of one extract in file order, some 65,000 at a time; columns are the keys of the layout."""
    match kind:
        case ExtractKind.PERSONNE_ACTIVITE:
            yield from _situations(world)
        case ExtractKind.DIPL_AUTEXERC:
            yield from _papers(world)
        case ExtractKind.SAVOIRFAIRE:
            yield from _skills(world)


def situations_of(world: World, rows: Indexes) -> pl.DataFrame:
    """Those rows of personne-activite, every column of the layout."""
    lines = world.lines.where(rows)
    cells = _person(world, lines.person)
    for name in (
        "exercise_civility",
        "profession",
        "category",
        "mode",
        "sector",
        "pharmacist_section",
        "role",
        "kind",
    ):
        cells |= _coded(world, name, getattr(lines, name))
    cells |= _coded(world, "civility", world.people.civility[lines.person])
    cells |= _coded(world, "skill", lines.skill)
    cells |= _coded(world, "skill_type", type_indexes("skill", "skill_type")[lines.skill])
    cells["registration_authority"] = at(authorities(), lines.authority)
    structure = world.places.frame[lines.structure.astype(np.uint32)]
    return pl.DataFrame(cells).hstack([structure[field] for field in FIELDS])


def _situations(world: World) -> Iterator[pl.DataFrame]:
    order = world.lines.in_order()
    for start in range(0, order.size, _BLOCK):
        yield situations_of(world, order[start : start + _BLOCK])


def _papers(world: World) -> Iterator[pl.DataFrame]:
    """One line per diploma or authorisation; who has one of each has them on one line."""
    people = world.people
    everybody = np.flatnonzero(people.present)
    for start in range(0, everybody.size, _BLOCK):
        block = everybody[start : start + _BLOCK]
        second = block[people.second_diploma[block] > 0]
        first = block[(people.diploma[block] > 0) | (people.authorisation[block] > 0)]
        person = np.concatenate([first, second])
        diploma = np.concatenate([people.diploma[first], people.second_diploma[second]])
        none = np.zeros(second.size, np.int8)
        order = np.argsort(person, kind="stable")
        cells = (
            _person(world, person[order])
            | _coded(world, "diploma", diploma[order])
            | _coded(world, "diploma_type", type_indexes("diploma", "diploma_type")[diploma[order]])
        )
        for name, column in (
            ("authorisation_type", people.authorisation[first]),
            ("authorisation_discipline", people.discipline[first]),
        ):
            cells |= _coded(world, name, np.concatenate([column, none])[order])
        yield pl.DataFrame(cells)


def _skills(world: World) -> Iterator[pl.DataFrame]:
    """One line per person, profession, category and skill; the category is sometimes missing."""
    lines = world.lines
    order = lines.in_order()
    rows = order[lines.skill[order] > 0]
    known = pl.DataFrame(
        {name: getattr(lines, name)[rows] for name in ("person", "profession", "category", "skill")}
    )
    distinct = known.unique(maintain_order=True)
    for block in distinct.iter_slices(_BLOCK):
        person, skill = block["person"].to_numpy(), block["skill"].to_numpy()
        category = np.where(person % _SKILLS_WITHOUT_CATEGORY == 0, 0, block["category"].to_numpy())
        yield pl.DataFrame(
            _person(world, person)
            | _coded(world, "profession", block["profession"].to_numpy())
            | _coded(world, "category", category)
            | _coded(world, "skill_type", type_indexes("skill", "skill_type")[skill])
            | _coded(world, "skill", skill)
        )


def _person(world: World, person: NDArray[np.integer]) -> dict[str, pl.Series]:
    people = world.people
    numbers = digits(people.rpps[person], 11)
    return {
        "id_type": at(["8"], np.zeros(person.size, np.int64)),
        "identifier": numbers,
        "national_id": "8" + numbers,
        "family_name": words().family_pool.gather(people.family[person]),
        "given_name": at(words().given, people.given[person]),
    }


def _coded(world: World, name: str, indexes: NDArray[np.integer]) -> dict[str, pl.Series]:
    """A code column and its label column."""
    codes, labels = at(world.codes[name], indexes), at(world.labels[name], indexes)
    return {name: kept(codes, indexes > 0), f"{name}_label": kept(labels, indexes > 0)}
