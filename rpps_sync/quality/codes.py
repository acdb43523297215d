"""Checks on coded columns: codes that no list holds, and codes with several labels.

Labels are advice (they drift without the codes moving): they are compared with one another inside one file, never
with the wording of the nomenclature.
"""

from __future__ import annotations

import polars as pl

from rpps_sync.nomenclature import code_system, known_codes
from rpps_sync.quality.columns import present
from rpps_sync.quality.declarations import Check
from rpps_sync.quality.metrics import by_code
from rpps_sync.quality.trials import Members, Subject, Trial


def codes(check: Check, subject: Subject) -> list[Trial]:
    """Codes of each column against the NOS lists, weighed in lines; one result per column."""
    return [_codes(check, subject, column) for column in check.results_in(subject.kind)]


def _codes(check: Check, subject: Subject, column: str) -> Trial:
    assert subject.profile is not None
    values = subject.profile.values.get(column)
    if column not in present(subject.profile):
        return Trial(check, subject.kind, column=column, skipped="no-column")
    if values is None or values.is_empty():
        return Trial(check, subject.kind, column=column, skipped="no-value")
    judged = _judged(by_code(values), column)
    if judged.is_empty():
        return Trial(check, subject.kind, column=column, skipped="no-list")
    members = Members(judged, tuple(sorted(known_codes(column))), int(judged["rows"].sum()))
    return Trial(check, subject.kind, (members,), column=column)


def _judged(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Leave out the codes of lists that are partial or not shipped: nothing can be said of them."""
    system, known = code_system(column), known_codes(column)
    kept = [code in known or system.judges(code) for code in frame["value"].to_list()]
    return frame.filter(pl.Series(kept, dtype=pl.Boolean)).with_columns(sample=pl.col("value"))


def labels(check: Check, subject: Subject) -> list[Trial]:
    """One label per code, all columns together; the lines that fail are those with a rarer label."""
    assert subject.profile is not None
    values = subject.profile.values
    columns = check.columns_of(subject.profile.kind)
    frames = [_labels(values[column], column) for column in columns if column in values]
    frame = pl.concat(frames) if frames else pl.DataFrame()
    if frame.is_empty():
        return [Trial(check, subject.kind, skipped="no-value")]
    examined = sum(int(values[column]["rows"].sum()) for column in columns if column in values)
    return [Trial(check, subject.kind, (Members(frame, None, examined),))]


def _labels(values: pl.DataFrame, column: str) -> pl.DataFrame:
    """Codes as ``column=code``, one row per label; the most frequent label of a code weighs nothing."""
    labelled = values.filter(pl.col("label") != "").sort(["rows", "label"], descending=[True, False])
    rarer = pl.when(pl.col("value").is_first_distinct()).then(0).otherwise(pl.col("rows"))
    name = pl.concat_str(pl.lit(f"{column}="), pl.col("value"))
    return labelled.select(value=name, rows=rarer.cast(pl.Int64), sample=name)
