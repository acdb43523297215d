"""Casting: which practitioners play the stories, and the plain career each gets for it.

A story is told on one line (two where something is to be dropped), with every compared column filled, at
structures where nothing else happens. Chance leaves these people alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from rpps_sync.simulator.chances import Indexes, Purpose, generator
from rpps_sync.simulator.codes import code_table
from rpps_sync.simulator.keyed_numbers import digits, rpps_numbers
from rpps_sync.simulator.lines import Lines
from rpps_sync.simulator.places import place_kinds
from rpps_sync.simulator.professions import authorities, professions
from rpps_sync.simulator.stories import (
    CATEGORY,
    CONTACTS,
    PROFESSION,
    SECTION,
    SKILL,
    STRUCTURE,
    Plot,
    Story,
    foreign_identity,
    plots,
    turning_day,
)
from rpps_sync.simulator.words import words
from rpps_sync.simulator.world import World, unpublished_numbers

_NOBODY = ("unknown", "recent-unknown", "out-of-scope")  # plots without anybody in the directory
_PRACTITIONERS_PER_ROUND = 2_500
_MOST_ROUNDS = 4
_MOST_STORIED = 0.5  # share of those who practise
SECOND_PROFESSION = "26"

_CAREERS = {  # profession and kind of place that a field needs
    PROFESSION: ("28", "company"),
    SECTION: ("21", "pharmacy"),
    SKILL: ("10", "individual"),
    CATEGORY: ("10", "hospital"),
}
_CAREERS |= dict.fromkeys(CONTACTS, ("60", "pharmacy"))
_FILLED = {  # cells that a story about coordinates needs, where the structure has none
    "phone": "0199004321",
    "email": "contact@sante.example",
    "street_number": "7",
    "street": "DES TILLEULS",
    "commune": "75113",
}
_USUAL = ("60", "hospital")


@dataclass(frozen=True, slots=True)
class Role:
    """A story and who plays it; ``person`` is -1 for plots without anybody in the directory."""

    story: Story
    person: int
    here: int  # structure where it starts
    there: int  # another structure of the same kind


def cast(world: World, days: int) -> tuple[Role, ...]:
    """Choose people for every plot, and give them the career it needs, before the first day is written."""
    rng = generator(world.seed, Purpose.STORIES)
    rounds = max(1, min(_MOST_ROUNDS, len(world.people) // _PRACTITIONERS_PER_ROUND))
    practising = np.unique(world.lines.person)
    wanted = [(number, plot) for number in range(rounds) for plot in plots(days)]
    wanted = wanted[: int(practising.size * _MOST_STORIED)]
    chosen = iter(rng.permutation(practising).tolist())
    strangers = iter(unpublished_numbers(len(wanted)))
    alone = iter(_alone(world, rng))
    roles = []
    for rank, (number, plot) in enumerate(wanted):
        day = turning_day(plot, rank + number, days)
        if plot.name in _NOBODY:
            identity = foreign_identity(plot.how, number)
            if plot.name != "out-of-scope":
                identity = _national_id(rpps_numbers(np.array([next(strangers)]), world.seed))
            roles.append(Role(Story(identity, plot.name, plot.field, plot.how, day), -1, 0, 0))
            continue
        person = next(chosen)
        here, there = _structures(world, rng, plot)
        if plot.field in CONTACTS:
            here = next(alone, 0)
            if not here:  # a small world has too few pharmacies
                continue
        identity = _national_id(world.people.rpps[[person]])
        roles.append(Role(Story(identity, plot.name, plot.field, plot.how, day), person, here, there))
    _prepare(world, rng, roles)
    return tuple(roles)


def _national_id(numbers: Indexes) -> str:
    return "8" + str(digits(numbers, 11)[0])


def _structures(world: World, rng: np.random.Generator, plot: Plot) -> tuple[int, int]:
    """Two structures of the kind that the plot needs."""
    here, there = rng.choice(_of_kind(world, _CAREERS.get(plot.field, _USUAL)[1]), 2, replace=False)
    return int(here), int(there)


def _of_kind(world: World, key: str) -> Indexes:
    """The structures of a kind; the first pharmacies are kept for stories about coordinates."""
    number = [kind.key for kind in place_kinds()].index(key)
    all_of_it = np.arange(world.places.starts[number], world.places.starts[number + 1])
    return all_of_it[-max(2, all_of_it.size // 8) :] if key == "pharmacy" else all_of_it


def _alone(world: World, rng: np.random.Generator) -> list[int]:
    """Structures that one story about coordinates each has for itself, the cells it needs filled."""
    number = [kind.key for kind in place_kinds()].index("pharmacy")
    start, end = world.places.starts[number], world.places.starts[number + 1]
    kept = np.setdiff1d(np.arange(start, end), _of_kind(world, "pharmacy"))
    for column, value in _FILLED.items():
        cells = world.places.frame[column]
        empty = kept[(cells.gather(kept) == "").to_numpy()]
        world.places.frame = world.places.frame.with_columns(cells.scatter(empty, value).alias(column))
    # A token of 2021, the only one that tells a commune, names a place by its FINESS number.
    identified = pl.when(pl.col("technical_id") != "").then("technical_id").otherwise("former_id")
    numbers = world.places.frame[kept].select(identified.str.slice(1, 9)).to_series()
    finess = world.places.frame["finess"].scatter(kept, numbers)
    world.places.frame = world.places.frame.with_columns(finess.alias("finess"))
    return [int(place) for place in rng.permutation(kept)]


def _prepare(world: World, rng: np.random.Generator, roles: list[Role]) -> None:
    """Replace the lines of the cast, name them plainly, and protect them from chance."""
    played = [role for role in roles if role.person >= 0]
    people = np.array([role.person for role in played])
    world.lines = world.lines.where(~world.lines.of(people))
    _empty(world, rng, [role.here for role in played if role.story.field in CONTACTS])
    for role in played:
        world.lines = world.lines.followed_by(_career(world, role, rng.random() * len(world.lines)))
        code = _CAREERS.get(role.story.field, _USUAL)[0]
        usual = next(profession.diploma for profession in professions() if profession.code == code)
        world.people.diploma[role.person] = code_table("diploma").index(usual) if usual else 0
    world.people.second_diploma[people] = 0
    world.people.authorisation[people] = 0
    world.people.family[people] = rng.integers(0, len(words().family_pool) - words().traps, people.size)
    world.people.given[people] = np.maximum(world.people.given[people], 0)
    world.people.protected[people] = True


def _empty(world: World, rng: np.random.Generator, structures: list[int]) -> None:
    """Who works at those pharmacies works at another: what happens there is nobody else's story."""
    rows = np.flatnonzero(np.isin(world.lines.structure, structures))
    world.lines.structure[rows] = rng.choice(_of_kind(world, "pharmacy"), rows.size)


