"""Events of cards: those there are on the first day, those made, renewed, opposed or withdrawn later."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rpps_sync.simulator.cards import CARD_TYPES, DAYS, NEVER, Cards, day_number, last_days
from rpps_sync.simulator.chances import Indexes, Mask, Purpose, chance, generator, some
from rpps_sync.simulator.codes import code_table
from rpps_sync.simulator.holders import Holders, people_without_line, practising
from rpps_sync.simulator.world import World

_HELD = 0.51  # share of people who practise and hold a card
_HELD_WITHOUT_LINE = 0.2  # of those who are not in personne-activite
_OPPOSED = 0.004
_NEW = 60  # a card made less than so many days ago may stand beside the one it renews
_BOTH = 0.3  # how many of them do
_REPLACED = 0.5  # share of the opposed cards that another replaces at once


def furnish(world: World) -> None:
    """Make the cards of the first day."""
    rng = generator(world.seed, Purpose.CARDS)
    today = day_number(world.today)
    busy, idle = practising(world, rng), people_without_line(world)
    holders = busy.where(chance(rng, _HELD, len(busy)))
    holders = holders.followed_by(idle.where(chance(rng, _HELD_WITHOUT_LINE, len(idle))))
    age = rng.integers(0, DAYS - 1, len(holders))
    _make(world, holders, today - age)
    renewed = holders.where((age < _NEW) & chance(rng, _BOTH, len(holders)))
    _make(world, renewed, today - DAYS + 1 + rng.integers(1, _NEW, len(renewed)))
    cards = world.cards.where(rng.permutation(len(world.cards)))
    opposed = chance(rng, _OPPOSED, len(cards)) & ~world.people.protected[cards.person]
    on = today - (rng.random(len(cards)) * (today - cards.start)).astype(np.int64)
    cards.opposed[opposed] = cards.updated[opposed] = on[opposed]
    world.cards = cards


def issue(world: World, rng: np.random.Generator, count: int) -> None:
    """People get their first card."""
    holding = np.zeros(len(world.people), bool)
    holding[world.cards.person] = True
    free = practising(world, rng, ~holding & ~world.people.protected)
    _make_today(world, free.where(some(rng, np.arange(len(free)), count)))


def renew(world: World, rng: np.random.Generator, count: int) -> None:
    """The cards that end first are renewed, and stay valid beside the new one until they end."""
    cards = world.cards
    newest = np.zeros(len(world.people), np.int32)
    np.maximum.at(newest, cards.person, cards.start)
    ending = np.flatnonzero(_free(world) & (cards.start == newest[cards.person]) & (cards.opposed == NEVER))
    rows = ending[np.argsort(cards.start[ending], kind="stable")][:count]
    _replace(world, rng, cards.person[rows])


def oppose(world: World, rng: np.random.Generator, count: int) -> None:
    """Cards are lost or stolen; some are replaced at once."""
    cards = world.cards
    rows = some(rng, np.flatnonzero(_free(world) & (cards.opposed == NEVER)), count)
    cards.opposed[rows] = cards.updated[rows] = day_number(world.today)
    _replace(world, rng, cards.person[rows[chance(rng, _REPLACED, rows.size)]])


def withdraw(world: World, rng: np.random.Generator, count: int) -> None:
    """Cards that have ended leave the file, a few days late at times."""
    ended = np.flatnonzero((last_days(world.cards.start) < world.today).to_numpy())
    gone = some(rng, ended, count)
    world.cards = world.cards.where(np.delete(np.arange(len(world.cards)), gone))


def _free(world: World) -> Mask:
    """Cards of people who are here and have no story."""
    free: Mask = (world.people.present & ~world.people.protected)[world.cards.person]
    return free


def _replace(world: World, rng: np.random.Generator, people: Indexes) -> None:
    wanted = np.zeros(len(world.people), bool)
    wanted[people] = True
    _make_today(world, practising(world, rng, wanted))


def _make_today(world: World, holders: Holders) -> None:
    _make(world, holders, np.full(len(holders), day_number(world.today)))


def _make(world: World, holders: Holders, start: NDArray[np.integer]) -> None:
    """Make a card for each holder; students get that of people in training."""
    ranks = world.cards_made + np.arange(len(holders))
    student = holders.category == code_table("category").index("E")
    types = list(CARD_TYPES)
    made = Cards(
        person=holders.person,
        rank=ranks,
        type=np.where(student, types.index("CPF"), types.index("CPS")),
        profession=holders.profession,
        start=start,
        opposed=np.full(len(holders), NEVER),
        updated=start,
    )
    world.cards = world.cards.followed_by(made)
    world.cards_made += len(made)
