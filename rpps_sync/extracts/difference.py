"""What changed between two publications of a file, as multisets of lines: their order means nothing."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from rpps_sync.limits import LIMITS


@dataclass(frozen=True, slots=True)
class LineDifference:
    """Lines that came and went, and the practitioners they belong to (``affected``: a text series)."""

    added: int
    removed: int
    affected: pl.Series
    came: tuple[int, ...] = ()  # the smallest fingerprints of the lines added, at most LIMITS.sketch, ascending
    went: tuple[int, ...] = ()  # the same of the lines removed


def difference(before: pl.DataFrame, after: pl.DataFrame) -> LineDifference:
    """Compare two line indexes (see ``rpps_sync.extracts.index``); exact repetitions count."""
    joined = _counted(before).join(_counted(after), on="line_hash", how="full", coalesce=True, suffix="_after")
    moved = joined.with_columns(
        gain=pl.col("lines_after").fill_null(0).cast(pl.Int64) - pl.col("lines").fill_null(0).cast(pl.Int64)
    ).filter(pl.col("gain") != 0)
    return LineDifference(
        added=int(moved.select(pl.col("gain").clip(lower_bound=0).sum()).item()),
        removed=int(moved.select((-pl.col("gain")).clip(lower_bound=0).sum()).item()),
        affected=moved.select(pl.coalesce("national_id", "national_id_after").unique()).to_series(),
        came=_sketch(moved.filter(pl.col("gain") > 0)),
        went=_sketch(moved.filter(pl.col("gain") < 0)),
    )


def _sketch(lines: pl.DataFrame) -> tuple[int, ...]:
    return tuple(sorted(lines["line_hash"].bottom_k(LIMITS.sketch).to_list()))


def _counted(index: pl.DataFrame) -> pl.DataFrame:
    return index.group_by("line_hash").agg(pl.len().alias("lines"), pl.col("national_id").first())
