"""What changes from one simulated day to the next, by chance.

People arrive, leave, come back, move, gain skills, change name, category or profession; shared structures get
their address corrected; a label drifts, a code appears that no table has; lines change places in the file;
mailboxes open and close, cards are made, renewed and opposed. People who take part in a story
(``People.protected``) and their structures are left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np

from rpps_sync.simulator import card_events, directory_events, mailbox_events, people_events
from rpps_sync.simulator.chances import Indexes, Purpose, generator, some
from rpps_sync.simulator.world import World

Event = Callable[[World, np.random.Generator, int], None]
Shares = tuple[tuple[Event, float], ...]

_SHARES: Shares = (  # of the lines that change in a day
    (people_events.depart, 0.14),
    (people_events.come_back, 0.02),
    (people_events.arrive, 0.17),
    (people_events.move, 0.27),
    (people_events.change_role, 0.08),
    (people_events.change_kind, 0.04),
    (people_events.change_mode, 0.03),
    (people_events.gain_skill, 0.05),
    (people_events.change_category, 0.03),
    (people_events.change_profession, 0.01),
    (people_events.rename, 0.06),
    (directory_events.correct_addresses, 0.10),
)
_MAILBOX_SHARES: Shares = (  # of the mailboxes that change in a day
    (mailbox_events.close_some, 0.32),
    (mailbox_events.open_some, 0.26),
    (mailbox_events.follow_some, 0.42),
)
_CARD_SHARES: Shares = (  # of the cards that change in a day
    (card_events.withdraw, 0.50),
    (card_events.renew, 0.30),  # of a million cards, as many as end in a day when three in a thousand change
    (card_events.issue, 0.14),
    (card_events.oppose, 0.06),
)
_LINES_OF_ONE = 1.05  # of the file before and after, on average: an arrival only adds them
_SHUFFLED = 0.01  # share of the lines that end up elsewhere in the file


def evolve(world: World, day: int, change_rate: float, *, novelties: bool = True) -> None:
    """Move a world to the next day.

    Args:
        world: changed in place.
        day: number of the day it moves to, from 2 on.
        change_rate: share of the lines that change.
        novelties: whether a label drifts and a code that nobody announced appears, as in no ordinary week.
    """
    world.today += timedelta(days=1)
    rng = generator(world.seed, Purpose.DAYS, day)
    budget = change_rate * len(world.lines)
    _happen(world, rng, budget / _LINES_OF_ONE, _SHARES)
    if change_rate and novelties:
        directory_events.drift_label(world, rng, int(budget * 0.05) + 1)
        directory_events.invent_code(world, rng, day)
    shuffle(world, rng)
    rng = generator(world.seed, Purpose.MAILBOXES, day)
    _happen(world, rng, change_rate * len(world.mailboxes), _MAILBOX_SHARES)
    world.mailboxes = world.mailboxes.where(_stirred(rng, len(world.mailboxes)))
    rng = generator(world.seed, Purpose.CARDS, day)
    _happen(world, rng, change_rate * len(world.cards), _CARD_SHARES)
    world.cards = world.cards.where(_stirred(rng, len(world.cards)))


def _happen(world: World, rng: np.random.Generator, budget: float, shares: Shares) -> None:
    """Spend a budget of changed lines on events."""
    for event, share in shares:
        count = int(rng.poisson(budget * share))
        if count:
            event(world, rng, count)


def shuffle(world: World, rng: np.random.Generator) -> None:
    """Lines come in no guaranteed order: some move a little, a few runs of them move far."""
    lines = world.lines
    rows = np.arange(len(lines))
    restless = some(rng, rows, int(_SHUFFLED * rows.size))
    lines.position[restless] += rng.normal(0.0, 40.0, restless.size)
    for _ in range(3):
        start, length = rng.integers(0, rows.size), 1 + rows.size // 2000
        run = lines.in_order()[start : start + length]
        lines.position[run] += rng.uniform(-0.5, 0.5) * rows.size


def _stirred(rng: np.random.Generator, size: int) -> Indexes:
    """The numbers of so many rows, some of which exchange their places."""
    order = np.arange(size)
    restless = some(rng, order, int(_SHUFFLED * size))
    order[restless] = rng.permutation(restless)
    return order
