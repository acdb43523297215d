"""All that the directory holds of one practitioner, read at once: the current document and the former versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Select, Text, bindparam, cast, column, text, union_all

from rpps_sync.directory import documents
from rpps_sync.directory.tables import FORMER_VERSIONS, PRACTITIONERS
from rpps_sync.practitioner import Practitioner

Versions = list[tuple[int, Practitioner | None]]
"""Documents by the sequence number of the publication they came with, oldest first; None from a departure on."""

_people, _former = PRACTITIONERS.c, FORMER_VERSIONS.c
_PRESENCE = len(documents.OF_ONE)  # beside the numbers of the document's tables
_FORMER = _PRESENCE + 1


def _beside(number: int, owner: Column[Any], *columns: Column[Any]) -> Select[Any]:
    """Another part of the statement that reads a document: all columns are texts in it."""
    return documents.part(number, *(cast(column, Text) for column in columns)).where(owner == bindparam("who"))


# One statement for everything: each one more costs a look-up as much as all the rows it brings. As a text, whose
# compiled form the library finds at once: to compare so wide an expression takes as long as to run it.
_TOLD = union_all(
    *documents.OF_ONE,
    _beside(_PRESENCE, _people.national_id, _people.known_since, _people.last_changed, _people.held_since),
    _beside(_FORMER, _former.national_id, _former.from_seq, _former.until_seq, _former.document),
)
_EVERYTHING = text(str(_TOLD)).columns(*(column(one.name) for one in _TOLD.selected_columns))


@dataclass(frozen=True, slots=True)
class Version:
    """What was said of somebody, with the sequence numbers of publications."""

    practitioner: Practitioner
    known_since: int  # the first publication of this presence
    last_changed: int  # the one that brought this version
    held_since: int | None  # the one since which an unreadable line keeps it


@dataclass(frozen=True, slots=True)
class Former:
    """A version that is no longer current; its ``document`` is what :func:`documents.to_json` wrote."""

    from_seq: int
    until_seq: int  # the first publication that did not say so
    document: str


@dataclass(frozen=True, slots=True)
class Record:
    """One practitioner, present, past, or never seen."""

    national_id: str
    current: Version | None
    former: Sequence[Former]  # oldest first

    @property
    def versions(self) -> Versions:
        """The documents of all publications."""
        told: Versions = []
        for one in self.former:
            append(told, one.from_seq, documents.from_json(one.document))
            told.append((one.until_seq, None))
        if self.current:
            append(told, self.current.last_changed, self.current.practitioner)
        return told

    def at(self, seq: int) -> Version | None:
        """The version that publication ``seq`` served, or None when it did not contain this practitioner."""
        now = self.current
        held = now.held_since if now and now.held_since and now.held_since <= seq else None
        if now and now.last_changed <= seq:
            return Version(now.practitioner, now.known_since, now.last_changed, held)
        before = [one for one in self.former if one.from_seq <= seq]
        if not before or before[-1].until_seq <= seq:
            return None
        return Version(documents.from_json(before[-1].document), _first(before), before[-1].from_seq, held)


def read(connection: Connection, national_id: str) -> Record:
    """The record of somebody; an empty one when no publication contained this identifier."""
    rows = connection.execute(_EVERYTHING, {"who": national_id}).all()
    current = None
    for practitioner in documents.assembled(rows).values():
        (since, changed, held) = next(row[2:5] for row in rows if row[0] == _PRESENCE)
        current = Version(practitioner, int(since), int(changed), None if held is None else int(held))
    former = [Former(int(row[2]), int(row[3]), row[4]) for row in rows if row[0] == _FORMER]
    return Record(national_id, current, sorted(former, key=lambda one: one.from_seq))


def append(versions: Versions, since: int, document: Practitioner) -> None:
    """Add a version; one that starts where the former ended leaves no absence between them."""
    if versions and versions[-1] == (since, None):
        versions.pop()
    versions.append((since, document))


def _first(versions: Sequence[Former]) -> int:
    """Where the unbroken run of versions that leads to the last one begins."""
    first = versions[-1].from_seq
    for one in reversed(versions[:-1]):
        if one.until_seq != first:
            break
        first = one.from_seq
    return first
