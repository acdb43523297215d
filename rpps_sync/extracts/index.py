"""The line index of a file: a stable fingerprint of each line, with its practitioner.

Comparing two indexes is comparing two files without reading either again, and says where in each the lines are
that the other lacks.
"""

from __future__ import annotations

import polars as pl
import polars_hash as plh

from rpps_sync.extracts.parse import known_text
from rpps_sync.publisher.layouts import Header

SCHEMA = pl.Schema({"line_hash": pl.UInt64, "national_id": pl.String, "offset": pl.UInt64, "length": pl.UInt32})
"""One row a line: its fingerprint, whose it is, where it begins in its file and its bytes before the line end."""


def fingerprint(lines: pl.Series, header: Header) -> pl.Series:
    """``line_hash`` of each line: xxh3 of the columns we know, the same on every machine and version."""
    known = pl.DataFrame({"line": known_text(lines, header)})
    return known.select(line_hash=plh.col("line").nchash.xxh3_64()).to_series()


def empty() -> pl.DataFrame:
    """The index of a file that never was."""
    return pl.DataFrame(schema=SCHEMA)
