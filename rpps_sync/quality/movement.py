"""Who comes, goes and changes between the publication served and the one under examination, from line indexes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from rpps_sync.extracts.difference import LineDifference
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.trials import Movement

_KIND = ExtractKind.PERSONNE_ACTIVITE


def movement_of(
    before: Mapping[ExtractKind, pl.DataFrame],
    after: Mapping[ExtractKind, pl.DataFrame],
    differences: Mapping[ExtractKind, LineDifference],
    held: Iterable[str | None] = (),
) -> Movement | None:
    """Count them; None on a first load.

    Args:
        before: line indexes of the publication being served, by extract (see ``rpps_sync.extracts.index``).
        after: the same of the publication under examination.
        differences: what ``difference`` found between the two.
        held: people with an unreadable line tonight: they keep the last good version, and have not left.
    """
    if _KIND not in before or _KIND not in after:
        return None
    old = before[_KIND].select("national_id").unique()
    staying = old.filter(pl.col("national_id").is_in([name for name in held if name]))
    new = pl.concat([after[_KIND].select("national_id"), staying]).unique()
    moved = pl.concat([item.affected for item in differences.values()]).unique().to_frame("national_id")
    departed = old.join(new, on="national_id", how="anti")
    last = new["national_id"].max() or ""
    return Movement(
        arrived=new.join(old, on="national_id", how="anti").height,
        departed=departed.height,
        present=old.height,
        changed=moved.join(old, on="national_id", how="semi").join(new, on="national_id", how="semi").height,
        beyond=departed.filter(pl.col("national_id") > last).height,
    )
