"""The routes under ``/fhir/v2``, as clients of the national API call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from rpps_sync.api.access import Look, Reading, Visit, opens
from rpps_sync.api.answers import dated, holds
from rpps_sync.api.problems import documented
from rpps_sync.clock import iso
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.fhir import capability
from rpps_sync.fhir.answers import Desk
from rpps_sync.fhir.elements import Json
from rpps_sync.fhir.failures import MEDIA_TYPE, OutcomeRoute
from rpps_sync.fhir.naming import PRACTITIONER, read_id
from rpps_sync.fhir.outcomes import FhirError, outcome, unknown_type

PREFIX = "/fhir/v2"
FORM = "application/x-www-form-urlencoded"
FORM_BYTES = 4096  # as much as a query string
_READ_ONLY = FhirError(403, "forbidden", "This server is read-only: GET, and POST of a form to {type}/_search")
_OPENS = opens(KeyScope.READ)


def _documented(*statuses: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of the answers; every error is an OperationOutcome."""
    example = outcome("exception", "Parameter foo not found for resource Practitioner")
    told: dict[int | str, dict[str, Any]] = {
        200: {"description": "A resource or a bundle (FHIR R4)", "content": {"application/fhir+json": {}}},
        304: {"description": "The caller has the answer of this publication already"},
    }
    return told | {
        status: {
            "description": f"OperationOutcome: {why}",
            "content": {"application/fhir+json": {"example": example}},
        }
        for status, why in statuses
    }


_RESPONSES = _documented(
    (400, "the search means nothing here"),
    (401, "no key, or one that is not known"),
    (403, "the key does not open this, or something was to be written"),
    (404, "nothing bears this identifier, or the type is not served"),
    (410, "a newer publication replaced the one of this page"),
    (413, "the form is too long"),
    (429, "too many requests; see Retry-After"),
    (500, "this should not have happened"),
    (503, "the directory cannot be read at the moment"),
) | documented(414, 422)  # a query that is too long or holds a NUL character is refused before any facade
_TOLD: dict[str, Any] = {"response_class": Response, "openapi_extra": _OPENS["openapi_extra"]}
_ASKED = {  # the parameters that most searches use; all of them are in /metadata
    "identifier": "`code` or `system|code`. / Identifiant.",
    "name": "The beginning of a name; `name:contains`, `name:exact`. / Début d’un nom.",
    "_lastUpdated": "`ge2026-11-20`, twice for a range. / Date de mise à jour.",
    "_count": "Resources a page, 50 when not said. / Ressources par page.",
}


def _taking(extra: dict[str, Any]) -> dict[str, Any]:
    """A route that takes parameters which FastAPI does not read."""
    return _TOLD | {"openapi_extra": _OPENS["openapi_extra"] | extra}


_BY_QUERY = _taking(
    {
        "parameters": [
            {"name": name, "in": "query", "required": False, "description": told, "schema": {"type": "string"}}
            for name, told in _ASKED.items()
        ]
    }
)
_BY_FORM = _taking(
    {
        "requestBody": {
            "content": {FORM: {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}}
        }
    }
)

router = APIRouter(
    prefix=PREFIX,
    route_class=OutcomeRoute,
    tags=["FHIR"],
    dependencies=_OPENS["dependencies"],
    responses=_RESPONSES,
)


@router.get("/metadata", summary="What this server can do / Ce que sait faire ce serveur", **_TOLD)
def metadata(visit: Reading) -> Response:
    """The capability statement: types, parameters, inclusions. / L’énoncé de capacité."""
    return _answered(visit, lambda desk, look: capability.statement(desk.base, iso(look.served.published_at)))


@router.get("/_page", summary="A later page of a search / Page suivante d’une recherche", **_TOLD)
def page(visit: Reading, id: str = "") -> Response:  # noqa: A002 - as the national API calls it
    """By the link `next` of the page before; 410 once a newer publication is served. / Par le lien `next`."""
    return _answered(visit, lambda desk, _: desk.page(id))


@router.get(
    "/{kind}/_search", summary="The same search, by its other address / Idem, à son autre adresse", **_BY_QUERY
)
@router.get("/{kind}", summary="Search resources of a type / Rechercher des ressources d’un type", **_BY_QUERY)
def search(visit: Reading, kind: str) -> Response:
    """Practitioner, PractitionerRole or Organization; parameters in `metadata` and docs/fhir.md.

    *Practitioner, PractitionerRole ou Organization ; les paramètres sont dans `metadata` et docs/fhir.md.*
    """
    asked = visit.request.query_params.multi_items()
    return _answered(visit, lambda desk, _: desk.search(kind, asked))


@router.post("/{kind}/_search", summary="The same search, by a form / Idem, par un formulaire", **_BY_FORM)
async def search_by_form(visit: Reading, kind: str) -> Response:
    """The parameters as `application/x-www-form-urlencoded`. / Les paramètres dans un formulaire."""
    asked = [*visit.request.query_params.multi_items(), *await _form(visit.request)]
    return await run_in_threadpool(_answered, visit, lambda desk, _: desk.search(kind, asked))


@router.get("/{kind}/{technical_id}", summary="One resource / Une ressource", **_TOLD)
async def read(visit: Reading, kind: str, technical_id: str) -> Response:
    """By its technical identifier, which is local (docs/fhir.md). / Par son identifiant technique, local."""
    return await visit.briefly(lambda: _answered(visit, lambda desk, _: desk.read(kind, technical_id)))


@router.get("/{path:path}", include_in_schema=False)
def nothing(path: str) -> Response:
    """What no route answers is a type that is not served."""
    raise unknown_type(path)


@router.api_route("/{path:path}", methods=["POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
def refused(path: str) -> Response:  # noqa: ARG001 - any path is refused alike
    """Nothing can be written."""
    raise _READ_ONLY


def _answered(visit: Visit, make: Callable[[Desk, Look], Json]) -> Response:
    """A resource, unless the caller has it already."""
    with visit.look() as look:
        headers = dated(look.served)
        if visit.request.method == "GET" and holds(visit, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        told = make(_desk(visit, look), look)
    if subject := _subject(told):
        visit.concerns(subject)
    return Response(orjson.dumps(told), headers=headers, media_type=MEDIA_TYPE)


def _desk(visit: Visit, look: Look) -> Desk:
    return Desk(
        connection=look.connection,
        served=look.served,
        base=f"{str(visit.request.base_url).rstrip('/')}{PREFIX}",
        departed=visit.caller.may(KeyScope.AUDIT),
    )


def _subject(told: Json) -> str:
    """Whom an answer is about, when it is about one practitioner."""
    entries = told.get("entry", ())
    one = entries[0]["resource"] if len(entries) == 1 else told
    found = read_id(PRACTITIONER, one["id"]) if one["resourceType"] == PRACTITIONER else None
    return found["who"] if found else ""


async def _form(request: Request) -> list[tuple[str, str]]:
    """The parameters of a form.

    Raises:
        FhirError: the body is no form, or too long.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if not body:
        return []
    if kind != FORM:
        raise _READ_ONLY
    if len(body) > FORM_BYTES:
        raise FhirError(413, "too-long", f"The form has more than {FORM_BYTES} bytes")
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError as error:
        raise FhirError(400, "invalid", "The form cannot be read") from error
