"""From integers to the text of the extracts: frames of strings, one column per column key of the layout.

Lines are rendered a block at a time, so that memory does not grow with the size of the files.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from rpps_sync.publication import ExtractKind
from rpps_sync.simulator.card_rendering import card_frames
from rpps_sync.simulator.cells import BLOCK, coded_cells, person_cells
from rpps_sync.simulator.chances import Indexes
from rpps_sync.simulator.codes import type_indexes
from rpps_sync.simulator.columns import at
from rpps_sync.simulator.mailbox_rendering import mailbox_frames
from rpps_sync.simulator.places import FIELDS
from rpps_sync.simulator.professions import authorities
from rpps_sync.simulator.world import World

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
        case ExtractKind.MSSANTE:
            yield from mailbox_frames(world)
        case ExtractKind.CARTES:
            yield from card_frames(world)


def situations_of(world: World, rows: Indexes) -> pl.DataFrame:
    """Those rows of personne-activite, every column of the layout."""
    lines = world.lines.where(rows)
    cells = person_cells(world, lines.person)
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
        cells |= coded_cells(world, name, getattr(lines, name))
    cells |= coded_cells(world, "civility", world.people.civility[lines.person])
    cells |= coded_cells(world, "skill", lines.skill)
    cells |= coded_cells(world, "skill_type", type_indexes("skill", "skill_type")[lines.skill])
    cells["registration_authority"] = at(authorities(), lines.authority)
    structure = world.places.frame[lines.structure.astype(np.uint32)]
    return pl.DataFrame(cells).hstack([structure[field] for field in FIELDS])


def _situations(world: World) -> Iterator[pl.DataFrame]:
    order = world.lines.in_order()
    for start in range(0, order.size, BLOCK):
        yield situations_of(world, order[start : start + BLOCK])


def _papers(world: World) -> Iterator[pl.DataFrame]:
    """One line per diploma or authorisation; who has one of each has them on one line."""
    people = world.people
    everybody = np.flatnonzero(people.present)
    for start in range(0, everybody.size, BLOCK):
        block = everybody[start : start + BLOCK]
        second = block[people.second_diploma[block] > 0]
        first = block[(people.diploma[block] > 0) | (people.authorisation[block] > 0)]
        person = np.concatenate([first, second])
        diploma = np.concatenate([people.diploma[first], people.second_diploma[second]])
        none = np.zeros(second.size, np.int8)
        order = np.argsort(person, kind="stable")
        cells = (
            person_cells(world, person[order])
            | coded_cells(world, "diploma", diploma[order])
            | coded_cells(world, "diploma_type", type_indexes("diploma", "diploma_type")[diploma[order]])
        )
        for name, column in (
            ("authorisation_type", people.authorisation[first]),
            ("authorisation_discipline", people.discipline[first]),
        ):
            cells |= coded_cells(world, name, np.concatenate([column, none])[order])
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
    for block in distinct.iter_slices(BLOCK):
        person, skill = block["person"].to_numpy(), block["skill"].to_numpy()
        category = np.where(person % _SKILLS_WITHOUT_CATEGORY == 0, 0, block["category"].to_numpy())
        yield pl.DataFrame(
            person_cells(world, person)
            | coded_cells(world, "profession", block["profession"].to_numpy())
            | coded_cells(world, "category", category)
            | coded_cells(world, "skill_type", type_indexes("skill", "skill_type")[skill])
            | coded_cells(world, "skill", skill)
        )
