"""Checks on coded columns: codes that no list holds, codes that ended, lines that changed their code."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from rpps_sync.limits import LIMITS
from rpps_sync.nomenclature import code_system, known_codes, retired_codes
from rpps_sync.quality.columns import present
from rpps_sync.quality.declarations import Check
from rpps_sync.quality.history import usual
from rpps_sync.quality.metrics import SHAPED, by_code, shapes_of
from rpps_sync.quality.trials import Figure, Members, Subject, Trial

_SHIFTS_TOLD = 4  # codes named with a shift: those that moved most


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
    return frame.filter(pl.Series(kept, dtype=pl.Boolean)).with_columns(sample=_counted(pl.col("value")))


def retired(check: Check, subject: Subject) -> list[Trial]:
    """Codes that ended in the NOS lists and that lines still carry, all columns together."""
    assert subject.profile is not None
    values = subject.profile.values
    columns = [column for column in check.columns_of(subject.profile.kind) if column in values]
    frames = [_retired(by_code(values[column]), column) for column in columns]
    frame = pl.concat(frames).sort(["rows", "sample"], descending=[True, False]) if frames else pl.DataFrame()
    examined = sum(int(values[column]["rows"].sum()) for column in columns)
    if not examined:
        return [Trial(check, subject.kind, skipped="no-value")]
    samples = tuple(frame["sample"].head(LIMITS.samples))
    return [
        Trial(check, subject.kind, (Figure(int(frame["rows"].sum()), 0, examined, examined, samples=samples),))
    ]


def _retired(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    found = frame.filter(pl.col("value").is_in(sorted(retired_codes(column))))
    return found.select("rows", sample=_counted(pl.concat_str(pl.lit(f"{column}="), pl.col("value"))))


def shifted(check: Check, subject: Subject) -> list[Trial]:
    """Lines of each column that went from one code to another since the former publication; one result for all.

    Counted from the number of lines per code, as the least that explains them: two codes that swap their people
    one for one do not show.
    """
    assert subject.profile is not None
    former = subject.past[-1].get("codes", {}) if subject.past else {}
    values = subject.profile.values
    figures = tuple(
        _shift(values[column], former[column], column)
        for column in check.columns_of(subject.profile.kind)
        if former.get(column) and column in values and not values[column].is_empty()
    )
    if not figures:
        return [Trial(check, subject.kind, skipped="no-past")]
    return [Trial(check, subject.kind, figures)]


def _shift(values: pl.DataFrame, former: Mapping[str, int], column: str) -> Figure:
    lines, then = int(values["rows"].sum()), sum(former.values())
    now = {code: int(count) for code, count in by_code(values).select("value", "rows").iter_rows()}
    gains = {code: now.get(code, 0) / lines - former.get(code, 0) / then for code in now.keys() | former.keys()}
    moved = round(sum(gain for gain in gains.values() if gain > 0) * lines)
    most = sorted(gains, key=lambda code: (-abs(gains[code]), code))[:_SHIFTS_TOLD]
    samples = tuple(f"{code} {gains[code] * 100:+.1f} pt" for code in most)
    return Figure(moved, 0, lines, examined=lines, name=column, samples=samples)


def _counted(name: pl.Expr) -> pl.Expr:
    """What to show of a code: its name and its lines."""
    return pl.concat_str(name, pl.lit(" ("), pl.col("rows").cast(pl.String), pl.lit(")"))


def distribution(check: Check, subject: Subject) -> list[Trial]:
    """The largest change of the share of one code against its past, column by column; one result for all."""
    assert subject.profile is not None
    values = subject.profile.values
    figures = tuple(
        _drift(by_code(values[column]), [dict(counts) for counts in past], column)
        for column in check.columns_of(subject.profile.kind)
        if column in values
        and not values[column].is_empty()
        and (past := [counts for one in subject.past if (counts := one.get("codes", {}).get(column))])
    )
    return [Trial(check, subject.kind, figures) if figures else Trial(check, subject.kind, skipped="no-past")]


def _drift(values: pl.DataFrame, past: list[dict[str, int]], column: str) -> Figure:
    lines = int(values["rows"].sum())
    now = {code: int(count) / lines for code, count in values.select("value", "rows").iter_rows()}
    shares = [{code: count / sum(counts.values()) for code, count in counts.items()} for counts in past]
    codes = sorted(now.keys() | shares[-1].keys())
    known = {code: usual([one.get(code, 0.0) for one in shares], now.get(code, 0.0)) for code in codes}
    gaps = {code: now.get(code, 0.0) - known[code].reference for code in codes}
    most = max(codes, key=lambda code: abs(gaps[code]))
    spread = known[most].spread
    return Figure(
        round(abs(gaps[most]) * lines),
        0,
        lines,
        examined=lines,
        name=column,
        samples=(f"{column}={most} {gaps[most] * 100:+.1f} pt",),
        spread=None if spread is None else spread * lines,
    )


def shapes(check: Check, subject: Subject) -> list[Trial]:
    """Shapes that the codes of a column never had in the past (a lost zero, a prefix); one result for all."""
    assert subject.profile is not None
    values = subject.profile.values
    figures = tuple(
        _new_shapes(values[column], past, column)
        for column in SHAPED
        if column in values
        and not values[column].is_empty()
        and (past := {shape for one in subject.past for shape in one.get("shapes", {}).get(column, ())})
    )
    return [Trial(check, subject.kind, figures) if figures else Trial(check, subject.kind, skipped="no-past")]


def _new_shapes(values: pl.DataFrame, past: set[str], column: str) -> Figure:
    lines = int(values["rows"].sum())
    new = {shape: rows for shape, rows in shapes_of(values).items() if shape not in past}
    samples = tuple(f"{column}: {shape} ({rows})" for shape, rows in new.items())[: LIMITS.samples]
    return Figure(sum(new.values()), 0, lines, examined=lines, name=column, samples=samples)
