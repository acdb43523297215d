"""Who agrees, recorded in bulk, and how far everybody was judged."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, delete, func, insert, select

from rpps_sync.directory import bulk, frames
from rpps_sync.directory.frames import Among
from rpps_sync.directory.tables import COMPARISONS, FINDINGS, WATERMARKS
from rpps_sync.finding import FindingStatus

EVERYBODY = "everybody judged"


def record_agreements(connection: Connection, agreed: pl.DataFrame, among: Among, *, publication_seq: int) -> None:
    """Count how the fields of people who agree in everything were judged; what did not move is not written again.

    Args:
        connection: inside a transaction.
        agreed: ``national_id, source, consistent, not_comparable``: every application of each practitioner.
        among: the condition that ``agreed`` was found with.
        publication_seq: the publication they were compared with.
    """
    counts = pl.concat_str(pl.lit('{"consistent": '), "consistent")
    unknown = pl.concat_str(pl.lit(', "not_comparable": '), "not_comparable")
    now = agreed.select(
        "national_id",
        "source",
        pl.concat_str(
            counts, pl.when(pl.col("not_comparable") > 0).then(unknown).otherwise(pl.lit("")), pl.lit("}")
        ).alias("by_verdict"),
    )
    before = frames.comparisons(connection, among).join(now, on="national_id", how="semi")
    moved = pl.concat([now.join(before, on=now.columns, how="anti"), before.join(now, on=now.columns, how="anti")])
    names = moved["national_id"].unique()
    bulk.remove(connection, COMPARISONS, names.filter(names.is_in(before["national_id"].implode())))
    rows = now.join(names.to_frame(), on="national_id", how="semi").sort("national_id", "source")
    bulk.insert(connection, COMPARISONS, rows.with_columns(pl.lit(publication_seq).alias("publication_seq")))


def with_unresolved_findings(connection: Connection) -> pl.Series:
    """The practitioners who have a finding that stands, whatever its verdict."""
    statement = select(FINDINGS.c.national_id).where(FINDINGS.c.status != str(FindingStatus.RESOLVED)).distinct()
    return pl.Series("national_id", list(connection.execute(statement).scalars()), dtype=pl.String)


def judged_up_to(connection: Connection) -> int:
    """The publication that everybody was judged against, 0 when there was none."""
    statement = select(WATERMARKS.c.publication_seq).where(WATERMARKS.c.name == EVERYBODY)
    marked = connection.execute(statement).scalar()
    if marked is None:  # judged before the mark was kept
        marked = connection.execute(select(func.min(COMPARISONS.c.publication_seq))).scalar()
    return marked or 0


def mark(connection: Connection, publication_seq: int) -> None:
    """Everybody stands judged up to a publication."""
    connection.execute(delete(WATERMARKS).where(WATERMARKS.c.name == EVERYBODY))
    connection.execute(insert(WATERMARKS), [{"name": EVERYBODY, "publication_seq": publication_seq}])
