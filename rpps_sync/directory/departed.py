"""Those who left, as they were last known: what tells that a number came back with somebody else."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, func, select

from rpps_sync.directory import bulk, documents
from rpps_sync.directory.tables import FORMER_VERSIONS

_former = FORMER_VERSIONS.c
_NAMES = ("national_id", "family_name", "given_name")


def last_names(connection: Connection, national_ids: pl.Series, before_seq: int) -> pl.DataFrame:
    """The names that people bore when publications before ``before_seq`` last described them, if any did.

    Args:
        connection: the directory, only read.
        national_ids: of people who were absent from the publication just before.
        before_seq: sequence number of the publication in which they are there again.

    Returns:
        frame(national_id, family_name, given_name), one row per person known.
    """
    found = []
    for names in bulk.batches(national_ids.to_list()):
        last = (
            select(_former.national_id, func.max(_former.from_seq).label("from_seq"))
            .where(_former.national_id.in_(names), _former.until_seq < before_seq)
            .group_by(_former.national_id)
            .subquery()
        )
        same = (_former.national_id == last.c.national_id) & (_former.from_seq == last.c.from_seq)
        for text in connection.execute(select(_former.document).join(last, same)).scalars():
            plain = documents.plain_of(text)
            found.append(tuple(plain.get(name, "") for name in _NAMES))
    return pl.DataFrame(found, schema=dict.fromkeys(_NAMES, pl.String), orient="row")
