"""A page as a client receives it: the bundle with its links, and resources cut down to some elements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from rpps_sync.fhir.elements import Json
from rpps_sync.fhir.naming import SUBSETTED
from rpps_sync.fhir.outcomes import FhirError
from rpps_sync.fhir.pages import Page
from rpps_sync.fhir.queries import PageToken, Query

LONGEST_LINK = 4_000  # characters of a token: a server takes no longer query
_ALWAYS = frozenset({"resourceType", "id", "meta", "identifier", "active"})  # whatever `_elements` says


def bundle(
    query: Query, page: Page, beside: Sequence[Json], *, base: str, edition: str, token: PageToken | None
) -> Json:
    """The answer to a search.

    Args:
        query: what was asked.
        page: what was found.
        beside: the resources included.
        base: our own address as the client knows it.
        edition: of the directory; the pages of a search keep to that of the first.
        token: of this page, when it is not the first.

    Raises:
        FhirError: the search is too long for a link to its next page.
    """
    own = f"{base}/_page?{urlencode({'id': token.pack()})}" if token else _address(base, query)
    links = [{"relation": "self", "url": own}]
    if page.after is not None:
        following = PageToken(query.type, query.pairs, edition, tuple(page.after)).pack()
        if len(following) > LONGEST_LINK:
            raise FhirError(400, "too-long", "This search is too long to be paged through: ask for fewer values")
        links.insert(0, {"relation": "next", "url": f"{base}/_page?{urlencode({'id': following})}"})
    told: Json = {
        "resourceType": "Bundle",
        "id": str(uuid5(NAMESPACE_URL, f"{edition} {own}")),
        "type": "searchset",
    }
    if page.total is not None:
        told["total"] = page.total
    entries = _entries(base, (*page.resources, *beside), query.elements)
    return told | ({"entry": entries} if entries else {}) | {"link": links}


def _address(base: str, query: Query) -> str:
    asked = urlencode(query.pairs)
    return f"{base}/{query.type}?{asked}" if asked else f"{base}/{query.type}"


def _entries(base: str, resources: Iterable[Json], elements: frozenset[str]) -> list[Json]:
    return [
        {
            "fullUrl": f"{base}/{one['resourceType']}/{one['id']}",
            "resource": subset(one, elements) if elements else one,
        }
        for one in resources
    ]


def subset(resource: Json, elements: frozenset[str]) -> Json:
    """A resource with some elements alone, marked as such."""
    kept = {name: value for name, value in resource.items() if name in _ALWAYS | elements}
    kept["meta"] = kept["meta"] | {"tag": [{"system": SUBSETTED, "code": "SUBSETTED"}]}
    return kept
