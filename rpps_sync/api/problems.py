"""Every error as a problem document (RFC 9457): what happened, which field, and the mend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from starlette.exceptions import HTTPException

from rpps_sync.api.rendering import to_json
from rpps_sync.errors import (
    DirectoryError,
    LockHeld,
    NotFound,
    PublisherUnreachable,
    RppsSyncError,
    StorageError,
    TokenRefused,
    UsageError,
)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5  # what a client is told to wait when the database is busy
_MEND = "see /openapi.json for what is expected"
_log = structlog.get_logger()

_STATUSES: Mapping[type[RppsSyncError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    UsageError: HTTPStatus.UNPROCESSABLE_ENTITY,
    TokenRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    LockHeld: HTTPStatus.SERVICE_UNAVAILABLE,
    DirectoryError: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageError: HTTPStatus.SERVICE_UNAVAILABLE,
    PublisherUnreachable: HTTPStatus.SERVICE_UNAVAILABLE,
}


class Wrong(BaseModel):
    """One field that is wrong, and what would be right."""

    field: str = Field(description="Where it is: `query.limit`, `body.identifiers.3`. / Où cela se trouve.")
    detail: str = Field(description="What is wrong with it. / Ce qui ne va pas.")


class ProblemDocument(BaseModel):
    """A problem as RFC 9457 describes it. / Une erreur, au format RFC 9457."""

    type: str = Field(description="A stable name for machines.", examples=["urn:rpps-sync:problem:bad-key"])
    title: str = Field(description="The meaning of the status.", examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(
        description="What happened. / Ce qui s’est passé.", examples=["the key of this RPPS number is wrong"]
    )
    mend: str = Field(
        description="What to do. / Que faire.", examples=["check the number against the card or the token"]
    )
    reason: str = Field(description="The last word of `type`.", examples=["bad-key"])
    errors: list[Wrong] = Field(default_factory=list, description="The fields concerned. / Les champs concernés.")


class Problem(Exception):
    """An answer that is a problem, raised by a route."""

    def __init__(
        self,
        status: int,
        reason: str,
        detail: str,
        *,
        mend: str = "",
        field: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.reason, self.detail, self.mend, self.field = status, reason, detail, mend, field
        self.headers = headers


@contextmanager
def naming(field: str, *, mends: Mapping[str, str] | None = None) -> Iterator[None]:
    """Say which field is at fault when what the block calls refuses a value.

    Args:
        field: where the value came from: ``query.profession``.
        mends: what to do instead of what a person at the command line would, by reason.
    """
    try:
        yield
    except UsageError as error:
        mend = (mends or {}).get(error.reason, error.mend)
        raise Problem(422, error.reason or "unusable", error.what, mend=mend, field=field) from error


def response(
    status: int,
    reason: str,
    detail: str,
    *,
    mend: str = "",
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document as an answer."""
    body = {
        "type": f"urn:rpps-sync:problem:{reason}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "mend": mend,
        "reason": reason,
        "errors": list(errors),
    }
    return Response(to_json(body), status, {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The entries of the OpenAPI document for the problems a route may answer."""
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def install(app: FastAPI, schemes: Mapping[str, Mapping[str, str]]) -> None:
    """Answer with a problem wherever something goes wrong; describe problems and keys in the OpenAPI document."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        document = plain()
        told = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        components = document.setdefault("components", {})
        components["securitySchemes"] = {name: dict(scheme) for name, scheme in schemes.items()}
        schemas = components.setdefault("schemas", {})
        schemas |= told.pop("$defs", {}) | {"ProblemDocument": told}
        return document

    app.openapi = described  # type: ignore[method-assign] # the way that FastAPI documents
    app.add_exception_handler(Problem, _told)
    app.add_exception_handler(RppsSyncError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(NoFreeConnection, _crowded)
    app.add_exception_handler(Exception, _unforeseen)


async def _told(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    errors = [{"field": error.field, "detail": error.detail}] if error.field else []
    return response(
        error.status, error.reason, error.detail, mend=error.mend, errors=errors, headers=error.headers
    )


async def _known(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RppsSyncError)
    status = next((code for kind, code in _STATUSES.items() if isinstance(error, kind)), HTTPStatus(500))
    if status < 500:
        reason = error.reason or ("not-found" if status == HTTPStatus.NOT_FOUND else "unusable")
        return response(status, reason, error.what, mend=error.mend)
    # What a database or a disk complains of names addresses and paths: that is for our log, not for clients.
    _log.error("request failed", reason=error.reason or type(error).__name__, what=error.what, mend=error.mend)
    return _try_later("the directory cannot be read or written at the moment")


async def _crowded(_request: Request, _error: Exception) -> Response:
    return _try_later("every connection to the directory is taken")


def _try_later(detail: str) -> Response:
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return response(503, "unavailable", detail, mend="try again in a few seconds", headers=headers)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"field": ".".join(str(part) for part in item["loc"]), "detail": item["msg"]} for item in error.errors()
    ]
    detail = "; ".join(f"{item['field']}: {item['detail']}" for item in errors[:3])
    return response(422, "invalid", detail, mend=_MEND, errors=errors)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, Problem):  # of a body too large or too slow, met while the framework read it
        return await _told(request, error.__cause__)
    status = HTTPStatus(error.status_code)
    if status == HTTPStatus.BAD_REQUEST:  # the framework's word for a body that is no text
        unreadable = Problem(422, "unusable", "the body cannot be read", mend=_MEND, field="body")
        return await _told(request, unreadable)
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    mends = {404: "the routes are listed in /openapi.json", 405: "the Allow header has the methods of this route"}
    return response(
        status,
        status.phrase.lower().replace(" ", "-"),
        str(error.detail),
        mend=mends.get(status, "see docs/api.md"),
        headers=headers,
    )


def _methods(request: Request) -> list[str]:
    """Every method of a path: each route by itself would tell its own alone."""
    path, told = request.scope["path"], request.app.openapi()["paths"]
    here = [
        methods for template, methods in told.items() if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
    ]
    return sorted({method.upper() for methods in here for method in methods})


async def _unforeseen(request: Request, error: Exception) -> Response:
    _log.error(
        "this should not have happened", error=type(error).__name__, route=request.scope.get("path_template")
    )
    return response(500, "unexpected", "this should not have happened", mend="the log of the server says more")
