"""Direction: the directory's part of the stories, played on the day each one turns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rpps_sync import names
from rpps_sync.simulator.casting import SECOND_PROFESSION, Role, second_line
from rpps_sync.simulator.chances import Indexes, Purpose, generator
from rpps_sync.simulator.codes import code_table
from rpps_sync.simulator.lines import Lines
from rpps_sync.simulator.people_events import bring_back, leave
from rpps_sync.simulator.stories import (
    ANOTHER,
    CATEGORY,
    CONTACTS,
    FAMILY_NAME,
    GIVEN_NAME,
    SECTION,
    SKILL,
)
from rpps_sync.simulator.words import words
from rpps_sync.simulator.world import World

_NEXT = {  # column and code that a field changes to
    CATEGORY: ("category", "M"),
    SKILL: ("skill", "SM53"),
    "activity.mode": ("mode", "L"),
    "activity.sector": ("sector", "SA04"),
    "activity.role": ("role", "FON-43"),
    "activity.kind": ("kind", "GENR12"),
    SECTION: ("pharmacist_section", "H"),
}
MOVED = {  # cells of the structure that a field changes to, nowhere else in the world
    "contact.phone": {"phone": "0199007777", "phone2": ""},
    "contact.email": {"email": "autre.contact@sante.example"},
    "address.street": {"street_number": "251", "street_repetition": "", "street": "DU NOUVEAU MOULIN"},
    "address.postal_code": {"postal_code": "98600", "cedex": "98600 UVEA"},
    "address.commune": {"commune": "98613", "commune_label": "Uvea"},
}
_OTHER_SECTOR = "SA30"  # for the structures that are in SA04 already


@dataclass(frozen=True, slots=True)
class _Former:
    """What the directory said of somebody before their story turned."""

    lines: Lines
    family: int
    given: int
    place: dict[str, str]  # the cells of their structure that the story changes


class Director:
    """Plays the directory's part, and remembers what it said before, for the stories that turn back."""

    def __init__(self, world: World, roles: Sequence[Role]) -> None:
        self._world = world
        self._roles = [role for role in roles if role.person >= 0]
        self._former: dict[int, _Former] = {}  # by person

    def play(self, day: int) -> None:
        """Play what the directory does on that day."""
        rng = generator(self._world.seed, Purpose.STORIES, day)
        for role in self._roles:
            match role.story.plot, day - role.story.day:
                case (("kept" | "refreshed" | "followed" | "reverted"), 0):
                    _turn(self._world, rng, role)
                case (("wavering" | "relapsed"), 0):
                    self._former[role.person] = _remembered(self._world, role)
                    _turn(self._world, rng, role)
                case (("wavering" | "relapsed"), 1):
                    _restore(self._world, role, self._former.pop(role.person))
                case "relapsed", 2:
                    _turn(self._world, rng, role)
                case "married", 0:
                    _marry(self._world, rng, role)
                case (("departed" | "forgotten" | "returned"), 0):
                    leave(self._world, np.array([role.person]))
                case "returned", 2:
                    bring_back(self._world, np.array([role.person]))


def _remembered(world: World, role: Role) -> _Former:
    cells = world.places.frame.row(role.here, named=True)
    return _Former(
        world.lines.where(world.lines.of(np.array([role.person]))),
        int(world.people.family[role.person]),
        int(world.people.given[role.person]),
        {column: cells[column] for column in MOVED.get(role.story.field, {})},
    )


def _restore(world: World, role: Role, former: _Former) -> None:
    world.lines = world.lines.where(~world.lines.of(np.array([role.person]))).followed_by(former.lines)
    world.people.family[role.person] = former.family
    world.people.given[role.person] = former.given
    _rewrite(world, role.here, former.place)


def _turn(world: World, rng: np.random.Generator, role: Role) -> None:
    field = role.story.field
    rows = np.flatnonzero(world.lines.person == role.person)
    if field in _NEXT:
        column, code = _NEXT[field]
        table = code_table(column)
        current = getattr(world.lines, column)
        changed = table.index(code)
        getattr(world.lines, column)[rows] = (
            changed if int(current[rows[0]]) != changed else table.index(_OTHER_SECTOR)
        )
    elif field in (FAMILY_NAME, GIVEN_NAME):
        _rename(world, rng, role, field)
    elif role.story.how == ANOTHER:
        _rename(world, rng, role, FAMILY_NAME)
        _rename(world, rng, role, GIVEN_NAME)
    elif field in CONTACTS:
        _rewrite(world, role.here, MOVED[field])
    else:
        _change_set(world, role, rows)


def _rewrite(world: World, place: int, cells: Mapping[str, str]) -> None:
    """Other cells for a structure."""
    for column, value in cells.items():
        replaced = world.places.frame[column].scatter(place, value)
        world.places.frame = world.places.frame.with_columns(replaced.alias(column))


def _rename(world: World, rng: np.random.Generator, role: Role, field: str) -> None:
    """Another name, with no word in common."""
    family = field == FAMILY_NAME
    pool = words().family_pool if family else words().given
    column = world.people.family if family else world.people.given
    plain = len(pool) - words().traps if family else len(pool)
    former = str(pool[int(column[role.person])])
    while names.compatible(former, str(pool[int(column[role.person])])):
        column[role.person] = rng.integers(0, plain)


def _marry(world: World, rng: np.random.Generator, role: Role) -> None:
    """A double name that begins or ends with the present one; nobody marries whose name is in no double one."""
    pool = words().family_pool
    name = str(pool[int(world.people.family[role.person])])
    double = np.flatnonzero(pool.str.contains(f"^{re.escape(name)}-|-{re.escape(name)}$").to_numpy())
    if double.size:
        world.people.family[role.person] = rng.choice(double)


def _change_set(world: World, role: Role, rows: Indexes) -> None:
    """A profession or a structure is replaced, added or dropped."""
    lines = world.lines
    if role.story.how == "dropped":
        kept = np.ones(len(lines), bool)
        kept[rows[lines.profession[rows] == code_table("profession").index(SECOND_PROFESSION)]] = False
        kept[rows[(lines.structure[rows] == role.there)]] = False
        world.lines = lines.where(kept)
        return
    second = second_line(world, role, lines.where(rows[:1]))
    world.lines = lines.followed_by(second)
    if role.story.how == "replaced":
        world.lines = world.lines.where(np.delete(np.arange(len(world.lines)), rows))
