"""Checks on labels: several for one code, another one than before, another one than in the NOS lists.

Labels are advice: they drift without the codes moving, and the extracts often write them older or shorter than the
lists do. A label never refuses anything; what moved is told once, code by code.
"""

from __future__ import annotations

import polars as pl

from rpps_sync.limits import LIMITS
from rpps_sync.nomenclature import wordings
from rpps_sync.quality.declarations import Check
from rpps_sync.quality.trials import Figure, Members, Subject, Trial


def conflicts(check: Check, subject: Subject) -> list[Trial]:
    """One label per code, all columns together; the lines that fail are those with a rarer label."""
    assert subject.profile is not None
    values = subject.profile.values
    columns = [column for column in check.columns_of(subject.profile.kind) if column in values]
    frames = [_ranked(values[column], column) for column in columns]
    frame = pl.concat(frames) if frames else pl.DataFrame()
    if frame.is_empty():
        return [Trial(check, subject.kind, skipped="no-value")]
    examined = sum(int(values[column]["rows"].sum()) for column in columns)
    return [Trial(check, subject.kind, (Members(frame, None, examined),))]


def _ranked(values: pl.DataFrame, column: str) -> pl.DataFrame:
    """Codes as ``column=code``, one row per label; the most frequent label of a code weighs nothing."""
    labelled = values.filter(pl.col("label") != "").sort(["rows", "label"], descending=[True, False])
    rarer = pl.when(pl.col("value").is_first_distinct()).then(0).otherwise(pl.col("rows"))
    name = pl.concat_str(pl.lit(f"{column}="), pl.col("value"))
    return labelled.select(value=name, rows=rarer.cast(pl.Int64), sample=name)


def relabelled(check: Check, subject: Subject) -> list[Trial]:
    """Codes whose label, in most lines of all files, is not the one in force; told once, then it is in force."""
    before, after = subject.around.labels, subject.around.tonight
    both = sorted(before.keys() & after.keys())
    if not both:
        return [Trial(check, None, skipped="no-past")]
    moved = [key for key in both if before[key] != after[key]]
    samples = tuple(f"{key[0]}={key[1]}: {before[key]} → {after[key]}" for key in moved[: LIMITS.samples])
    return [Trial(check, None, (Figure(len(moved), 0, len(both), examined=len(both), samples=samples),))]


def drift(check: Check, subject: Subject) -> list[Trial]:
    """Lines of each column whose label is not worded as in the NOS lists; one result per column."""
    return [_drift(check, subject, column) for column in check.results_in(subject.kind)]


def _drift(check: Check, subject: Subject, column: str) -> Trial:
    assert subject.profile is not None
    values = subject.profile.values.get(column)
    if values is None or values.is_empty():
        return Trial(check, subject.kind, column=column, skipped="no-value")
    official = pl.Series("value", list(found := wordings(column)), dtype=pl.String)
    lists = pl.DataFrame({"value": official, "official": pl.Series(list(found.values()), dtype=pl.String)})
    compared = values.filter(pl.col("label") != "").join(lists, on="value", maintain_order="left")
    if compared.is_empty():
        return Trial(check, subject.kind, column=column, skipped="no-wording")
    other = compared.filter(pl.col("label").str.strip_chars() != pl.col("official"))
    samples = tuple(
        f"{code}: {label} ≠ {official}"
        for code, label, official in other.select("value", "label", "official").head(LIMITS.samples).iter_rows()
    )
    lines = int(compared["rows"].sum())
    figure = Figure(int(other["rows"].sum()), 0, lines, examined=lines, samples=samples)
    return Trial(check, subject.kind, (figure,), column=column)
