"""What a practitioner's document became with a publication: the content that the change feed carries.

Nothing is stored for it. The document that came with publication ``seq`` is the current one of somebody last
changed then, else the former version that begins then.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from rpps_sync.directory import bulk, documents
from rpps_sync.directory.tables import FORMER_VERSIONS, PRACTITIONERS

Moment = tuple[str, int]  # national identifier, seq of a publication that changed its document


def after(connection: Connection, moments: Iterable[Moment]) -> dict[Moment, dict[str, Any]]:
    """The documents that came with some publications; those who left then have none."""
    wanted = set(moments)
    found: dict[Moment, dict[str, Any]] = {}
    for names in bulk.batches(sorted({name for name, _ in wanted})):
        found |= _current(connection, names, wanted)
        found |= _former(connection, names, wanted)
    return found


def present(connection: Connection, national_ids: Iterable[str]) -> set[str]:
    """Which of these the publication being served contains."""
    key = PRACTITIONERS.c.national_id
    return {
        name
        for names in bulk.batches(sorted(national_ids))
        for name in connection.execute(select(key).where(key.in_(names))).scalars()
    }


def _current(connection: Connection, names: Iterable[str], wanted: set[Moment]) -> dict[Moment, dict[str, Any]]:
    key, changed = PRACTITIONERS.c.national_id, PRACTITIONERS.c.last_changed
    rows = connection.execute(select(key, changed).where(key.in_(names)))
    since = {name: seq for name, seq in rows if (name, seq) in wanted}
    loaded = documents.load(connection, sorted(since))
    return {(name, since[name]): documents.to_plain(document) for name, document in loaded.items()}


def _former(connection: Connection, names: Iterable[str], wanted: set[Moment]) -> dict[Moment, dict[str, Any]]:
    key, since = FORMER_VERSIONS.c.national_id, FORMER_VERSIONS.c.from_seq
    moments = connection.execute(select(key, since).where(key.in_(names))).all()
    found: dict[Moment, dict[str, Any]] = {}
    starts = sorted({seq for name, seq in moments if (name, seq) in wanted})
    statement = select(FORMER_VERSIONS).where(key.in_(names), since.in_(starts))
    for row in connection.execute(statement) if starts else ():
        if (row.national_id, row.from_seq) in wanted:
            found[row.national_id, row.from_seq] = documents.plain_of(row.document)
    return found
