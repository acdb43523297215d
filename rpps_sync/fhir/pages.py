"""The resources of one page of a search, and where the next one begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from rpps_sync.clock import iso
from rpps_sync.directory import documents, organization_selection, organizations, selection
from rpps_sync.directory.selection import Hit, Place, Wanted
from rpps_sync.directory.served import Served
from rpps_sync.fhir import people, places, situations
from rpps_sync.fhir.codings import Codings
from rpps_sync.fhir.elements import Json, Stamp
from rpps_sync.fhir.naming import ORGANIZATION, PRACTITIONER, ROLE
from rpps_sync.fhir.organizations import organization
from rpps_sync.fhir.outcomes import FhirError
from rpps_sync.fhir.practitioners import departed, practitioner
from rpps_sync.fhir.queries import Query, Total
from rpps_sync.fhir.roles import roles
from rpps_sync.fhir.values import moment
from rpps_sync.practitioner import Practitioner

After = tuple[int | str, ...]
START = Place(0, "")  # before everybody, whatever the order
_MOST_PEOPLE = 200  # read together while looking for situations


@dataclass(frozen=True, slots=True)
class Page:
    """Some resources of a search."""

    resources: list[Json]
    after: After | None  # where the next page begins; None: this is the last one
    total: int | None = None  # of all pages; None: it was not counted


@dataclass(frozen=True, slots=True)
class Reading:
    """One request on its way through the directory: one state of it, one way of writing codes."""

    connection: Connection
    served: Served
    codings: Codings
    base: str  # our own address as the client knows it, without a slash at its end
    departed: bool  # whether the client may see who left

    def stamp(self, seq: int) -> Stamp:
        """The version of what publication ``seq`` changed last."""
        return Stamp(seq, iso(self.served.publication(seq).published_at))

    def seqs(self, query: Query) -> frozenset[int] | None:
        """The publications that ``_lastUpdated`` means; None when nothing is asked."""
        asked = query.of("_lastUpdated")
        if not asked:
            return None
        groups = [[moment(one.name, value) for value in one.values] for one in asked]
        return frozenset(
            one.seq
            for one in self.served.publications
            if all(any(told.holds(one.published_at) for told in group) for group in groups)
        )

    def practitioners(self, hits: Sequence[Hit]) -> list[Json]:
        """The resources of some people."""
        known = self.documents(hits)
        return [
            practitioner(known[hit.national_id], self.stamp(hit.changed), self.codings)
            if hit.present
            else departed(hit.national_id, self.stamp(hit.changed))
            for hit in hits
        ]

    def roles(self, hits: Sequence[Hit]) -> list[list[Json]]:
        """The situations of some people."""
        known = self.documents(hits)
        return [roles(known[hit.national_id], self.stamp(hit.changed), self.codings) for hit in hits]

    def organizations(self, keys: Sequence[str]) -> list[Json]:
        """The resources of those of some organisations that the directory knows."""
        known = organizations.load(self.connection, keys)
        return [
            organization(known[key], self.stamp(known[key].changed), self.codings) for key in keys if key in known
        ]

    def documents(self, hits: Sequence[Hit]) -> dict[str, Practitioner]:
        """What the directory says of those who are in it."""
        return documents.load(self.connection, [hit.national_id for hit in hits if hit.present])


def page(reading: Reading, query: Query, after: After | None) -> Page:
    """One page of a search.

    Args:
        reading: the request.
        query: what is asked.
        after: where the former page ended; None for the first.

    Raises:
        FhirError: a value means nothing, or ``after`` is not one of ours.
    """
    maker = {PRACTITIONER: _practitioners, ROLE: _roles, ORGANIZATION: _organizations}[query.type]
    return maker(reading, query, after)


def _practitioners(reading: Reading, query: Query, after: After | None) -> Page:
    everybody = Wanted(seqs=reading.seqs(query), departed=reading.departed)
    wanted = people.practitioners(reading.connection, query, everybody)
    hits = selection.page(reading.connection, wanted, _place(after), query.count + 1)
    shown, rest = hits[: query.count], hits[query.count :]
    ends = shown[-1].place if shown and rest else None
    counted = _to_be_counted(query, after, ends)
    total = selection.count(reading.connection, wanted) if counted else None
    return Page(reading.practitioners(shown), ends, total)


def _organizations(reading: Reading, query: Query, after: After | None) -> Page:
    wanted = places.wanted(query, reading.seqs(query), reading.base)
    keys = organization_selection.page(
        reading.connection, wanted, "" if after is None else _text(after, 0), query.count + 1
    )
    shown, rest = keys[: query.count], keys[query.count :]
    ends = (shown[-1],) if shown and rest else None
    counted = _to_be_counted(query, after, ends)
    total = organization_selection.count(reading.connection, wanted) if counted else None
    return Page(reading.organizations(shown), ends, total)


def _roles(reading: Reading, query: Query, after: After | None) -> Page:
    """Situations come with their owners, some people at a time; one owner's may fall on two pages."""
    everybody = Wanted(seqs=reading.seqs(query))
    wanted, tests = situations.situations(reading.connection, query, everybody, reading.base)
    last = "" if after is None else _text(after, 2)
    found: list[Json] = []
    before = START
    for role, former in _situations(reading, wanted, _place(after) or START, query.count):
        if role["id"] <= last and role["id"][:-16] == last[:-16]:
            continue
        if all(fits(role) for fits in tests):
            if len(found) == query.count:
                ends = (*before, found[-1]["id"]) if found else None
                return Page(found, ends)
            found.append(role)
            before = former
    return Page(found, None, len(found) if after is None and query.total is not Total.NONE else None)


def _situations(reading: Reading, wanted: Wanted, place: Place, count: int) -> Iterator[tuple[Json, Place]]:
    """Situations with the place after which their owner comes."""
    size = min(count + 1, _MOST_PEOPLE)
    while hits := selection.page(reading.connection, wanted, place, size):
        for hit, theirs in zip(hits, reading.roles(hits), strict=True):
            yield from ((role, place) for role in theirs)
            place = hit.place
        if len(hits) < size:
            return


def _to_be_counted(query: Query, after: After | None, ends: After | None) -> bool:
    """When it is asked, when no page is, and when it costs nothing: all is on one page, or all is wanted."""
    if query.total is Total.NONE:
        return False
    if query.total is not None or query.count == 0:
        return True
    everybody = query.type == PRACTITIONER and not query.criteria
    return after is None and (ends is None or everybody)


def _place(after: After | None) -> Place | None:
    if after is None:
        return None
    if len(after) < 2 or not isinstance(after[0], int):
        raise _foreign()
    return Place(after[0], _text(after, 1))


def _text(after: After, place: int) -> str:
    if len(after) <= place or not isinstance(after[place], str):
        raise _foreign()
    return str(after[place])


def _foreign() -> FhirError:
    return FhirError(400, "invalid", "The page is not one that this server gave out")
