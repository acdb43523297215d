"""Direction: the directory's part of the stories, played on the day each one turns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rpps_sync import names
from rpps_sync.simulator.casting import SECOND_PROFESSION, Role, second_line
from rpps_sync.simulator.chances import Indexes, Purpose, generator
from rpps_sync.simulator.codes import code_table
from rpps_sync.simulator.people_events import leave
from rpps_sync.simulator.stories import CATEGORY, FAMILY_NAME, GIVEN_NAME, SECTION, SKILL
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
_OTHER_SECTOR = "SA30"  # for the structures that are in SA04 already


def direct(world: World, roles: Sequence[Role], day: int) -> None:
    """Play what the directory does on that day."""
    rng = generator(world.seed, Purpose.STORIES, day)
    for role in roles:
        if role.story.plot in _PLAYED_HERE and role.story.day == day:
            _turn(world, rng, role)


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
        _rename(world, rng, role)
    else:
        _change_set(world, role, rows)


def _rename(world: World, rng: np.random.Generator, role: Role) -> None:
    """Another name, with no word in common."""
    family = role.story.field == FAMILY_NAME
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
