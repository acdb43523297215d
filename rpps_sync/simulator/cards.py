"""Professional cards (cartes CPS and CPF): who holds which, since when, and whether it was opposed.

The real file's order of columns and codes of types were never confirmed; these are plausible.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rpps_sync.simulator.chances import Indexes
from rpps_sync.simulator.keyed_numbers import digits
from rpps_sync.simulator.rows import Int8, Int32, Rows

CARD_TYPES = {
    "CPS": "Carte de professionnel de santé",
    "CPF": "Carte de professionnel de santé en formation",
}
YEARS = 3  # of validity
DAYS = 1096  # the longest that can be
NEVER = 0
_EPOCH = date(1970, 1, 1)
_FIRST_NUMBER = 9_900_000_000  # numbers have ten digits and start with 99
_NUMBERS = 100_000_000
_STEP = 6_180_339  # prime to their number: consecutive ranks look unrelated, and none comes twice


@dataclass(slots=True)
class Cards(Rows):
    """So many cards, in the order of the file; days are counted from 1970."""

    person: Int32
    rank: Int32  # how many were made before it
    type: Int8  # position in CARD_TYPES
    profession: Int8
    start: Int32
    opposed: Int32  # NEVER, or the day
    updated: Int32


def day_number(day: date) -> int:
    """How a day is kept in ``Cards``."""
    return (day - _EPOCH).days


def card_numbers(ranks: NDArray[np.integer], seed: int) -> pl.Series:
    """The number of each card: one per rank for a given seed."""
    serials: Indexes = (ranks.astype(np.int64) * _STEP + seed * 7_919) % _NUMBERS
    return digits(_FIRST_NUMBER + serials, 10)


def last_days(start: NDArray[np.integer]) -> pl.Series:
    """The last day of validity of cards made on those days."""
    return pl.Series(start).cast(pl.Date).dt.offset_by(f"{YEARS}y").dt.offset_by("-1d")
