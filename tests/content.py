"""What a directory says, as one value: the same for equal directories, whatever the database that holds them."""

from __future__ import annotations

from sqlalchemy import Engine, func, select

from rpps_sync.directory import digest
from rpps_sync.directory.digest import Digest
from rpps_sync.directory.engine import reading
from rpps_sync.directory.publish import CHILD_TABLES
from rpps_sync.directory.tables import (
    CHANGES,
    DEPARTURES,
    FORMER_VERSIONS,
    LABELS,
    PRACTITIONERS,
    STRUCTURE_MAILBOXES,
    STRUCTURES,
)

TABLES = (PRACTITIONERS, *CHILD_TABLES, STRUCTURES, STRUCTURE_MAILBOXES, LABELS, DEPARTURES, FORMER_VERSIONS)
Content = dict[str, tuple[int, int]]  # rows, and the sum of their fingerprints, by table


def content(engine: Engine) -> Content:
    """Practitioners, places, labels, history and changes, read as one consistent state.

    The changes count in their order, not by their cursor: a server never gives out the same number twice.
    """
    with reading(engine) as connection:
        held = {table.name: digest.of_table(connection, table) for table in TABLES}
        place = func.row_number().over(order_by=CHANGES.c.seq)
        feed = connection.execute(select(place, *list(CHANGES.c)[1:])).all()
        numbered = Digest()
        numbered.add(digest.as_texts(CHANGES, feed))
    return {name: (one.rows, one.total) for name, one in {**held, CHANGES.name: numbered}.items()}
