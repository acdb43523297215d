"""The answers of this facade, whatever carries them: a resource by its identifier, a search, a page of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from rpps_sync.directory import selection
from rpps_sync.directory.selection import Wanted
from rpps_sync.directory.served import Served
from rpps_sync.fhir import queries
from rpps_sync.fhir.bundles import bundle
from rpps_sync.fhir.codings import Codings
from rpps_sync.fhir.elements import Json
from rpps_sync.fhir.inclusion import included
from rpps_sync.fhir.naming import PRACTITIONER, ROLE, read_id
from rpps_sync.fhir.outcomes import SERVED, FhirError, unknown_id, unknown_type
from rpps_sync.fhir.pages import After, Reading, page
from rpps_sync.fhir.queries import PageToken, Query


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers one request."""

    connection: Connection
    served: Served
    base: str  # our own address as the client knows it, without a slash at its end
    departed: bool  # whether the client may see who left

    def read(self, kind: str, technical_id: str) -> Json:
        """One resource.

        Raises:
            FhirError: the type is not served, or nothing bears this identifier.
        """
        if kind not in SERVED:
            raise unknown_type(kind)
        told = read_id(kind, technical_id)
        found = self._found(kind, technical_id, told) if told else []
        if not found:
            raise unknown_id(technical_id)
        return found[0]

    def search(self, kind: str, pairs: Iterable[tuple[str, str]]) -> Json:
        """The first page of a search.

        Raises:
            FhirError: the search means nothing here.
        """
        return self._page(queries.read(kind, pairs), None, None)

    def page(self, token: str) -> Json:
        """A later page of a search.

        Raises:
            FhirError: the token is none of ours, or of a publication that was replaced.
        """
        told = queries.unpack(token)
        if told.edition != self.served.edition:
            raise FhirError(
                410,
                "deleted",
                "A newer publication replaced the one that this page belongs to: search again from the first page",
            )
        return self._page(queries.read(told.type, told.pairs), told.after, told)

    def _page(self, query: Query, after: After | None, token: PageToken | None) -> Json:
        reading = self._reading(display=query.display)
        found = page(reading, query, after)
        beside = included(reading, query, found.resources) if found.resources else []
        return bundle(query, found, beside, base=self.base, edition=self.served.edition, token=token)

    def _found(self, kind: str, technical_id: str, told: dict[str, str]) -> list[Json]:
        reading = self._reading(display=True)
        if "key" in told:
            return reading.organizations([told["key"]])
        wanted = Wanted(only=frozenset({told["who"]}), departed=self.departed and kind == PRACTITIONER)
        hits = selection.page(self.connection, wanted, None, 1)
        if kind == ROLE:
            return [role for theirs in reading.roles(hits) for role in theirs if role["id"] == technical_id]
        return reading.practitioners(hits)

    def _reading(self, *, display: bool) -> Reading:
        codings = Codings(self.served.labels, display)
        return Reading(self.connection, self.served, codings, self.base, self.departed)
