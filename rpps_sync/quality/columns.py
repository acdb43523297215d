"""Checks on the columns of a file: which there are, and how well they are filled.

A column that is always empty is not a fault by itself: both Département columns are, in every healthy file. What
is required is declared column by column; for the others, only a fall against the past counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from rpps_sync.extracts.profile import Profile
from rpps_sync.limits import LIMITS
from rpps_sync.publisher.layouts import layout
from rpps_sync.quality.declarations import Check
from rpps_sync.quality.history import usual
from rpps_sync.quality.trials import Figure, Members, Subject, Told, Trial


def present(profile: Profile) -> tuple[str, ...]:
    """The known columns of the file, in its order."""
    return tuple(key for key in profile.header.keys if key is not None)


def columns(check: Check, subject: Subject) -> list[Trial]:
    """Every column of the file's vintage is there, those that may be missing left out."""
    assert subject.profile is not None
    expected = layout(subject.profile.kind)
    published = dict(expected.vintages)[subject.profile.header.vintage]
    vintage = [column for column in expected.columns[:published] if not column.optional]
    count = len(vintage)
    frame = pl.DataFrame(
        {
            "value": [column.key for column in vintage],
            "rows": [1] * count,
            "sample": [column.name for column in vintage],
        }
    )
    return [Trial(check, subject.kind, (Members(frame, present(subject.profile), count),))]


def unknown(check: Check, subject: Subject) -> list[Trial]:
    """Columns that no known vintage has: kept aside, and told."""
    assert subject.profile is not None
    return [_named(check, subject, subject.profile.header.unknown)]


def aliased(check: Check, subject: Subject) -> list[Trial]:
    """Columns under another known name than the published one."""
    assert subject.profile is not None
    return [_named(check, subject, subject.profile.header.aliased)]


def _named(check: Check, subject: Subject, names: tuple[str, ...]) -> Trial:
    assert subject.profile is not None
    fields = subject.profile.header.fields
    figure = Figure(len(names), 0, fields, examined=fields, samples=names[: LIMITS.samples])
    return Trial(check, subject.kind, (figure,))


def filled(check: Check, subject: Subject) -> list[Trial]:
    """Columns that are filled on nearly every line of a healthy file, one result each."""
    assert subject.profile is not None
    return [_filled(check, subject, subject.profile, column) for column in check.results_in(subject.kind)]


def _filled(check: Check, subject: Subject, profile: Profile, column: str) -> Trial:
    if column not in present(profile):
        return Trial(check, subject.kind, column=column, skipped="no-column")
    figure = Figure(profile.filled.get(column, 0), profile.lines, profile.lines, profile.lines, told=Told.SHARE)
    return Trial(check, subject.kind, (figure,), column=column)


def fill_rates(check: Check, subject: Subject) -> list[Trial]:
    """The filled cells of each column against what the past would give for as many lines; one result for all."""
    assert subject.profile is not None
    return _of_all(check, subject, subject.profile, subject.profile.lines)


def emptied(check: Check, subject: Subject) -> list[Trial]:
    """The same, as a share of the cells that the past would have filled: a rare column counts as much."""
    assert subject.profile is not None
    return _of_all(check, subject, subject.profile, None)


def _of_all(check: Check, subject: Subject, profile: Profile, base: int | None) -> list[Trial]:
    figures = tuple(
        _against_the_past(profile, column, past, base)
        for column in present(profile)
        if (past := _rates(subject.past, column))
    )
    return [Trial(check, subject.kind, figures) if figures else Trial(check, subject.kind, skipped="no-past")]


def _rates(past: tuple[Mapping[str, Any], ...], column: str) -> list[float]:
    return [float(metrics["filled"][column]) for metrics in past if column in metrics.get("filled", {})]


def _against_the_past(profile: Profile, column: str, past: list[float], base: int | None) -> Figure:
    value = profile.filled.get(column, 0)
    found = usual(past, value / profile.lines)
    expected, lines = round(found.reference * profile.lines), profile.lines
    spread = None if found.spread is None else found.spread * lines
    return Figure(value, expected, base or expected, lines, name=column, told=Told.SHARE, spread=spread)
