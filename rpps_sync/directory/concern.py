"""Whom changes concern: the people of some professions and places, before a change or after it.

Who keeps a copy of the nurses of one department has to hear of a nurse who comes, of one who moves away, and of
one who leaves. A change therefore concerns a place when the practitioner was there before the publication or is
there after it. Places and professions mean what they mean in a search (``rpps_sync.directory.search.filters``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, islice
from typing import Any

import numpy as np
from sqlalchemy import Connection, and_, or_, select

from rpps_sync.departments import department_of
from rpps_sync.directory import bulk, contents, documents
from rpps_sync.directory.arrivals import Entry
from rpps_sync.directory.contents import Moment
from rpps_sync.directory.search.filters import Filters, Group, groups_of, people_of
from rpps_sync.directory.search.people import Census, among
from rpps_sync.directory.search.spelling import normal
from rpps_sync.directory.search.terms import COMMUNE, DEPARTMENT, POSTAL_CODE, PROFESSION, SKILL, TOWN
from rpps_sync.directory.tables import FORMER_VERSIONS, PRACTITIONERS
from rpps_sync.identifiers import RPPS_NATIONAL_ID

DEPARTED = "departed"
AT_A_TIME = 2_000  # changes judged together


@dataclass(frozen=True, slots=True)
class Concern:
    """What a practitioner is found by: one term of each group at least; no group means everybody."""

    groups: tuple[Group, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is asked."""
        return bool(self.groups)

    def meets(self, document: Mapping[str, Any]) -> bool:
        """Whether a document (see :func:`rpps_sync.directory.documents.to_plain`) is of such a practitioner."""
        terms = frozenset(terms_of(document))
        return all(group.holds(terms) for group in self.groups)


EVERYBODY = Concern()


def concern_of(connection: Connection, filters: Filters) -> Concern:
    """What filters mean, in the words of the directory as it is now.

    Raises:
        UsageError: a value means nothing; the mend suggests others.
    """
    return Concern(tuple(groups_of(connection, filters)))


def concerned(
    connection: Connection, entries: Iterable[Entry], concern: Concern, *, hide_departed: bool
) -> Iterator[Entry]:
    """The changes that concern somebody, in their order.

    Args:
        connection: reading.
        entries: of the feed.
        concern: whom they have to be about.
        hide_departed: of people who left, let their departures pass and nothing else, wherever they were.
    """
    rest = iter(entries)
    everybody = None
    while some := list(islice(rest, AT_A_TIME)):
        everybody = everybody or _Now(connection, concern)
        moments = {entry.moment for entry in some}
        met = everybody.among(sorted({name for name, _ in moments}))
        others = sorted({name for name, _ in moments - met})  # at some moment, somebody else than now
        met |= set(_formerly(connection, others, moments, concern))
        hidden = set(others) - contents.present(connection, others) if hide_departed else set()
        for entry in some:
            if entry.kind == DEPARTED if entry.national_id in hidden else entry.moment in met:
                yield entry


class _Now:
    """Who meets a concern in the publication being served, as the postings tell it."""

    def __init__(self, connection: Connection, concern: Concern) -> None:
        census = Census(connection)
        people = people_of(census, concern.groups)
        self._connection = connection
        self._usual = people[people >= 0]
        self._others = frozenset(census.national_ids(people[people < 0]))

    def among(self, names: Sequence[str]) -> set[Moment]:
        """Those of some people, each with the publication that made their document what it is."""
        key = PRACTITIONERS.c.national_id
        statement = select(key, PRACTITIONERS.c.last_changed)
        return {
            (name, seq)
            for some in bulk.batches([*self._met(names)])
            for name, seq in self._connection.execute(statement.where(key.in_(some)))
        }

    def _met(self, names: Sequence[str]) -> Iterator[str]:
        yield from (name for name in names if name in self._others)
        usual = sorted(name for name in names if RPPS_NATIONAL_ID.fullmatch(name))
        numbers = np.array([int(name) for name in usual], np.int64)
        yield from compress(usual, among(numbers, self._usual))


def _formerly(
    connection: Connection, names: Sequence[str], moments: set[Moment], concern: Concern
) -> Iterator[Moment]:
    """The publications that brought or ended a former document of such a practitioner."""
    former = FORMER_VERSIONS.c
    seqs = sorted({seq for _, seq in moments})
    touched = or_(former.from_seq.between(seqs[0], seqs[-1]), former.until_seq.between(seqs[0], seqs[-1]))
    for some in bulk.batches(names):
        for row in connection.execute(select(FORMER_VERSIONS).where(and_(former.national_id.in_(some), touched))):
            both = {(row.national_id, row.from_seq), (row.national_id, row.until_seq)} & moments
            if both and concern.meets(documents.plain_of(row.document)):
                yield from both


def terms_of(document: Mapping[str, Any]) -> Iterator[str]:
    """What a document is found by besides names: the terms that ``rpps_sync.directory.search.terms`` gives it."""
    for exercise in document.get("exercises", ()):
        yield f"{PROFESSION}:{exercise.get('profession', '')}"
        yield from (f"{SKILL}:{skill.get('code', '')}" for skill in exercise.get("skills", ()))
        for activity in exercise.get("activities", ()):
            yield from _of_place(activity.get("structure", {}))


def _of_place(place: Mapping[str, str]) -> Iterator[str]:
    commune, postal_code = place.get("commune", ""), place.get("postal_code", "")
    yield f"{DEPARTMENT}:{department_of(commune, postal_code, place.get('department', ''))}"
    yield f"{COMMUNE}:{commune}"
    yield f"{POSTAL_CODE}:{postal_code}"
    yield f"{TOWN}:{_normal(place.get('commune_label', ''))}"


@lru_cache(maxsize=50_000)  # the names of all communes
def _normal(label: str) -> str:
    return normal(label)
