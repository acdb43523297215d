"""A world: everybody, every place and every line of one simulated day, as integers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from rpps_sync.errors import UsageError
from rpps_sync.simulator.cards import Cards
from rpps_sync.simulator.careers import draw_careers
from rpps_sync.simulator.chances import Indexes, Purpose, chance, generator
from rpps_sync.simulator.codes import NOMENCLATURES, code_table
from rpps_sync.simulator.keyed_numbers import RPPS_NUMBERS
from rpps_sync.simulator.lines import Lines
from rpps_sync.simulator.mailboxes import Mailboxes
from rpps_sync.simulator.people import People, draw_people
from rpps_sync.simulator.places import Places, build_places

FEWEST = 100
MOST = 9_000_000  # the numbers above are kept for arrivals and for people whom nobody publishes
MOST_LINES = 6  # of one practitioner
_DUPLICATES = 0.003  # share of lines that the file holds twice


@dataclass(slots=True)
class World:
    """The state behind one day's extracts; ``evolution`` and ``stories`` move it from day to day."""

    seed: int
    today: date
    people: People
    places: Places
    lines: Lines
    absent: Lines  # lines of those who left, for the day they return
    mailboxes: Mailboxes = field(default_factory=Mailboxes.none)
    cards: Cards = field(default_factory=Cards.none)
    cards_made: int = 0  # withdrawn ones included
    labels: dict[str, list[str]] = field(default_factory=dict)  # by code table; they drift
    codes: dict[str, list[str]] = field(default_factory=dict)  # by code table; some appear that no table has


def build_world(practitioners: int, seed: int, first_day: date) -> World:
    """The first day of a world with that many practitioners, before anybody has a mailbox or a card.

    Raises:
        UsageError: too few of them to tell anything, or more than there are simulated RPPS numbers.
    """
    if not FEWEST <= practitioners <= MOST:
        raise UsageError(
            f"a world has between {FEWEST:,} and {MOST:,} practitioners, not {practitioners:,}",
            mend="choose another --practitioners",
        )
    places = build_places(generator(seed, Purpose.STRUCTURES), practitioners, seed)
    people, chosen, homes, practising = draw_people(generator(seed, Purpose.PEOPLE), 0, practitioners, seed)
    rng = generator(seed, Purpose.CAREERS)
    who = np.flatnonzero(practising)
    lines = with_duplicates(rng, draw_careers(rng, who, chosen[who], homes[who], places))
    lines.position = np.arange(len(lines)) + rng.normal(0.0, 4.0, len(lines))
    tables = {name: code_table(name) for name in NOMENCLATURES}
    return World(
        seed=seed,
        today=first_day,
        people=people,
        places=places,
        lines=lines,
        absent=lines.where(np.zeros(len(lines), bool)),
        labels={name: list(table.labels) for name, table in tables.items()},
        codes={name: list(table.codes) for name, table in tables.items()},
    )


def with_duplicates(rng: np.random.Generator, lines: Lines) -> Lines:
    """Some lines stand twice in the file, as they do in the real one; nobody has more than six.

    The lines come in the order of the people.
    """
    repeated = 1 + chance(rng, _DUPLICATES, len(lines)).astype(np.int64)
    doubled = lines.where(np.repeat(np.arange(len(lines)), repeated))
    rank = np.arange(len(doubled)) - np.searchsorted(doubled.person, doubled.person)
    return doubled.where(rank < MOST_LINES)


def unpublished_numbers(count: int) -> Indexes:
    """Ranks of RPPS numbers that no world ever reaches."""
    return RPPS_NUMBERS - 1 - np.arange(count, dtype=np.int64)
