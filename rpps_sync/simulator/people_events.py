"""Events of a day that concern people: each changes so many practitioners, chosen among those without a story."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rpps_sync.simulator.careers import draw_careers
from rpps_sync.simulator.chances import Indexes, Mask, chance, some
from rpps_sync.simulator.codes import code_table
from rpps_sync.simulator.people import draw_people
from rpps_sync.simulator.professions import professions
from rpps_sync.simulator.words import draw_family_names
from rpps_sync.simulator.world import MOST_LINES, World

_MOVE = 0.01  # how far people move, in share of the country
_ROLES = ("FON-01", "FON-17", "FON-22", "FON-33", "FON-18", "FON-43")
_KINDS = ("GENR01", "GENR04", "GENR12", "GENR13", "GENR99")


def depart(world: World, rng: np.random.Generator, count: int) -> None:
    """People leave all the extracts."""
    leave(world, some(rng, _free(world), count))


def leave(world: World, people: Indexes) -> None:
    """Those people leave; their lines are kept for the day they return."""
    gone = world.lines.of(people)
    world.absent = world.absent.followed_by(world.lines.where(gone))
    world.lines = world.lines.where(~gone)
    world.people.present[people] = False


def bring_back(world: World, people: Indexes) -> None:
    """Those people return as they were."""
    back = world.absent.of(people)
    world.lines = world.lines.followed_by(world.absent.where(back))
    world.absent = world.absent.where(~back)
    world.people.present[people] = True


def come_back(world: World, rng: np.random.Generator, count: int) -> None:
    """People who had left return as they were."""
    candidates = np.unique(world.absent.person)
    bring_back(world, some(rng, candidates[~world.people.protected[candidates]], count))


def arrive(world: World, rng: np.random.Generator, count: int) -> None:
    """New people enter, anywhere in the file."""
    start = len(world.people)
    people, chosen, homes, practising = draw_people(rng, start, count, world.seed)
    world.people = world.people.followed_by(people)
    who = np.flatnonzero(practising)
    if who.size:
        lines = draw_careers(rng, start + who, chosen[who], homes[who], world.places)
        lines.position = rng.random(len(lines)) * len(world.lines)
        world.lines = world.lines.followed_by(lines)


def move(world: World, rng: np.random.Generator, count: int) -> None:
    """People leave one structure for another of the same kind, mostly nearby."""
    rows = _situations(world, rng, count, world.lines.structure > 0)
    old = world.lines.structure[rows]
    kinds = world.places.kind[old].astype(np.int64)
    new = world.places.near(kinds, world.places.location[old] + rng.normal(0.0, _MOVE, rows.size), old)
    same, number = _same_situation(world, rows)
    world.lines.structure[same] = new[number]
    world.lines.sector[same] = world.places.sector[new[number]]


def change_role(world: World, rng: np.random.Generator, count: int) -> None:
    """People take up, change or lose a role (fonction)."""
    _amend(world, rng, count, "role", _ROLES)


def change_kind(world: World, rng: np.random.Generator, count: int) -> None:
    """Activities change kind (genre d'activité)."""
    _amend(world, rng, count, "kind", _KINDS)


def change_mode(world: World, rng: np.random.Generator, count: int) -> None:
    """Activities change mode (mode d'exercice)."""
    _amend(world, rng, count, "mode", ("S", "L"))


def change_category(world: World, rng: np.random.Generator, count: int) -> None:
    """Students become civilians, some civilians public agents."""
    student, civil, agent = code_table("category").indexes(["E", "C", "M"])
    rows = _situations(world, rng, count, chance(rng, 0.02, len(world.lines)) | (world.lines.category == student))
    new = np.where(world.lines.category[rows] == student, civil, agent)
    same, number = _same(rows, world.lines.person)
    world.lines.category[same] = new[number]


def change_profession(world: World, rng: np.random.Generator, count: int) -> None:
    """People exchange their profession for a neighbouring one."""
    table = code_table("profession")
    nexts = {table.index(item.code): table.index(next(iter(item.second))) for item in professions() if item.second}
    rows = _situations(world, rng, count, np.isin(world.lines.profession, list(nexts)) & (world.lines.skill == 0))
    new = np.array([nexts[int(code)] for code in world.lines.profession[rows]], dtype=np.int8)
    same, number = _same(rows, world.lines.person)
    world.lines.profession[same] = new[number]
    world.lines.pharmacist_section[same] = 0
    world.lines.skill[same] = 0


def gain_skill(world: World, rng: np.random.Generator, count: int) -> None:
    """Doctors gain a skill: each of their lines appears once more with it."""
    lines, table = world.lines, code_table("skill")
    doctor = next(item for item in professions() if item.code == "10")
    many = np.bincount(lines.person, minlength=len(world.people))[lines.person] * 2 > MOST_LINES
    rows = _situations(world, rng, count, (lines.skill > 0) & ~many)
    rows = rows[lines.profession[rows] == code_table("profession").index("10")]
    gained = table.indexes(list(doctor.extra_skills))[rng.integers(0, len(doctor.extra_skills), rows.size)]
    same, number = _same(rows, lines.person)
    added = lines.where(np.flatnonzero(same))
    added.skill[:] = gained[number]
    added.position += 0.5
    world.lines = lines.followed_by(added)


def rename(world: World, rng: np.random.Generator, count: int) -> None:
    """People take another name, mostly women at their wedding."""
    people = some(rng, _free(world), count)
    world.people.family[people] = draw_family_names(rng, people.size)


def _free(world: World) -> Indexes:
    """People with lines and without a story."""
    people: Indexes = np.unique(world.lines.person)
    return people[~world.people.protected[people]]


def _situations(world: World, rng: np.random.Generator, count: int, among: Mask) -> Indexes:
    """So many rows, of different people without a story."""
    rows = np.flatnonzero(among & ~world.people.protected[world.lines.person])
    drawn = some(rng, rows, count)
    _, first = np.unique(world.lines.person[drawn], return_index=True)
    return drawn[first]


def _same_situation(world: World, rows: Indexes) -> tuple[Mask, Indexes]:
    """The lines with the person and structure of those rows, and which row each belongs to."""
    pairs = world.lines.person.astype(np.int64) << 32 | world.lines.structure.astype(np.int64)
    return _same(rows, pairs)


def _same(rows: Indexes, keys: NDArray[Any]) -> tuple[Mask, Indexes]:
    """The lines with the key of those rows (one row per key), and which row each belongs to."""
    order = np.argsort(keys[rows])
    same = np.isin(keys, keys[rows])
    return same, order[np.searchsorted(keys[rows][order], keys[same])]


def _amend(world: World, rng: np.random.Generator, count: int, name: str, codes: tuple[str, ...]) -> None:
    """Give so many situations at a structure another of those codes in one column."""
    column = getattr(world.lines, name)
    indexes = code_table(name).indexes(list(codes))
    rows = _situations(world, rng, count, world.lines.structure > 0)
    drawn = rng.integers(0, indexes.size, rows.size)
    other = np.where(indexes[drawn] == column[rows], indexes[(drawn + 1) % indexes.size], indexes[drawn])
    same, number = _same_situation(world, rows)
    column[same] = other[number]
