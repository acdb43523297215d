"""Careers: the lines that practitioners of one profession have, drawn by whole columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rpps_sync.simulator.chances import Indexes, Mask, chance, weighted
from rpps_sync.simulator.codes import code_table
from rpps_sync.simulator.lines import Lines
from rpps_sync.simulator.places import Places, place_kinds
from rpps_sync.simulator.professions import Profession, authorities, professions

_ACTIVITIES = {1: 75, 2: 18, 3: 7}  # how many places those who have one work at
_SECOND_PROFESSION = 0.012
_NEARBY = 0.002  # how far a second place is, in share of the country

_PHARMACY_SECTIONS = {"hospital": "H", "laboratory": "G", "company": "B", "office": "D"}


def draw_careers(
    rng: np.random.Generator, people: Indexes, chosen: Indexes, homes: NDArray[np.float64], places: Places
) -> Lines:
    """The lines of people, in the order of the people.

    Args:
        rng: where chance comes from.
        people: who they are.
        chosen: the profession of each, a position in ``professions()``.
        homes: where each lives, between 0 and 1 across the country.
        places: where they can work.
    """
    parts = []
    for number, profession in enumerate(professions()):
        who = chosen == number
        if who.any():
            parts.append(_practise(rng, profession, people[who], homes[who], places))
            parts.append(_second_profession(rng, profession, parts[-1], homes[who], places))
    lines = parts[0]
    for part in parts[1:]:
        lines = lines.followed_by(part)
    return lines.where(np.argsort(lines.person, kind="stable"))


def _practise(
    rng: np.random.Generator, profession: Profession, people: Indexes, homes: NDArray[np.float64], places: Places
) -> Lines:
    """One profession: activities times skills, at most six lines each."""
    categories = code_table("category").indexes(list(profession.categories))
    category = categories[weighted(rng, list(profession.categories.values()), people.size)]
    student = category == code_table("category").index("E")
    alone = chance(rng, profession.alone, people.size)
    count = np.where(alone | student, 1, 1 + weighted(rng, list(_ACTIVITIES.values()), people.size))
    skills = _skills(rng, profession, student)
    owner = np.repeat(np.arange(people.size), count)
    structure = np.where(alone[owner], 0, _structures(rng, profession, homes[owner], _first(owner), places))
    lines = _activities(rng, profession, structure, student[owner], places)
    rows, slots = _by_skill(owner, skills)
    civility = _titles(rng, profession, people.size)
    return Lines(
        person=people[owner[rows]],
        profession=np.full(rows.size, code_table("profession").index(profession.code)),
        category=category[owner[rows]],
        exercise_civility=np.where(student, 0, civility)[owner[rows]],
        skill=skills[owner[rows], slots],
        authority=_authority(rng, profession, people.size)[owner[rows]],
        position=np.zeros(rows.size),
        **{name: column[rows] for name, column in lines.items()},
    )


def _second_profession(
    rng: np.random.Generator, profession: Profession, lines: Lines, homes: NDArray[np.float64], places: Places
) -> Lines:
    """A few hold another profession too, at a place of their own."""
    people = np.unique(lines.person)
    who = chance(rng, _SECOND_PROFESSION if profession.second else 0.0, people.size)
    others = [next(item for item in professions() if item.code == code) for code in profession.second]
    picked = weighted(rng, list(profession.second.values()) or [1], people.size)
    second = lines.where(np.zeros(len(lines), bool))
    for number, other in enumerate(others):
        these = who & (picked == number)
        second = second.followed_by(_practise(rng, other, people[these], homes[these], places))
    return second


def _skills(rng: np.random.Generator, profession: Profession, student: Mask) -> NDArray[np.int16]:
    """Up to two skills each: one speciality, one of another type; 0 for none."""
    drawn = np.zeros((student.size, 2), np.int16)
    groups = ((profession.skills, profession.skilled), (profession.extra_skills, profession.extra_skilled))
    for slot, (codes, share) in enumerate(groups):
        if codes:
            indexes = code_table("skill").indexes(list(codes))
            picked = indexes[weighted(rng, list(codes.values()), student.size)]
            drawn[:, slot] = np.where(chance(rng, share, student.size) & ~student, picked, 0)
    return drawn


def _by_skill(owner: Indexes, skills: NDArray[np.int16]) -> tuple[Indexes, Indexes]:
    """One line per activity and skill: which activity, and which slot of the skills."""
    both = np.asarray((skills > 0).all(axis=1))[owner]
    rows = np.repeat(np.arange(owner.size), np.where(both, 2, 1))
    slots = np.where(_first(rows), 0, 1)
    only_second = ((skills[:, 0] == 0) & (skills[:, 1] > 0))[owner[rows]]
    return rows, np.where(only_second, 1, slots)


def _first(owner: Indexes) -> Mask:
    """Which elements open a run of equal ones."""
    return np.concatenate([[True], owner[1:] != owner[:-1]]) if owner.size else np.zeros(0, bool)


def _structures(
    rng: np.random.Generator, profession: Profession, homes: NDArray[np.float64], first: Mask, places: Places
) -> Indexes:
    keys = [kind.key for kind in place_kinds()]
    numbers = np.array([keys.index(key) for key in profession.places])
    kinds = numbers[weighted(rng, list(profession.places.values()), homes.size)]
    main = places.pick(kinds, homes)
    opening = np.maximum.accumulate(np.where(first, np.arange(homes.size), 0))  # where each person's run starts
    nearby = places.location[main[opening]] + rng.normal(0.0, _NEARBY, homes.size)
    return np.where(first, main, places.near(kinds, nearby, main[opening]))


def _activities(
    rng: np.random.Generator, profession: Profession, structure: Indexes, student: Mask, places: Places
) -> dict[str, NDArray[np.integer]]:
    """Mode, sector, role, kind and section of activities; people without structure mostly have none of them."""
    size = structure.size
    at_work = (structure > 0) | chance(rng, 0.22, size)
    kind = places.kind[structure].astype(np.int64)
    shares = np.array([item.self_employed for item in place_kinds()] + [0.5])
    liberal = (rng.random(size) < shares[kind]) & ~student
    mode = _mode(rng, liberal)
    replacing = chance(rng, 0.5, size) & (structure == 0)
    filled = at_work & chance(rng, 0.965, size)
    return {
        "structure": structure,
        "mode": np.where(filled, mode, 0),
        "sector": np.where(structure > 0, places.sector[structure], 0),
        "pharmacist_section": _section(rng, profession, structure, liberal, places),
        "role": np.where(at_work, _role(rng, kind, liberal, student, replacing), 0),
        "kind": np.where(filled, _activity_kind(rng, replacing), 0),
    }


def _mode(rng: np.random.Generator, liberal: Mask) -> NDArray[np.int16]:
    salaried, self_employed, benevolent, indirect = code_table("mode").indexes(["S", "L", "B", "I"])
    mode = np.where(liberal, self_employed, salaried)
    mode = np.where(chance(rng, 0.004, liberal.size), benevolent, mode)
    return np.asarray(np.where(chance(rng, 0.001, liberal.size), indirect, mode), dtype=np.int16)


def _role(
    rng: np.random.Generator, kind: Indexes, liberal: Mask, student: Mask, replacing: Mask
) -> NDArray[np.int16]:
    roles = code_table("role")
    keys = [item.key for item in place_kinds()]
    employed = roles.indexes(["FON-33", "FON-43", "FON-18", "FON-46", "FON-57"])[
        weighted(rng, (88, 4, 4, 2, 2), kind.size)
    ]
    independent = roles.indexes(["FON-01", "FON-17", "FON-22", "FON-23"])[weighted(rng, (78, 14, 5, 3), kind.size)]
    role = np.where(liberal, independent, employed)
    role = np.where(liberal & (kind == keys.index("society")), roles.index("FON-02"), role)
    pharmacy = kind == keys.index("pharmacy")
    role = np.where(pharmacy, np.where(liberal, roles.index("FON-03"), roles.index("FON-05")), role)
    role = np.where(replacing, roles.index("FON-22"), role)
    role = np.where(student, roles.index("FON-48"), role)
    return np.where(chance(rng, 0.62, kind.size) | student, role, 0).astype(np.int16)


def _activity_kind(rng: np.random.Generator, replacing: Mask) -> NDArray[np.int16]:
    codes, weights = ["GENR01", "GENR04", "GENR12", "GENR13", "GENR99"], (94, 2.5, 1.5, 1, 1)
    kind = code_table("kind").indexes(codes)[weighted(rng, weights, replacing.size)]
    kind = np.where(replacing, code_table("kind").index("GENR02"), kind)
    return np.where(chance(rng, 0.9, replacing.size), kind, 0).astype(np.int16)


def _section(
    rng: np.random.Generator, profession: Profession, structure: Indexes, liberal: Mask, places: Places
) -> NDArray[np.int16]:
    """Section of the Order of pharmacists, by place; E overseas."""
    if profession.code != "21":
        return np.zeros(structure.size, np.int16)
    table = code_table("pharmacist_section")
    by_kind = [table.index(_PHARMACY_SECTIONS.get(kind.key, "D")) for kind in place_kinds()]
    section = np.array([*by_kind, table.index("D")])[places.kind[structure]]
    section = np.where(liberal & (section == table.index("D")), table.index("A"), section)
    section = np.where(places.overseas[structure], table.index("E"), section)
    return np.where((structure > 0) | chance(rng, 0.6, structure.size), section, 0).astype(np.int16)


def _titles(rng: np.random.Generator, profession: Profession, size: int) -> NDArray[np.int16]:
    codes = code_table("exercise_civility").indexes(["DR", "PR"])
    return np.where(chance(rng, profession.titled, size), codes[weighted(rng, (96, 4), size)], 0).astype(np.int16)


def _authority(rng: np.random.Generator, profession: Profession, size: int) -> Indexes:
    numbers = np.array([authorities().index(name) for name in profession.authorities])
    return numbers[weighted(rng, list(profession.authorities.values()), size)]
