"""Small helpers on text columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rpps_sync.simulator.chances import Indexes, Mask


def kept(column: pl.Series, where: Mask) -> pl.Series:
    """The column where the mask holds, an empty string elsewhere."""
    return pl.select(pl.when(pl.Series(where)).then(column).otherwise(pl.lit(""))).to_series()


def chosen(where: Mask, this: pl.Series, other: pl.Series) -> pl.Series:
    """``this`` where the mask holds, ``other`` elsewhere."""
    return pl.select(pl.when(pl.Series(where)).then(this).otherwise(other)).to_series()


def joined(*parts: pl.Series | str) -> pl.Series:
    """Text put end to end."""
    pieces = [pl.lit(part) if isinstance(part, str) else part for part in parts]
    return pl.select(pl.concat_str(pieces)).to_series()


def at(values: Sequence[str] | pl.Series, indexes: Indexes | NDArray[np.integer]) -> pl.Series:
    """The values at those positions; a negative position gives an empty string."""
    source = values if isinstance(values, pl.Series) else pl.Series(values, dtype=pl.String)
    if indexes.size and int(indexes.min()) < 0:
        return kept(source.gather(np.maximum(indexes, 0)), indexes >= 0)
    return source.gather(indexes)
