"""What is kept of a publication to judge the later ones: a few hundred figures, JSON-ready."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from rpps_sync.extracts.crossing import Orphans
from rpps_sync.extracts.difference import LineDifference
from rpps_sync.extracts.profile import Profile
from rpps_sync.extracts.rules import department_of
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.trials import Movement

KEPT_CODES = (
    *("profession", "category", "civility", "exercise_civility", "skill_type", "mode", "sector", "kind", "role"),
    *("pharmacist_section", "diploma_type", "authorisation_type", "card_type"),
)
"""Coded columns whose counts per code are kept: short lists, of which a vanished code means a lost feed."""
_CODES_KEPT = 500  # of one column, the most frequent: real lists have fewer, a column of garbage has many more


def metrics_of(
    profiles: Mapping[ExtractKind, Profile],
    orphans: Mapping[ExtractKind, Orphans] | None = None,
    *,
    differences: Mapping[ExtractKind, LineDifference] | None = None,
    digests: Mapping[ExtractKind, str] | None = None,
    published_on: date | None = None,
    movement: Movement | None = None,
) -> dict[str, Any]:
    """The figures of one publication, saved with it and handed back as ``history`` on later nights.

    Returns:
        ``{"published_on": day, "movement": {arrived, departed, changed}, "files": {kind: {lines, practitioners,
        duplicates, quarantined, filled: {column: share of lines}, codes: {column: {code: lines}}, groups:
        {dimension: {group: lines}}, rules: {rule: [judged, broken]}, shapes: {column: [shape]}, orphans: share
        of its people, moved: lines that came or went, went: fingerprints of some of those that went, sha256}}}``;
        what was not measured is left out.
    """
    files = {str(kind): _of_file(profile) for kind, profile in profiles.items()}
    for kind, measured in (orphans or {}).items():
        files[str(kind)]["orphans"] = round(measured.share, 6)
    for kind, difference in (differences or {}).items():
        if str(kind) in files:
            files[str(kind)] |= {"moved": difference.added + difference.removed, "went": list(difference.went)}
    for kind, digest in (digests or {}).items():
        files[str(kind)]["sha256"] = digest
    whole: dict[str, Any] = {"files": files}
    if published_on:
        whole["published_on"] = published_on.isoformat()
    if movement:
        whole["movement"] = {name: getattr(movement, name) for name in MOVEMENTS}
    return whole


MOVEMENTS = ("arrived", "departed", "changed")


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
        "groups": {dimension: groups_of(profile, dimension) for dimension in DERIVED_GROUPS},
        "rules": {name: list(counts) for name, counts in profile.rules.items()},
        "shapes": {key: sorted(shapes_of(profile.values[key])) for key in SHAPED if key in profile.values},
    }


DERIVED_GROUPS = ("department", "registration_authority")
SHAPED = (*KEPT_CODES, "skill", "diploma", "authorisation_discipline", "commune", "country", "street_type")
"""Coded columns whose shapes are remembered."""
_SHAPES_KEPT = 60  # of one column, the most frequent


def groups_of(profile: Profile, dimension: str) -> dict[str, int]:
    """Lines per profession, département or registration authority, most frequent first."""
    if dimension == "department":
        frame = _by_department(profile.values.get("commune"))
    elif dimension == "registration_authority":
        frame = profile.groups.select("rows", value=dimension)
    else:
        frame = profile.values.get(dimension)
    return {} if frame is None or frame.is_empty() else _counts(frame.filter(pl.col("value") != ""))


def _by_department(communes: pl.DataFrame | None) -> pl.DataFrame | None:
    return None if communes is None else communes.select("rows", value=department_of(pl.col("value")))


def shapes_of(values: pl.DataFrame) -> dict[str, int]:
    """Lines per shape of the codes: digits as 9, letters as A.

    >>> shapes_of(pl.DataFrame({"value": ["SM54", "SM05"], "rows": [2, 1]}))
    {'AA99': 3}
    """
    frame = by_code(values.select("rows", value=shape_of(pl.col("value")))).head(_SHAPES_KEPT)
    return dict(zip(frame["value"].to_list(), frame["rows"].to_list(), strict=True))


def shape_of(code: pl.Expr) -> pl.Expr:
    """The shape of a code: digits as 9, letters as A, at most forty characters."""
    return code.str.replace_all(r"[0-9]", "9").str.replace_all(r"\p{L}", "A").str.slice(0, 40)


def _counts(values: pl.DataFrame) -> dict[str, int]:
    """Lines per code, most frequent first, whatever their labels."""
    frame = by_code(values).head(_CODES_KEPT)
    return dict(zip(frame["value"].to_list(), frame["rows"].to_list(), strict=True))


def by_code(values: pl.DataFrame) -> pl.DataFrame:
    """Distinct codes with their lines, labels put together: frame(value, rows), most frequent first."""
    rows = pl.col("rows").cast(pl.Int64).sum()
    return values.group_by("value").agg(rows).sort(["rows", "value"], descending=[True, False])
