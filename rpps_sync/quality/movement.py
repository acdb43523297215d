"""Who comes, goes and changes between the publication served and the one under examination."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from rpps_sync.extracts.difference import LineDifference
from rpps_sync.extracts.scan import Scan
from rpps_sync.publication import ExtractKind
from rpps_sync.quality.trials import Movement

_KIND = ExtractKind.PERSONNE_ACTIVITE


def movement_of(
    before: Mapping[ExtractKind, Scan],
    after: Mapping[ExtractKind, Scan],
    differences: Mapping[ExtractKind, LineDifference],
    held: Iterable[str | None] = (),
) -> Movement | None:
    """Count them among those whose lines moved: nobody else can have come or gone. None on a first load.

    Args:
        before: what is known of the files being served, by extract.
        after: the same of the publication under examination.
        differences: what ``difference`` found between the two.
        held: people with an unreadable line tonight: they keep the last good version, and have not left.
    """
    if _KIND not in before or _KIND not in after:
        return None
    moved = pl.concat([item.affected for item in differences.values()]).unique()
    old, new = (_present(files[_KIND].index, moved) for files in (before, after))
    staying = pl.Series([name for name in held if name], dtype=pl.String)
    departed = old.filter(~old.is_in(new.implode()) & ~old.is_in(staying.implode()))
    last = after[_KIND].index["national_id"].max() or ""
    changed = len(old) - len(departed)
    return Movement(
        arrived=int((~new.is_in(old.implode())).sum()),
        departed=len(departed),
        present=before[_KIND].profile.practitioners,
        changed=changed,
        beyond=int((departed > last).sum()),
    )


def _present(index: pl.DataFrame, people: pl.Series) -> pl.Series:
    """Those of some people whom a file describes, each once."""
    found = index.select("national_id").join(people.to_frame("national_id"), on="national_id", how="semi")
    return found["national_id"].unique()
