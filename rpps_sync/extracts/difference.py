"""What changed between two publications of a file, as multisets of lines: their order means nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rpps_sync.limits import LIMITS

Hashes = NDArray[np.uint64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LineDifference:
    """Lines that came (rows of the index of the file they are in) and lines that went (rows of the former one)."""

    gained: pl.DataFrame
    lost: pl.DataFrame

    @property
    def added(self) -> int:
        """How many lines came, repetitions counted."""
        return self.gained.height

    @property
    def removed(self) -> int:
        """How many lines went, repetitions counted."""
        return self.lost.height

    @property
    def affected(self) -> pl.Series:
        """The national identifiers of whom a line came or went."""
        return pl.concat([self.gained["national_id"], self.lost["national_id"]]).unique()

    @property
    def came(self) -> tuple[int, ...]:
        """The smallest fingerprints of the lines that came, at most ``LIMITS.sketch``, ascending."""
        return _sketch(self.gained)

    @property
    def went(self) -> tuple[int, ...]:
        """The same of the lines that went."""
        return _sketch(self.lost)


def difference(before: pl.DataFrame, after: pl.DataFrame) -> LineDifference:
    """Compare two line indexes (see ``rpps_sync.extracts.index``); exact repetitions count."""
    if before.is_empty() or after.is_empty():
        return LineDifference(gained=after, lost=before)
    former, latter = _counted(before), _counted(after)
    return LineDifference(gained=_surplus(after, latter, former), lost=_surplus(before, former, latter))


def _sketch(lines: pl.DataFrame) -> tuple[int, ...]:
    return tuple(sorted(lines["line_hash"].unique().bottom_k(LIMITS.sketch).to_list()))


def _counted(index: pl.DataFrame) -> tuple[Hashes, Counts]:
    """Each fingerprint once, in order, and how many lines have it. Sorting numbers is what NumPy is fastest at."""
    hashes, counts = np.unique(index["line_hash"].to_numpy(), return_counts=True)
    return hashes, counts


def _surplus(index: pl.DataFrame, own: tuple[Hashes, Counts], other: tuple[Hashes, Counts]) -> pl.DataFrame:
    """The rows of an index that the other one has no match for."""
    hashes, counts = own
    others, their_counts = other
    places = np.minimum(np.searchsorted(others, hashes), len(others) - 1)
    matched = np.where(others[places] == hashes, their_counts[places], 0)
    more = counts > matched
    wanted = pl.DataFrame({"line_hash": hashes[more], "surplus": (counts - matched)[more]})
    rows = index.join(wanted, on="line_hash", maintain_order="left")
    rank = pl.int_range(pl.len()).over("line_hash")
    return rows.filter(rank < pl.col("surplus")).select(index.columns)
