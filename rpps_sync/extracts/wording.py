"""The labels that a publication gives to its codes, all files together."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from rpps_sync.extracts.profile import Profile, is_place


def published_labels(profiles: Iterable[Profile]) -> dict[tuple[str, str], str]:
    """The label of each (column, code), places left out.

    Where one publication gives several labels to one code, the one most lines carry is chosen.
    """
    frames = [
        frame.with_columns(system=pl.lit(system))
        for profile in profiles
        for system, frame in profile.values.items()
        if not is_place(system)
    ]
    if not frames:
        return {}
    chosen = (
        pl.concat(frames)
        .filter(pl.col("label") != "")
        .group_by("system", "value", "label")
        .agg(pl.col("rows").sum())
        .sort(["rows", "label"], descending=[True, False])
        .unique(["system", "value"], keep="first", maintain_order=True)
    )
    return {(system, code): label for system, code, label in chosen.select("system", "value", "label").rows()}
