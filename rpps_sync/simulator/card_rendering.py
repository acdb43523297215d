"""From cards to the text of the extract of card holders (porteurs de cartes CPS et CPF)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rpps_sync.simulator.cards import CARD_TYPES, NEVER, Cards, card_numbers, last_days
from rpps_sync.simulator.cells import BLOCK, coded_cells, person_cells
from rpps_sync.simulator.columns import at, kept
from rpps_sync.simulator.world import World


def card_frames(world: World) -> Iterator[pl.DataFrame]:
    """The lines of the extract in file order, a block at a time."""
    for start in range(0, len(world.cards), BLOCK):
        yield _rendered(world, world.cards.where(np.arange(start, min(start + BLOCK, len(world.cards)))))


def _rendered(world: World, cards: Cards) -> pl.DataFrame:
    return pl.DataFrame(
        person_cells(world, cards.person)
        | coded_cells(world, "profession", cards.profession)
        | {
            "card_type": at(tuple(CARD_TYPES), cards.type),
            "card_type_label": at(tuple(CARD_TYPES.values()), cards.type),
            "card_number": card_numbers(cards.rank, world.seed),
            "valid_from": _written(cards.start),
            "valid_until": last_days(cards.start).dt.to_string("iso"),
            "opposed_on": kept(_written(cards.opposed), cards.opposed != NEVER),
            "updated_on": _written(cards.updated),
        }
    )


def _written(days: NDArray[np.integer]) -> pl.Series:
    """Days as ``2026-11-18``."""
    return pl.Series(days).cast(pl.Date).dt.to_string("iso")
