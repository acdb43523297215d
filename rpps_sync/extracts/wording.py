"""The labels that a publication gives to its codes, all files together."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from rpps_sync.extracts.profile import Profile, is_place


def published_labels(profiles: Iterable[Profile]) -> dict[tuple[str, str], str]:
    """The label of each (column, code), places left out.

    Where one publication gives several labels to one code, the one most lines carry is chosen.
    """
    chosen = (
        _values(profiles)
        .filter(pl.col("label") != "")
        .group_by("system", "value", "label")
        .agg(pl.col("rows").sum())
        .sort(["rows", "label"], descending=[True, False])
        .unique(["system", "value"], keep="first", maintain_order=True)
    )
    return {(system, code): label for system, code, label in chosen.select("system", "value", "label").rows()}


def unlabelled(profiles: Iterable[Profile]) -> set[tuple[str, str]]:
    """Each (column, code) that is used, places left out, and never with a label."""
    silent = _values(profiles).group_by("system", "value").agg(pl.col("label").max()).filter(pl.col("label") == "")
    return {(system, code) for system, code in silent.select("system", "value").rows()}


def _values(profiles: Iterable[Profile]) -> pl.DataFrame:
    none = pl.DataFrame(schema={"value": pl.String, "label": pl.String, "rows": pl.UInt32, "system": pl.String})
    frames = [
        frame.with_columns(system=pl.lit(system))
        for profile in profiles
        for system, frame in profile.values.items()
        if not is_place(system)
    ]
    return pl.concat([none, *frames], how="vertical_relaxed")
