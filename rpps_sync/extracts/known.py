"""The lines a former file had: whoever has the same fingerprint needs no second look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class KnownLines:
    """Fingerprints of readable lines, in order."""

    hashes: NDArray[np.uint64]

    @classmethod
    def of(cls, index: pl.DataFrame) -> KnownLines:
        """Those of an index (see ``rpps_sync.extracts.index``)."""
        return cls(np.sort(index["line_hash"].to_numpy()))

    def __call__(self, fingerprints: pl.Series) -> pl.Series:
        """Which of some fingerprints are among them."""
        asked = fingerprints.to_numpy()
        if not len(self.hashes):
            return pl.Series(np.zeros(len(asked), dtype=np.bool_))
        order = np.sort(
            asked
        )  # neighbours are looked up one after the other: their ways through memory are shared
        places = np.minimum(np.searchsorted(self.hashes, order), len(self.hashes) - 1)
        absent = order[self.hashes[places] != order]
        return pl.Series(~np.isin(asked, absent))
