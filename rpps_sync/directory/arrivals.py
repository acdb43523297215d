"""The arrivals of a first publication: everybody, kept by the hundred in the change feed.

One row each would make a tenth of the database, written during the first load and hardly ever read again. Such a
row names nobody (``national_id`` is empty): ``after`` lists the people, and its ``seq`` is the cursor of the last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Connection, Row, func, select

from rpps_sync.directory import bulk, server
from rpps_sync.directory.tables import CHANGES

PEOPLE_A_ROW = 250  # about 4 kB, a third of it when a server compresses it
_JSON = pl.concat_str(pl.lit('["'), pl.col("national_id").str.join('","'), pl.lit('"]'))  # no letter to escape


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of the feed, whichever way it is kept."""

    cursor: int
    national_id: str
    kind: str
    field: str
    element: str
    before: str | None
    after: str | None
    publication_seq: int
    publication: str
    published_at: Any  # datetime

    @property
    def moment(self) -> tuple[str, int]:
        """Whom it happened to, and in which publication."""
        return self.national_id, self.publication_seq


def record(connection: Connection, seq: int, kind: str, identifiers: pl.Series) -> None:
    """Enter people as arrived with publication ``seq``, in order of their identifiers."""
    before = connection.execute(select(func.max(CHANGES.c.seq))).scalar() or 0
    people = pl.DataFrame({"national_id": identifiers.sort()}).with_row_index("place", offset=1)
    rows = people.group_by((pl.col("place") - 1) // PEOPLE_A_ROW, maintain_order=True).agg(
        pl.col("place").last().cast(pl.Int64).alias("seq") + before,
        pl.len().cast(pl.String).alias("element"),
        _JSON.alias("after"),
    )
    constants = {"publication_seq": seq, "national_id": "", "kind": kind, "field": ""}
    bulk.insert(connection, CHANGES, rows.with_columns(**{key: pl.lit(value) for key, value in constants.items()}))
    server.go_on_after(connection, CHANGES.c.seq)


def entries(row: Row[Any], since: int) -> Iterator[Entry]:
    """The changes that a row of the feed holds, after a cursor."""
    common = {"publication_seq": row.publication_seq} | {
        "publication": row.publication,
        "published_at": row.published_at,
    }
    if row.national_id:
        moved = (row.kind, row.field, row.element, row.before, row.after)
        yield Entry(row.seq, row.national_id, *moved, **common)
        return
    names = json.loads(row.after)
    for cursor, name in enumerate(names, start=row.seq - len(names) + 1):
        if cursor > since:
            yield Entry(cursor, name, row.kind, "", "", None, None, **common)
