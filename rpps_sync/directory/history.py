"""What the directory said of a practitioner, publication after publication.

An extract gives observation time: a version is *known since* a publication, not true since. Versions are counted
in publication sequence numbers and told in the days of those publications.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from rpps_sync import pseudonyms
from rpps_sync.directory import bulk, documents, pseudonymity
from rpps_sync.directory.record import Versions, append, read
from rpps_sync.directory.tables import FORMER_VERSIONS, PRACTITIONERS, PUBLICATIONS
from rpps_sync.practitioner import DirectoryHistory, DirectoryVersion, Practitioner


def histories(
    connection: Connection, national_ids: Sequence[str], behind: Mapping[str, str] | None = None
) -> dict[str, DirectoryHistory]:
    """The whole history of some people, under the names observations have; somebody never seen has no version.

    Args:
        connection: on the directory.
        national_ids: the names.
        behind: the national identifier of each name, if that is known; else the directory is asked.
    """
    days = publication_days(connection)
    ordered = tuple(days[seq] for seq in sorted(days))
    found: dict[str, DirectoryHistory] = {}
    real = pseudonymity.resolved(connection, national_ids) if behind is None else behind
    for names in bulk.batches(national_ids):
        versions = _versions(connection, [real[name] for name in names if name in real])
        for name in names:
            told = versions[real[name]] if name in real else ()
            spans = tuple(DirectoryVersion(_veiled(document, name), days[seq]) for seq, document in told)
            found[name] = DirectoryHistory(name, spans, ordered)
    return found


def _veiled(document: Practitioner | None, name: str) -> Practitioner | None:
    return document and pseudonyms.veiled(document, name)


def publication_days(connection: Connection) -> dict[int, date]:
    """The day of each accepted publication, by sequence number."""
    rows = connection.execute(
        select(PUBLICATIONS.c.seq, PUBLICATIONS.c.published_at).where(PUBLICATIONS.c.seq.is_not(None))
    )
    return {row.seq: row.published_at.date() for row in rows}


def served_at(connection: Connection, instant: datetime) -> int | None:
    """The sequence number of the publication served at an instant, or None before the first."""
    statement = select(func.max(PUBLICATIONS.c.seq)).where(PUBLICATIONS.c.published_at <= instant)
    return connection.execute(statement).scalar()


def document_at(connection: Connection, national_id: str, seq: int) -> Practitioner | None:
    """What publication ``seq`` said of somebody, or None when it did not contain them."""
    told = [document for since, document in versions_of(connection, national_id) if since <= seq]
    return told[-1] if told else None


def versions_of(connection: Connection, national_id: str) -> Versions:
    """The documents of one identifier by the sequence number they came with, oldest first."""
    return read(connection, national_id).versions


def _versions(connection: Connection, names: Sequence[str]) -> defaultdict[str, Versions]:
    """Documents by the seq they came with, oldest first; None from the seq of a departure on."""
    told: defaultdict[str, Versions] = defaultdict(list)
    current = documents.load(connection, names)
    since = {
        row.national_id: row.last_changed
        for row in connection.execute(
            select(PRACTITIONERS.c.national_id, PRACTITIONERS.c.last_changed).where(
                PRACTITIONERS.c.national_id.in_(names)
            )
        )
    }
    former = select(FORMER_VERSIONS).where(FORMER_VERSIONS.c.national_id.in_(names))
    for row in connection.execute(former.order_by(FORMER_VERSIONS.c.national_id, FORMER_VERSIONS.c.from_seq)):
        append(told[row.national_id], row.from_seq, documents.from_json(row.document))
        told[row.national_id].append((row.until_seq, None))
    for name, document in current.items():
        append(told[name], since[name], document)
    return told
