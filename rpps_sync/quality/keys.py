"""Checks on national identifiers: type, shape, key, and agreement of the two columns that carry them."""

from __future__ import annotations

import polars as pl

from rpps_sync.quality.declarations import Check
from rpps_sync.quality.trials import Members, Subject, Trial

SHAPE = pl.concat_str(
    pl.col("length").cast(pl.String),
    pl.when("digits").then(pl.lit("digits")).otherwise(pl.lit("characters")),
    separator=" ",
)
"""The shape of an identifier in words: ``11 digits``, ``9 characters``."""


def identifiers(check: Check, subject: Subject) -> list[Trial]:
    """One property of the identifiers that ``where`` selects, weighed in lines.

    Properties are ``id_type``, ``shape`` (``11 digits``, ``9 characters``), ``luhn`` and ``prefixed``.
    """
    assert subject.profile is not None
    frame = _shapes(subject.profile.identifiers)
    for column, value in check.where.items():
        frame = frame.filter(pl.col(column) == value)
    if frame.is_empty():
        return [Trial(check, subject.kind, skipped="no-value")]
    frame = frame.with_columns(sample=pl.concat_str("id_type", pl.lit(": "), "shape"))
    members = Members(frame.with_columns(value=check.column), check.values, int(frame["rows"].sum()))
    return [Trial(check, subject.kind, (members,))]


def _shapes(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(shape=SHAPE, rows=pl.col("rows").cast(pl.Int64)).sort("rows", descending=True)
