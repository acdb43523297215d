"""The routes under ``/fhir/v2``, as clients of the national API call them.

Whoever mounts them says how a request is let in: who asks, on which state of the directory, with which headers. So
keys, limits and publications are those of the application, and this room knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from sqlalchemy import Connection

from rpps_sync.directory.labels import Wordings
from rpps_sync.fhir import capability
from rpps_sync.fhir.answers import Desk
from rpps_sync.fhir.elements import Json
from rpps_sync.fhir.naming import PRACTITIONER, read_id
from rpps_sync.fhir.outcomes import FhirError, outcome, unknown_type

PREFIX = "/fhir/v2"
MEDIA_TYPE = "application/fhir+json;charset=UTF-8"
FORM = "application/x-www-form-urlencoded"
FORM_BYTES = 64 * 1024
_READ_ONLY = FhirError(403, "forbidden", "This server is read-only: GET, and POST of a form to {type}/_search")


@dataclass(frozen=True, slots=True)
class Entry:
    """A request that was let in."""

    connection: Connection  # on one state of the directory
    names: Wordings  # labels of the publication being served
    published_at: str
    edition: str  # changes whenever answers may
    departed: bool  # whether the caller may see who left
    headers: Mapping[str, str]  # of every answer about the directory
    unchanged: bool  # the caller has the answer already
    concerns: Callable[[str], None]  # told whom the answer is about, when it is about one person


LetIn = Callable[[Request], AbstractContextManager[Entry]]
Refusal = Callable[[Exception], FhirError]


def router(  # noqa: C901 - one function a route, each of a line or two
    let_in: LetIn, refusal: Refusal, *, dependencies: Sequence[Any], extra: dict[str, Any]
) -> APIRouter:
    """The routes of the facade.

    Args:
        let_in: opens the directory for a request.
        refusal: what is answered when something else than this facade refuses or fails.
        dependencies: of every route: who may call it.
        extra: what the OpenAPI document says besides.
    """
    routes = APIRouter(
        prefix=PREFIX,
        route_class=_route_class(refusal),
        tags=["FHIR"],
        dependencies=dependencies,
        responses=_RESPONSES,
        default_response_class=Response,
    )
    told: dict[str, Any] = {"response_class": Response, "openapi_extra": extra}

    def answered(request: Request, make: Callable[[Desk], Json]) -> Response:
        with let_in(request) as entry:
            if entry.unchanged and request.method == "GET":
                return Response(status_code=304, headers=dict(entry.headers))
            found = make(Desk(entry.connection, entry.names, entry.edition, base_of(request), entry.departed))
            if subject := _subject(found):
                entry.concerns(subject)
            return answer(200, found, entry.headers)

    @routes.get("/metadata", summary="What this server can do / Ce que sait faire ce serveur", **told)
    def metadata(request: Request) -> Response:
        with let_in(request) as entry:
            return answer(200, capability.statement(base_of(request), entry.published_at), entry.headers)

    @routes.get("/_page", summary="A later page of a search, by its link / Page suivante, par son lien", **told)
    def page(request: Request, id: str = "") -> Response:  # noqa: A002 - as the national API calls it
        return answered(request, lambda desk: desk.page(id))

    @routes.get("/{kind}", summary="Search resources of a type / Rechercher des ressources", **told)
    def search(request: Request, kind: str) -> Response:
        return answered(request, lambda desk: desk.search(kind, request.query_params.multi_items()))

    @routes.post("/{kind}/_search", summary="The same, with a form / Idem, par un formulaire", **told)
    async def search_by_form(request: Request, kind: str) -> Response:
        asked = [*request.query_params.multi_items(), *await _form(request)]
        return await run_in_threadpool(answered, request, lambda desk: desk.search(kind, asked))

    @routes.get("/{kind}/{technical_id}", summary="One resource / Une ressource", **told)
    def read(request: Request, kind: str, technical_id: str) -> Response:
        return answered(request, lambda desk: desk.read(kind, technical_id))

    @routes.get("/{path:path}", include_in_schema=False)
    def nothing(path: str) -> Response:
        raise unknown_type(path)

    @routes.api_route("/{path:path}", methods=["POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    def refused(path: str) -> Response:  # noqa: ARG001 - any path is refused alike
        raise _READ_ONLY

    return routes


def answer(status: int, told: Json, headers: Mapping[str, str] | None = None) -> Response:
    """A resource as a response."""
    return Response(orjson.dumps(told), status, dict(headers or {}), MEDIA_TYPE)


def _route_class(refusal: Refusal) -> type[APIRoute]:
    """Routes whose errors are operation outcomes, also those of the application around them."""

    class Route(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def told(request: Request) -> Response:
                try:
                    return await handle(request)
                except Exception as failure:  # noqa: BLE001 - refusal() logs what nobody foresaw
                    error = failure if isinstance(failure, FhirError) else refusal(failure)
                return answer(error.status, outcome(error.code, error.what), error.headers)

            return told

    return Route


def base_of(request: Request) -> str:
    """Our own address as the client knows it: the links of a bundle are under it."""
    return f"{str(request.base_url).rstrip('/')}{PREFIX}"


def _subject(found: Json) -> str:
    """Whom an answer is about, when it is about one practitioner."""
    entries = found.get("entry", ())
    one = entries[0]["resource"] if len(entries) == 1 else found
    told = read_id(PRACTITIONER, one["id"]) if one["resourceType"] == PRACTITIONER else None
    return told["who"] if told else ""


async def _form(request: Request) -> list[tuple[str, str]]:
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
)
