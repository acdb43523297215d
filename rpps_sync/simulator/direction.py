"""Direction: the directory's part of the stories, played on the day each one turns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rpps_sync import names
from rpps_sync.simulator.casting import SECOND_PROFESSION, Role, second_line
from rpps_sync.simulator.chances import Indexes, Purpose, generator
from rpps_sync.simulator.codes import code_table
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

_PLAYED_HERE = ("kept", "refreshed", "followed", "departed")

_NEXT = {  # column and code that a field changes to
    CATEGORY: ("category", "M"),
    SKILL: ("skill", "SM53"),
    "activity.mode": ("mode", "L"),
    "activity.sector": ("sector", "SA04"),
    "activity.role": ("role", "FON-43"),
    "activity.kind": ("kind", "GENR12"),
    SECTION: ("pharmacist_section", "H"),
}
_BEFORE = {  # column and code that the cast of a story starts with
    CATEGORY: ("category", "C"),
    SKILL: ("skill", "SM54"),
    "activity.mode": ("mode", "S"),
    "activity.role": ("role", "FON-33"),
    "activity.kind": ("kind", "GENR01"),
}
MOVED = {  # cells of the structure that a field changes to, nowhere else in the world
    "contact.phone": {"phone": "0199007777", "phone2": ""},
    "contact.email": {"email": "autre.contact@sante.example"},
    "address.street": {"street_number": "251", "street_repetition": "", "street": "DU NOUVEAU MOULIN"},
    "address.postal_code": {"postal_code": "98600", "cedex": "98600 UVEA"},
    "address.commune": {"commune": "98613", "commune_label": "Uvea"},
}
_OTHER_SECTOR = "SA30"  # for the structures that are in SA04 already


def direct(world: World, roles: Sequence[Role], day: int) -> None:
    """Play what the directory does on that day."""
    rng = generator(world.seed, Purpose.STORIES, day)
    for role in roles:
        since = day - role.story.day
        match role.story.plot, since:
            case plot, 0 if plot in _PLAYED_HERE:
                _turn(world, rng, role)
            case ("wavering" | "relapsed", 0) | ("relapsed", 2):
                _turn(world, rng, role)
            case (("wavering" | "relapsed"), 1):
                column, code = _BEFORE[role.story.field]
                rows = np.flatnonzero(world.lines.person == role.person)
                getattr(world.lines, column)[rows] = code_table(column).index(code)
            case "returned", 0:
                leave(world, np.array([role.person]))
            case "returned", 2:
                bring_back(world, np.array([role.person]))


def _turn(world: World, rng: np.random.Generator, role: Role) -> None:
    field = role.story.field
    rows = np.flatnonzero(world.lines.person == role.person)
    if role.story.plot == "departed":
        leave(world, np.array([role.person]))
    elif field in _NEXT:
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
        _correct(world, role)
    else:
        _change_set(world, role, rows)


def _correct(world: World, role: Role) -> None:
    """Other coordinates for the structure."""
    for column, value in MOVED[role.story.field].items():
        replaced = world.places.frame[column].scatter(role.here, value)
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
