"""What a directory says, as one value: the same for equal directories, whatever the database that holds them."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import Engine, select

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

TABLES = (
    PRACTITIONERS,
    *CHILD_TABLES,
    STRUCTURES,
    STRUCTURE_MAILBOXES,
    LABELS,
    DEPARTURES,
    FORMER_VERSIONS,
    CHANGES,
)


def content(engine: Engine) -> str:
    """A digest of practitioners, places, labels, history and changes, read as one consistent state.

    The changes count in their order, not by their cursor: a server never gives out the same number twice.
    """
    digest = hashlib.sha256()
    with reading(engine) as connection:
        for table in TABLES:
            columns = [column for column in table.c if column is not CHANGES.c.seq]
            rows = [list(row) for row in connection.execute(select(*columns).order_by(*table.primary_key.columns))]
            if table is not CHANGES:
                rows.sort(key=lambda row: json.dumps(row, default=str))
            digest.update(json.dumps([table.name, rows], default=str).encode())
    return digest.hexdigest()
