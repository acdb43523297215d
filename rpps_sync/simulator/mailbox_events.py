"""Events of mailboxes: those there are on the first day, those that open, close or follow their owner later."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rpps_sync.simulator.chances import Indexes, Mask, Purpose, chance, generator, some
from rpps_sync.simulator.codes import code_table
from rpps_sync.simulator.holders import Holders, people_without_line, practising, with_lines
from rpps_sync.simulator.mailboxes import (
    SERVICES,
    Mailboxes,
    numbered,
    professional_domains,
    regional_domains,
    structure_domains,
)
from rpps_sync.simulator.places import place_kinds
from rpps_sync.simulator.world import World

_SHARES = {"10": 0.55, "21": 0.45, "40": 0.4, "50": 0.5, "60": 0.13, "70": 0.2, "80": 0.2}  # by profession
_OTHER_SHARE = 0.08
_SHARE_WITHOUT_LINE = 0.05  # of people who are not in personne-activite
_SECOND = 0.025  # share of owners with a mailbox at a regional operator besides
_SHARED = 0.008  # share of mailboxes listed at another structure of their owner too, under one address
_OF_STRUCTURES = 0.043  # for one person, on average
_ORG = 0.15  # share of the mailboxes that belong to a structure
_SERVED = ("hospital", "clinic")  # kinds of places that have services
_WITH_MAILBOX = (*_SERVED, "centre", "residence", "laboratory", "pharmacy")
_PAPERLESS = 0.72
_SLOW_CLOSURE = 0.3  # chance that the mailbox of somebody who left closes on a given day


def furnish(world: World) -> None:
    """Open the mailboxes of the first day."""
    rng = generator(world.seed, Purpose.MAILBOXES)
    holders = practising(world, rng)
    holders = holders.where(rng.random(len(holders)) < _share_of(holders.profession))
    idle = people_without_line(world)
    holders = holders.followed_by(idle.where(chance(rng, _SHARE_WITHOUT_LINE, len(idle))))
    _open_for_people(world, rng, holders)
    _open_for_structures(world, rng, round(_OF_STRUCTURES * len(world.people)))
    world.mailboxes = world.mailboxes.where(rng.permutation(len(world.mailboxes)))


def open_some(world: World, rng: np.random.Generator, count: int) -> None:
    """People and structures open mailboxes."""
    for_structures = int(rng.binomial(count, _ORG))
    owners = np.zeros(len(world.people), bool)
    owners[world.mailboxes.person[world.mailboxes.person >= 0]] = True
    free = practising(world, rng, ~owners & ~world.people.protected)
    keen = np.flatnonzero(rng.random(len(free)) < _share_of(free.profession))
    _open_for_people(world, rng, free.where(some(rng, keen, count - for_structures)))
    _open_for_structures(world, rng, for_structures)


def close_some(world: World, rng: np.random.Generator, count: int) -> None:
    """Mailboxes close, those of people who left sooner or later."""
    mailboxes = world.mailboxes
    left = mailboxes.owned(~world.people.present) & chance(rng, _SLOW_CLOSURE, len(mailboxes))
    closed = np.concatenate([np.flatnonzero(left), some(rng, np.flatnonzero(_free(world)), count)])
    world.mailboxes = mailboxes.where(np.delete(np.arange(len(mailboxes)), closed))


def follow_some(world: World, rng: np.random.Generator, count: int) -> None:
    """Mailboxes follow their owners to another activity, or start or stop replacing paper."""
    mailboxes = world.mailboxes
    rows = some(rng, np.flatnonzero(_free(world) & mailboxes.owned(world.people.present)), count)
    holders, found = with_lines(world, rng, mailboxes.person[rows])
    rows = rows[found]
    for name in ("structure", "profession", "category", "exercise_civility", "skill"):
        getattr(mailboxes, name)[rows] = getattr(holders, name)
    mailboxes.paperless[rows] ^= chance(rng, 0.3, rows.size)


def _free(world: World) -> Mask:
    """Mailboxes of people without a story, and of structures."""
    return ~world.mailboxes.owned(world.people.protected)


def _share_of(professions: NDArray[np.integer]) -> NDArray[np.float64]:
    codes = code_table("profession").codes
    shares: NDArray[np.float64] = np.array([_SHARES.get(code, _OTHER_SHARE) for code in codes])[professions]
    return shares


def _open_for_people(world: World, rng: np.random.Generator, holders: Holders) -> None:
    """One mailbox each at the domain of their profession; for some, one more elsewhere."""
    second = holders.where(chance(rng, _SECOND, len(holders)))
    opened = _mailboxes(world, rng, holders, professional_domains(holders.profession))
    opened = opened.followed_by(_mailboxes(world, rng, second, regional_domains(rng, len(second))))
    opened = numbered(opened, world.mailboxes)
    world.mailboxes = world.mailboxes.followed_by(opened).followed_by(_listed_twice(world, rng, opened))


def _listed_twice(world: World, rng: np.random.Generator, opened: Mailboxes) -> Mailboxes:
    """A few mailboxes stand at two structures of their owner: one address, two lines."""
    holders, found = with_lines(world, rng, opened.person)
    again = opened.where(found)
    moved = again.structure != holders.structure
    again.structure[:] = holders.structure
    return again.where(moved & chance(rng, _SHARED, len(again)))


def _mailboxes(world: World, rng: np.random.Generator, holders: Holders, domains: Indexes) -> Mailboxes:
    size = len(holders)
    return Mailboxes(
        service=np.zeros(size),
        domain=domains,
        family=world.people.family[holders.person],
        given=world.people.given[holders.person],
        number=np.ones(size),
        paperless=chance(rng, _PAPERLESS, size),
        **{name: getattr(holders, name) for name in Holders.types()},
    )


def _open_for_structures(world: World, rng: np.random.Generator, count: int) -> None:
    """Mailboxes of structures that have an identifier, more of them where more people work."""
    keys = [kind.key for kind in place_kinds()]
    kinds = world.places.kind[world.lines.structure]
    frame = world.places.frame
    named = ((frame["finess"] != "") | (frame["siret"] != "") | (frame["former_id"] != "")).to_numpy()
    wanted = np.isin(kinds, [keys.index(key) for key in _WITH_MAILBOX]) & named[world.lines.structure]
    structure = world.lines.structure[rng.choice(np.flatnonzero(wanted), count)]
    served = np.isin(world.places.kind[structure], [keys.index(key) for key in _SERVED])
    none = np.zeros(count)
    opened = Mailboxes(
        person=none - 1,
        structure=structure,
        service=np.where(served, rng.integers(1, len(SERVICES), count), 0),
        profession=none,
        category=none,
        exercise_civility=none,
        skill=none,
        domain=structure_domains(world.places.kind[structure]),
        family=none,
        given=none,
        number=none,
        paperless=chance(rng, _PAPERLESS, count),
    )
    world.mailboxes = world.mailboxes.followed_by(numbered(opened, world.mailboxes))
