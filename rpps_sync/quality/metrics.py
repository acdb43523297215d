"""What is kept of a publication to judge the later ones: a few hundred figures, JSON-ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import polars as pl

from rpps_sync.extracts.crossing import Orphans
from rpps_sync.extracts.profile import Profile
from rpps_sync.publication import ExtractKind

KEPT_CODES = (
    *("profession", "category", "civility", "exercise_civility", "skill_type", "mode", "sector", "kind", "role"),
    *("pharmacist_section", "diploma_type", "authorisation_type", "card_type"),
)
"""Coded columns whose counts per code are kept: short lists, of which a vanished code means a lost feed."""
_CODES_KEPT = 500  # of one column, the most frequent: real lists have fewer, a column of garbage has many more


def metrics_of(
    profiles: Mapping[ExtractKind, Profile], orphans: Mapping[ExtractKind, Orphans] | None = None
) -> dict[str, Any]:
    """The figures of one publication, saved with it and handed back as ``history`` on later nights.

    Returns:
        ``{"files": {kind: {lines, practitioners, duplicates, quarantined, filled: {column: share of lines},
        codes: {column: {code: lines}}, orphans: share of its people}}}``; the last one where it was measured.
    """
    files = {str(kind): _of_file(profile) for kind, profile in profiles.items()}
    for kind, measured in (orphans or {}).items():
        files[str(kind)]["orphans"] = round(measured.share, 6)
    return {"files": files}


def _of_file(profile: Profile) -> dict[str, Any]:
    lines = max(1, profile.lines)
    present = [key for key in profile.header.keys if key is not None]
    return {
        "lines": profile.lines,
        "practitioners": profile.practitioners,
        "duplicates": profile.duplicates,
        "quarantined": len(profile.quarantined),
        "filled": {key: round(profile.filled.get(key, 0) / lines, 6) for key in present},
        "codes": {key: _counts(profile.values[key]) for key in KEPT_CODES if key in profile.values},
    }


def _counts(values: pl.DataFrame) -> dict[str, int]:
    """Lines per code, most frequent first, whatever their labels."""
    frame = by_code(values).head(_CODES_KEPT)
    return dict(zip(frame["value"].to_list(), frame["rows"].to_list(), strict=True))


def by_code(values: pl.DataFrame) -> pl.DataFrame:
    """Distinct codes with their lines, labels put together: frame(value, rows), most frequent first."""
    rows = pl.col("rows").cast(pl.Int64).sum()
    return values.group_by("value").agg(rows).sort(["rows", "value"], descending=[True, False])


def reference(past: Sequence[float], value: float) -> float:
    """What a figure is compared with: the past median or the last value, whichever is nearer to it.

    The median alone would refuse night after night once an operator accepted a new level; the last value alone
    would take a single odd night for the rule. A figure far from both is far from anything that was accepted.

    Args:
        past: the figure in accepted publications, oldest first, never empty.
        value: the figure tonight.
    """
    return min((past[-1], median(past)), key=lambda candidate: abs(candidate - value))