def _career(world: World, role: Role, position: float) -> Lines:
    code = _CAREERS.get(role.story.field, _USUAL)[0]
    profession = next(item for item in professions() if item.code == code)
    line = Lines(
        person=np.array([role.person]),
        profession=code_table("profession").indexes([code]),
        category=code_table("category").indexes(["C"]),
        exercise_civility=code_table("exercise_civility").indexes(["DR" if code == "10" else ""]),
        skill=code_table("skill").indexes(["SM54" if code == "10" else ""]),
        structure=np.array([role.here]),
        mode=code_table("mode").indexes(["S"]),
        sector=world.places.sector[[role.here]],
        pharmacist_section=code_table("pharmacist_section").indexes(["D" if code == "21" else ""]),
        role=code_table("role").indexes(["FON-33"]),
        kind=code_table("kind").indexes(["GENR01"]),
        authority=np.array([authorities().index(next(iter(profession.authorities)))]),
        position=np.array([position]),
    )
    if role.story.how != "dropped":
        return line
    return line.followed_by(second_line(world, role, line))


def second_line(world: World, role: Role, line: Lines) -> Lines:
    """The same line for the second profession, or at the second structure."""
    second = line.where(np.array([0]))
    second.position += 0.3
    if role.story.field == PROFESSION:
        second.profession[:] = code_table("profession").index(SECOND_PROFESSION)
    if role.story.field == STRUCTURE:
        second.structure[:] = role.there
        second.sector[:] = world.places.sector[role.there]
    return second
