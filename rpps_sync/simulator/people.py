"""People: numbers, names, diplomas and authorisations, as columns of integers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rpps_sync.simulator.chances import Indexes, Mask, chance, weighted
from rpps_sync.simulator.codes import CodeTable, code_table
from rpps_sync.simulator.keyed_numbers import rpps_numbers
from rpps_sync.simulator.professions import professions
from rpps_sync.simulator.words import draw_family_names, draw_given_names

_LAID_OFF = 0.025  # share of people with a diploma on file who have no line in personne-activite
_FURTHER = ("DE19", "DE20", "DE21", "DE22")  # nurses' second state diplomas
_UNUSABLE = ("(", "?", "[")  # labels that the nomenclature marks as not read word for word


@dataclass(slots=True)
class People:
    """Everybody a world has known, one array per column; a person's index never changes."""

    rpps: NDArray[np.int64]
    family: NDArray[np.int32]  # position in words().family_pool
    given: NDArray[np.int32]  # position in words().given, -1 for none
    civility: NDArray[np.int8]
    present: NDArray[np.bool_]  # in the extracts today
    diploma: NDArray[np.int16]
    second_diploma: NDArray[np.int16]
    authorisation: NDArray[np.int8]
    discipline: NDArray[np.int8]
    protected: NDArray[np.bool_]  # part of a story: chance leaves them alone

    def __len__(self) -> int:
        return int(self.rpps.size)

    def followed_by(self, other: People) -> People:
        """These people, then the others."""
        return People(
            **{
                column.name: np.concatenate([getattr(self, column.name), getattr(other, column.name)])
                for column in fields(People)
            }
        )


def draw_people(
    rng: np.random.Generator, first_rank: int, count: int, seed: int
) -> tuple[People, Indexes, NDArray[np.float64], Mask]:
    """So many new people.

    Returns:
        The people; the profession of each (a position in ``professions()``); where each lives, between 0 and 1;
        and who practises (the others have a diploma on file and no activity).
    """
    chosen = weighted(rng, [profession.weight for profession in professions()], count)
    women = rng.random(count) < np.array([profession.women for profession in professions()])[chosen]
    civilities = code_table("civility")
    people = People(
        rpps=rpps_numbers(np.arange(first_rank, first_rank + count, dtype=np.int64), seed),
        family=draw_family_names(rng, count).astype(np.int32),
        given=draw_given_names(rng, women).astype(np.int32),
        civility=np.where(women, civilities.index("MME"), civilities.index("M")).astype(np.int8),
        present=np.ones(count, bool),
        protected=np.zeros(count, bool),
        **_papers(rng, chosen),
    )
    return people, chosen, rng.random(count), ~chance(rng, _LAID_OFF, count)


def _papers(rng: np.random.Generator, chosen: Indexes) -> dict[str, Any]:
    """Diplomas and authorisations."""
    size = chosen.size
    table = code_table("diploma")
    usual = np.array([table.index(profession.diploma) for profession in professions()])[chosen]
    nurse = np.array([profession.code == "60" for profession in professions()])[chosen]
    doctor = np.array([profession.code == "10" for profession in professions()])[chosen]
    further = table.indexes(list(_FURTHER))[rng.integers(0, len(_FURTHER), size)]
    dsm = table.indexes([code for code in table.codes if code.startswith("DSM")])
    second = np.where(nurse & chance(rng, 0.08, size), further, 0)
    second = np.where(doctor & chance(rng, 0.2, size), dsm[rng.integers(0, dsm.size, size)], second)
    authorised = chance(rng, 0.03, size) | (usual == 0) & chance(rng, 0.7, size)
    types, disciplines = usable(code_table("authorisation_type")), usable(code_table("authorisation_discipline"))
    return {
        "diploma": np.where(chance(rng, 0.97, size), usual, 0).astype(np.int16),
        "second_diploma": second.astype(np.int16),
        "authorisation": np.where(authorised, types[rng.integers(0, types.size, size)], 0).astype(np.int8),
        "discipline": np.where(
            authorised & doctor, disciplines[rng.integers(0, disciplines.size, size)], 0
        ).astype(np.int8),
    }


def usable(table: CodeTable) -> Indexes:
    """Positions of the codes whose label was read word for word."""
    return np.array(
        [
            number
            for number, label in enumerate(table.labels)
            if number and not any(mark in label for mark in _UNUSABLE)
        ]
    )
