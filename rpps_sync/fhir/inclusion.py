"""What a page brings beside its own resources: those they refer to (``_include``), those that refer to them.

A reference of a page is either included whole or not at all; nothing is included twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rpps_sync.directory import organizations, selection
from rpps_sync.directory.conditions import at_places
from rpps_sync.directory.selection import Hit, Wanted
from rpps_sync.fhir.elements import Json
from rpps_sync.fhir.naming import ORGANIZATION, PRACTITIONER, ROLE, read_id
from rpps_sync.fhir.outcomes import FhirError
from rpps_sync.fhir.pages import START, Reading
from rpps_sync.fhir.queries import Query

MOST = 2_000  # people whose situations one page of organisations may bring along


def included(reading: Reading, query: Query, resources: Sequence[Json]) -> list[Json]:
    """The resources that a query wants beside those of a page.

    Raises:
        FhirError: too many people work at the organisations of the page.
    """
    found: list[Json] = []
    wanted = query.includes
    if query.type == ROLE and wanted & {"*", f"{ROLE}:practitioner"}:
        found += reading.practitioners(_hits(reading, _referred(resources, "practitioner", PRACTITIONER, "who")))
    if query.type == ROLE and wanted & {"*", f"{ROLE}:organization"}:
        found += reading.organizations(_referred(resources, "organization", ORGANIZATION, "key"))
    if f"{ROLE}:practitioner" in query.revincludes:
        names = [told["who"] for one in resources if (told := read_id(PRACTITIONER, one["id"]))]
        found += [role for theirs in reading.roles(_hits(reading, names)) for role in theirs]
    if f"{ROLE}:organization" in query.revincludes:
        found += _who_work_at(reading, [one["id"].removeprefix("001-") for one in resources])
    return found


def _referred(resources: Iterable[Json], element: str, kind: str, part: str) -> list[str]:
    references = {one[element]["reference"].rpartition("/")[2] for one in resources if element in one}
    return [told[part] for name in sorted(references) if (told := read_id(kind, name))]


def _hits(reading: Reading, national_ids: Sequence[str]) -> list[Hit]:
    """Those of some people who are in the directory."""
    wanted = Wanted(only=frozenset(national_ids))
    return selection.page(reading.connection, wanted, None, len(national_ids))


def _who_work_at(reading: Reading, keys: Sequence[str]) -> list[Json]:
    references = {f"{ORGANIZATION}/001-{key}" for key in keys}
    ids = organizations.places_of(reading.connection, keys)
    hits = selection.page(reading.connection, Wanted(where=(at_places(ids),)), START, MOST + 1)
    if len(hits) > MOST:
        raise FhirError(
            400,
            "too-costly",
            f"More than {MOST} people work at the organizations of this page: ask for fewer with _count, or for "
            "their roles page by page with PractitionerRole?organization=",
        )
    return [
        role
        for theirs in reading.roles(hits)
        for role in theirs
        if role.get("organization", {}).get("reference") in references
    ]
