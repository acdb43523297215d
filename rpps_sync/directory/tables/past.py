"""What was served before, who left, and the change feed."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from rpps_sync.directory.tables.base import METADATA, text

# Tombstones: who left, when, and their last professions; no other personal detail.
DEPARTURES = Table(
    "departures",
    METADATA,
    text("national_id", primary_key=True),
    Column("departed_seq", Integer, nullable=False),
    text("last_professions"),  # codes, comma-separated
    sqlite_with_rowid=False,
)

# What a practitioner's document was between two publications; the current one is in the tables above.
FORMER_VERSIONS = Table(
    "former_versions",
    METADATA,
    text("national_id", primary_key=True),
    Column("from_seq", Integer, primary_key=True, nullable=False),
    Column("until_seq", Integer, nullable=False),  # seq of the publication that replaced or removed it
    Column("document", Text, nullable=False),  # JSON of rpps_sync.directory.documents, codes only
    sqlite_with_rowid=False,
)

# The change feed; seq is the durable cursor. The arrivals of a first publication, which are everybody, are kept by
# the hundred: such a row names nobody, ``element`` counts them, ``after`` lists them as JSON in the order of their
# cursors, of which ``seq`` is the last (see ``rpps_sync.directory.arrivals``).
CHANGES = Table(
    "changes",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("publication_seq", Integer, nullable=False, index=True),
    text("national_id"),
    Column("kind", String(16), nullable=False),  # arrived, changed, departed, returned
    text("field"),
    text("element"),
    Column("before", Text),
    Column("after", Text),
)
