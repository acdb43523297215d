"""Holders of mailboxes and cards: people with one situation each, that of one of their lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rpps_sync.simulator.chances import Mask
from rpps_sync.simulator.codes import code_table
from rpps_sync.simulator.professions import professions
from rpps_sync.simulator.rows import Int8, Int16, Int32, Rows
from rpps_sync.simulator.world import World


@dataclass(slots=True)
class Holders(Rows):
    """So many people, each with one situation."""

    person: Int32
    structure: Int32
    profession: Int8
    category: Int8
    exercise_civility: Int8
    skill: Int16


def practising(world: World, rng: np.random.Generator, among: Mask | None = None) -> Holders:
    """Everybody who has a line (of the people in the mask), with one of their lines, by rising number."""
    rows = np.arange(len(world.lines)) if among is None else np.flatnonzero(among[world.lines.person])
    rows = rng.permutation(rows)
    _, first = np.unique(world.lines.person[rows], return_index=True)
    return Holders(**{name: getattr(world.lines, name)[rows[first]] for name in Holders.types()})


def with_lines(world: World, rng: np.random.Generator, people: NDArray[np.integer]) -> tuple[Holders, Mask]:
    """Those people (some maybe more than once) who have a line, with one of their lines.

    Returns:
        The holders, and which of ``people`` they are, in the same order.
    """
    wanted = np.zeros(len(world.people), bool)
    wanted[people] = True
    found = practising(world, rng, wanted)
    known = np.isin(people, found.person)
    return found.where(np.searchsorted(found.person, people[known])), known


def people_without_line(world: World) -> Holders:
    """People on file who have no activity, with the profession that their diploma opens."""
    idle = world.people.present.copy()
    idle[world.lines.person] = False
    people = np.flatnonzero(idle)
    opened = _professions_by_diploma()[world.people.diploma[people]]
    none = np.zeros(people.size)
    civil = np.full(people.size, code_table("category").index("C"))
    return Holders(
        person=people, structure=none, profession=opened, category=civil, exercise_civility=none, skill=none
    )


def _professions_by_diploma() -> NDArray[np.int8]:
    """The profession of each diploma, as positions in their tables; the most numerous where several share one."""
    diplomas, codes = code_table("diploma"), code_table("profession")
    opened = np.zeros(len(diplomas.codes), np.int8)
    for profession in reversed(professions()):
        if profession.diploma:
            opened[diplomas.index(profession.diploma)] = codes.index(profession.code)
    return opened
