"""Those who move tonight, with all of their lines before and after: what checks of several lines look at.

Comparing lines with one another (one person under two names, one column rewritten for everybody) costs what is
compared. It is done on those whose lines moved, and on at most ``LIMITS.examined_practitioners`` of them: those
with the smallest fingerprints, the same ones on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

import polars as pl
import polars_hash as plh

from rpps_sync.extracts.parse import columns_of
from rpps_sync.extracts.picking import lines_at
from rpps_sync.limits import LIMITS
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import Header

GATHERED = (ExtractKind.PERSONNE_ACTIVITE, ExtractKind.DIPL_AUTEXERC, ExtractKind.SAVOIRFAIRE)
"""Extracts whose lines are put side by side."""

Lines = Mapping[ExtractKind, pl.DataFrame]
"""Parsed columns by extract (see ``rpps_sync.extracts.parse``)."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Some of those who moved; an extract without lines of theirs may be absent."""

    people: int  # whose lines moved, in any extract
    sampled: int  # of them, those looked at
    before: Lines = field(default_factory=dict)  # nothing on a first load
    after: Lines = field(default_factory=dict)
    remembered: pl.DataFrame | None = None  # names of those who come back, as they were before they had left

    def estimate(self, count: int) -> int:
        """What a count among those looked at comes to among all who moved."""
        return count if self.sampled >= self.people else round(count * self.people / max(1, self.sampled))


def sample(people: pl.Series, most: int = LIMITS.examined_practitioners) -> pl.Series:
    """At most so many of them, always the same ones."""
    names = people.unique().rename("national_id").drop_nulls()
    names = names.filter(names != "")
    if names.len() <= most:
        return names
    return names.to_frame().bottom_k(most, by=plh.col("national_id").nchash.xxh3_64()).to_series()


def lines_of(stream: BinaryIO, index: pl.DataFrame, header: Header, people: pl.Series) -> pl.DataFrame:
    """All readable lines of some people, parsed.

    Args:
        stream: the decompressed bytes of a file.
        index: where the lines of that file are.
        header: its header.
        people: national identifiers, each once.
    """
    wanted = index.join(people.alias("national_id").to_frame(), on="national_id", how="semi")
    return pl.concat(
        [
            columns_of(pl.Series(dtype=pl.String), header),
            *(columns_of(lines, header) for lines, _ in lines_at(stream, wanted)),
        ]
    )
