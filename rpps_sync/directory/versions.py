"""The version of one practitioner that a publication served: the current one, or the former one then in force."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from rpps_sync.directory import documents
from rpps_sync.directory.tables import FORMER_VERSIONS, PRACTITIONERS
from rpps_sync.practitioner import Practitioner

_people, _former = PRACTITIONERS.c, FORMER_VERSIONS.c
# Built once: making a statement takes longer than running it.
_CURRENT = select(_people.known_since, _people.last_changed, _people.held_since).where(
    _people.national_id == bindparam("who")
)
_IN_FORCE = (
    select(_former.from_seq, _former.until_seq, _former.document)
    .where(_former.national_id == bindparam("who"), _former.from_seq <= bindparam("seq"))
    .order_by(_former.from_seq.desc())
    .limit(1)
)
_BEFORE = (
    select(_former.from_seq, _former.until_seq)
    .where(_former.national_id == bindparam("who"), _former.from_seq < bindparam("seq"))
    .order_by(_former.from_seq.desc())
)


@dataclass(frozen=True, slots=True)
class Version:
    """What was said of somebody, with the sequence numbers of publications."""

    practitioner: Practitioner
    known_since: int  # the first publication of this presence
    last_changed: int  # the one that brought this version
    held_since: int | None  # the one since which an unreadable line keeps it


def version_at(connection: Connection, national_id: str, seq: int) -> Version | None:
    """The version that publication ``seq`` served, or None when it did not contain this practitioner."""
    current = connection.execute(_CURRENT, {"who": national_id}).one_or_none()
    held = current.held_since if current and current.held_since and current.held_since <= seq else None
    if current and current.last_changed <= seq:
        document = documents.load(connection, [national_id])[national_id]
        return Version(document, current.known_since, current.last_changed, held)
    former = connection.execute(_IN_FORCE, {"who": national_id, "seq": seq}).one_or_none()
    if former is None or former.until_seq <= seq:
        return None
    first = _first_of_presence(connection, national_id, former.from_seq)
    return Version(documents.from_json(former.document), first, former.from_seq, held)


def _first_of_presence(connection: Connection, national_id: str, seq: int) -> int:
    """Where the unbroken run of versions that leads to the one of ``seq`` begins."""
    for from_seq, until_seq in connection.execute(_BEFORE, {"who": national_id, "seq": seq}):
        if until_seq != seq:
            break
        seq = from_seq
    return seq
